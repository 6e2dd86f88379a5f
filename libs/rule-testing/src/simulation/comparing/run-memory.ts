import { formatInstant, type DeliveryDecision, type TraceEntry } from '#core';
import { traceSentence } from '../../explaining/trace-sentence.js';

/** Of a customer; a comparison asks for what happened a moment ago. */
const KEPT = 12;

interface Remembered {
  readonly trace: TraceEntry;
  /** Name of the event that the trace speaks of. */
  readonly event: string | null;
}

/** The latest that the runs of each customer did, or why they did not begin: to say why a message is missing. */
export class RunMemory {
  private readonly latest = new Map<string, Remembered[]>();
  private event: { readonly id: string; readonly name: string } | null = null;

  /** An event that is about to be applied. */
  heard(event: { readonly id: string; readonly name: string | null; readonly type?: string }): void {
    this.event = { id: event.id, name: event.name ?? `${event.type} call` };
  }

  note(customer: string, trace: TraceEntry): void {
    if (!TELLING.has(trace.kind)) return;
    let own = this.latest.get(customer);
    if (own === undefined) this.latest.set(customer, (own = []));
    if (own.length === KEPT) own.shift();
    const id = trace.kind === 'ended' ? trace.by : trace.kind === 'not_started' ? trace.event : null;
    own.push({ trace, event: id !== null && id === this.event?.id ? this.event.name : null });
  }

  /**
   * What happened here to the run that planned this message elsewhere; null: nothing, as far as is remembered.
   * @param now this has just happened elsewhere, so the latest refused start is most likely what to look at
   */
  about({ message: { plan } }: DeliveryDecision, now: boolean): string | null {
    const own = (this.latest.get(plan.customer) ?? []).filter(({ trace }) => trace.rule === plan.rule);
    const key = JSON.stringify(plan.key);
    const found =
      own.findLast(({ trace }) => 'occurrence' in trace && trace.occurrence === plan.occurrence) ??
      own.findLast(({ trace }) => trace.kind === 'not_started' && trace.event === plan.start.id) ??
      (now
        ? own.findLast(({ trace }) => trace.kind === 'not_started' && JSON.stringify(trace.key) === key)
        : undefined);
    if (found === undefined) return null;
    const { trace, event } = found;
    if (trace.kind === 'started') return 'its run had not come to send it';
    return `${traceSentence(trace, { whom: '', nameOf: () => event, instant: formatInstant })}, at ${formatInstant(trace.at)}`;
  }
}

const TELLING: ReadonlySet<TraceEntry['kind']> = new Set(['started', 'not_started', 'branch', 'ended']);
