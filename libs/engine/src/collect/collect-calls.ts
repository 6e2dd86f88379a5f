import {
  formatInstant,
  validateCall,
  validateItemCall,
  type CallType,
  type EventProblem,
  type ItemProperties,
} from '#core';
import { HEADER_HISTORICAL, type AppendRequest, type EventStream } from '../ports/event-stream.js';
import { eventTime, type Sending } from './event-time.js';

/** events.md, Ways in. Bytes of one event as JSON, events of one request. */
export const MAX_EVENT_BYTES = 32 * 1024;
export const MAX_BATCH_EVENTS = 2_500;

export interface CollectRequest extends Sending {
  /** One call, or the calls of a batch, as they came. */
  readonly calls: readonly unknown[];
  /** Implied by the path (`/v1/track`); null for batches, whose calls name theirs. */
  readonly type: CallType | null;
  /** `context` of the whole batch, for calls that have none. */
  readonly context: unknown;
  /** Events about things, which are of no customer. */
  readonly items: ItemProperties;
}

/** An event that can never be taken as it is. */
export interface RefusedCall extends EventProblem {
  /** Place in the batch, from 0. */
  readonly index: number;
  readonly messageId: string | null;
  readonly event: string | null;
}

export interface CollectOutcome {
  readonly accepted: number;
  readonly refused: readonly RefusedCall[];
}

const encoder = new TextEncoder();

/**
 * Checks the calls one by one, mends the clock skew of the client, and appends the good ones to the stream, keyed by
 * customer; those about things by the thing, so that their order is kept: the engine hands them to every partition. Resolves when the stream has acknowledged them; throws what the stream throws, and then nothing may be
 * answered 2xx (an event that is sent again is recognised by its messageId).
 */
export async function collectCalls(stream: EventStream, request: CollectRequest): Promise<CollectOutcome> {
  const accepted: AppendRequest[] = [];
  const refused: RefusedCall[] = [];
  const contextProblem = problemOfContext(request.context);
  request.calls.forEach((raw, index) => {
    const result = prepareCall(raw, request, contextProblem);
    if ('reason' in result) refused.push({ index, ...namesOf(raw), ...result });
    else accepted.push(result);
  });
  if (accepted.length > 0) await stream.append(accepted);
  return { accepted: accepted.length, refused };
}

function prepareCall(
  raw: unknown,
  request: CollectRequest,
  contextProblem: EventProblem | null,
): AppendRequest | EventProblem {
  if (!isObject(raw)) return { field: '', reason: 'an event is a JSON object' };
  const call: Record<string, unknown> = { ...raw };
  if (request.type !== null) call['type'] = request.type;
  if (call['context'] == null && request.context != null) {
    if (contextProblem !== null) return contextProblem;
    call['context'] = request.context;
  }
  delete call['writeKey'];
  const checked = checkCall(call, request.items);
  if (!checked.ok) return { field: checked.field, reason: checked.reason };
  const time = eventTime(call, request);
  if ('reason' in time) return time;
  const value = encode({ ...call, ...time, receivedAt: formatInstant(request.receivedAt) });
  // What is written above into an event that just fits does not count.
  const bytes = value.length > MAX_EVENT_BYTES ? encode(call).length : 0;
  if (bytes > MAX_EVENT_BYTES) return tooLarge('', bytes);
  const record = { key: checked.key, value };
  return request.historical ? { ...record, headers: { [HEADER_HISTORICAL]: 'true' } } : record;
}

/** What is about a thing is of no customer, whatever it says. */
function checkCall(
  call: object,
  items: ItemProperties,
): { readonly ok: true; readonly key: string } | ({ readonly ok: false } & EventProblem) {
  const ofThing = validateItemCall(call, items);
  if (ofThing !== null) return ofThing.ok ? { ok: true, key: ofThing.item } : ofThing;
  const checked = validateCall(call);
  return checked.ok ? { ok: true, key: checked.customer } : checked;
}

/** Judged once: it would be written out for every event that takes it over. */
function problemOfContext(context: unknown): EventProblem | null {
  if (context == null) return null;
  if (!isObject(context)) return { field: 'context', reason: 'must be an object' };
  const checked = validateCall({ type: 'page', anonymousId: 'anybody', context });
  if (!checked.ok) return { field: checked.field, reason: checked.reason };
  const bytes = encode(context).length;
  return bytes > MAX_EVENT_BYTES ? tooLarge('context', bytes) : null;
}

function tooLarge(field: string, bytes: number): EventProblem {
  return { field, reason: `is ${bytes} bytes long as JSON; ${MAX_EVENT_BYTES} are allowed` };
}

function encode(json: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(json));
}

/** By what the client knows its event; cut off where that is longer than it may be. */
function namesOf(raw: unknown): { readonly messageId: string | null; readonly event: string | null } {
  const textOf = (name: string): string | null => {
    const value = isObject(raw) ? raw[name] : null;
    return typeof value === 'string' ? value.slice(0, 255) : null;
  };
  return { messageId: textOf('messageId'), event: textOf('event') };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
