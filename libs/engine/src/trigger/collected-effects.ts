import type { Effects } from '#core';
import type { OutboxRecord, PartitionCommit } from '../ports/partition-store.js';
import { emittedRecord } from './emitted-record.js';

/** What the evaluations of one commit want to have written, each with its customer, in log order. */
export class CollectedEffects {
  readonly planned: { customerId: string; message: Effects['planned'][number] }[] = [];
  readonly cancelled: Effects['cancelled'][number][] = [];
  readonly consents: PartitionCommit['consents'][number][] = [];
  readonly traces: { customerId: string; trace: Effects['traces'][number] }[] = [];
  readonly outbox: OutboxRecord[] = [];
  /** Runs started, by rule: for metrics. */
  readonly started = new Map<string, number>();
  /** Runs that something has ended while they waited: for metrics. */
  cancelledWaits = 0;

  /** @param logTime where the stream stands, ms */
  constructor(private readonly logTime: () => number) {}

  /** Takes what one customer's evaluation has left, and leaves `effects` empty. */
  take(customerId: string, effects: Effects): void {
    const { planned, cancelled, consents, withdrawals, emitted, traces } = effects;
    for (const message of planned) this.planned.push({ customerId, message });
    for (const cancellation of cancelled) this.cancelled.push(cancellation);
    for (const change of consents) this.consents.push({ customerId, change });
    for (const change of withdrawals) this.consents.push({ customerId, change });
    for (const event of emitted) this.outbox.push(emittedRecord(event, this.logTime()));
    // Refusals and restarted waits are too many to keep: they are found again from history when somebody asks.
    for (const trace of traces)
      if (trace.kind !== 'not_started' && trace.kind !== 'wait_restarted') this.traces.push({ customerId, trace });
    for (const trace of traces) {
      if (trace.kind === 'ended' && trace.by !== null) this.cancelledWaits++;
      if (trace.kind === 'started') this.started.set(trace.rule, (this.started.get(trace.rule) ?? 0) + 1);
    }
    clearEffects(effects);
  }
}

export function clearEffects({ planned, cancelled, consents, withdrawals, emitted, traces }: Effects): void {
  planned.length = cancelled.length = consents.length = withdrawals.length = emitted.length = traces.length = 0;
}
