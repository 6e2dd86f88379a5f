import type { Carrier, DeliveryDecision, Json, JsonObject, Reason, TraceEntry } from '#core';
import type { TestRun } from '../run-test.js';
import type { Expectation, ExpectedKind } from '../test-file.js';

/** Something that `expect` may speak of: a message or call with its final decision, an event emitted, traits written. */
export interface Happening {
  readonly kind: ExpectedKind;
  readonly at: number;
  readonly customer: string;
  /** Of the template, the webhook or the event; of traits those written, joined. */
  readonly name: string;
  readonly channel: Carrier | null;
  readonly suppressed: Reason | null;
  /** `with`, body, properties or traits. */
  readonly values: JsonObject;
  readonly origin: { readonly rule: string; readonly step: string; readonly key: string | readonly string[] | null };
  /** Of messages and calls. */
  readonly decision: DeliveryDecision | null;
}

const WEBHOOK = 'webhook:';

/**
 * All that happened and must therefore be expected, by time. Messages and calls always; traits and emitted events as soon
 * as one of their kind is expected.
 */
export function happeningsOf(run: TestRun, expected: readonly Expectation[]): readonly Happening[] {
  const asked = new Set(expected.map(({ what }) => what.kind));
  const final = run.decisions.filter(({ verdict }) => verdict.kind !== 'defer').map(messageOf);
  const traced = run.traces.flatMap(({ customer, trace }) => {
    const happening = tracedOf(customer, trace);
    return happening !== null && asked.has(happening.kind) ? [happening] : [];
  });
  return [...final, ...traced].sort((a, b) => a.at - b.at);
}

function messageOf(decision: DeliveryDecision): Happening {
  const { at, verdict, message } = decision;
  const { plan } = message;
  return {
    kind: plan.webhook === null ? 'send' : 'webhook',
    at,
    customer: plan.customer,
    name: plan.webhook === null ? plan.template : plan.template.slice(WEBHOOK.length),
    channel: verdict.channel,
    suppressed: verdict.kind === 'send' ? null : verdict.reason,
    values: (plan.webhook === null ? plan.with : plan.webhook.body) ?? {},
    origin: plan,
    decision,
  };
}

function tracedOf(customer: string, trace: TraceEntry): Happening | null {
  const nothing = { channel: null, suppressed: null, decision: null } as const;
  switch (trace.kind) {
    case 'set': {
      const name = Object.keys(trace.traits).map(traitPath).join(', ');
      return { ...nothing, kind: 'set', at: trace.at, customer, name, values: trace.traits, origin: trace };
    }
    case 'emitted':
      return {
        ...nothing,
        kind: 'emit',
        at: trace.at,
        customer,
        name: trace.event,
        values: trace.properties,
        origin: trace,
      };
    default:
      return null;
  }
}

export function traitPath(name: string): string {
  return `customer.${name}`;
}

/** Names that are written are compared; a value that is missing is as good as null. Returns those that differ. */
export function differingNames(written: Expectation['with'], values: JsonObject): readonly string[] {
  return Object.entries(written ?? {})
    .filter(([name, value]) => !same(value, Object.hasOwn(values, name) ? values[name] : undefined))
    .map(([name]) => name);
}

function same(written: Json | undefined, value: Json | undefined): boolean {
  if (written === null || written === undefined) return value === null || value === undefined;
  if (typeof written !== 'object') return written === value;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(written) !== Array.isArray(value)) return false;
  const names = new Set([...Object.keys(written), ...Object.keys(value)]);
  const at = (json: object, name: string): Json | undefined =>
    Object.hasOwn(json, name) ? (json as { [name: string]: Json })[name] : undefined;
  return [...names].every((name) => same(at(written, name), at(value, name)));
}
