import type { Channel } from '../rules/model.js';
import { ContactFormatError, readColumn } from './contact-format-error.js';
import type { Carrier, DecisionInputs, DeliveryDecision, Reason } from './decision.js';

/** What the ledger keeps of a decision: everything but the address, which is personal, and the plan, which it has. */
export interface DecisionRecord {
  readonly at: number;
  readonly category: string;
  readonly priority: number;
  readonly template: string;
  readonly verdict:
    | { readonly kind: 'send'; readonly channel: Carrier }
    | { readonly kind: 'defer'; readonly channel: Channel | null; readonly reason: Reason; readonly until: number }
    | { readonly kind: 'suppress'; readonly channel: Carrier | null; readonly reason: Reason };
  readonly inputs: DecisionInputs;
}

const COLUMN = 'message.decision';
const VERSION = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function decisionRecord({ message, at, verdict, inputs }: DeliveryDecision): DecisionRecord {
  const { category, priority, template } = message.plan;
  return {
    at,
    category,
    priority,
    template,
    verdict: verdict.kind === 'send' ? { kind: 'send', channel: verdict.channel } : verdict,
    inputs,
  };
}

/** Version byte, then JSON: written once for each round, read by people; the hot path never reads it. */
export function encodeDecision(record: DecisionRecord): Uint8Array {
  const json = encoder.encode(JSON.stringify(record));
  const bytes = new Uint8Array(json.length + 1);
  bytes[0] = VERSION;
  bytes.set(json, 1);
  return bytes;
}

/** Throws `ContactFormatError`. */
export function decodeDecision(bytes: Uint8Array): DecisionRecord {
  if (bytes[0] !== VERSION) throw new ContactFormatError(COLUMN, 'unknown format version');
  return readColumn(COLUMN, () => JSON.parse(decoder.decode(bytes.subarray(1))) as DecisionRecord);
}
