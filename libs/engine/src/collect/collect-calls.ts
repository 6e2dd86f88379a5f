import { validateCall, type CallType } from '#core';
import type { AppendRequest, EventStream } from '../ports/event-stream.js';
import { HEADER_HISTORICAL } from '../ports/event-stream.js';

/** events.md, Ways in. Bytes of one event as JSON, events of one request. */
export const MAX_EVENT_BYTES = 32 * 1024;
export const MAX_BATCH_EVENTS = 2_500;
const MAX_DEPTH = 64;

export interface CollectRequest {
  /** One call, or the calls of a batch, as they came. */
  readonly calls: readonly unknown[];
  /** Implied by the path (`/v1/track`); null for batches, whose calls name theirs. */
  readonly type: CallType | null;
  /** When the client says it sent the request, where it does: ISO 8601. */
  readonly sentAt: unknown;
  /** `context` of the whole batch, for calls that have none. */
  readonly context: unknown;
  /** ms of the clock port. */
  readonly receivedAt: number;
  /** Imported history: fills profiles and counters and starts nothing. */
  readonly historical: boolean;
}

/** An event that can never be taken as it is. */
export interface RefusedCall {
  /** Place in the batch, from 0. */
  readonly index: number;
  readonly messageId: string | null;
  readonly event: string | null;
  readonly field: string;
  readonly reason: string;
}

export interface CollectOutcome {
  readonly accepted: number;
  readonly refused: readonly RefusedCall[];
}

/**
 * Checks the calls one by one, mends the clock skew of the client, and appends the good ones to the stream, keyed by
 * customer. Resolves when the stream has acknowledged them; throws what the stream throws, and then nothing may be
 * answered 2xx (an event that is sent again is recognised by its messageId).
 */
export async function collectCalls(stream: EventStream, request: CollectRequest): Promise<CollectOutcome> {
  const accepted: AppendRequest[] = [];
  const refused: RefusedCall[] = [];
  request.calls.forEach((raw, index) => {
    const result = prepareCall(raw, request);
    if ('field' in result)
      refused.push({ index, messageId: textOf(raw, 'messageId'), event: textOf(raw, 'event'), ...result });
    else accepted.push(result);
  });
  if (accepted.length > 0) await stream.append(accepted);
  return { accepted: accepted.length, refused };
}

function prepareCall(
  raw: unknown,
  request: CollectRequest,
): AppendRequest | { readonly field: string; readonly reason: string } {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return { field: '(event)', reason: 'must be an object' };
  const call: Record<string, unknown> = { ...raw };
  if (request.type !== null) call['type'] = request.type;
  if (call['context'] === undefined && request.context !== undefined) call['context'] = request.context;
  delete call['writeKey'];
  if (deeperThan(call, MAX_DEPTH)) return { field: '(event)', reason: `is nested deeper than ${MAX_DEPTH} levels` };
  const problem = validateCall(call);
  if (problem !== null) return problem;
  correctTime(call, request);
  const value = new TextEncoder().encode(JSON.stringify(call));
  if (value.length > MAX_EVENT_BYTES)
    return { field: '(event)', reason: `is ${value.length} bytes long as JSON; ${MAX_EVENT_BYTES} are allowed` };
  const headers = request.historical ? { [HEADER_HISTORICAL]: 'true' } : undefined;
  const key = String(call['userId'] ?? call['anonymousId']);
  return headers === undefined ? { key, value } : { key, value, headers };
}

/** timestamp = receivedAt − (sentAt − originalTimestamp), where the client gives sentAt (events.md). */
function correctTime(call: Record<string, unknown>, request: CollectRequest): void {
  const original = instantOf(call['timestamp'] ?? call['originalTimestamp']);
  const sent = instantOf(call['sentAt'] ?? request.sentAt);
  call['receivedAt'] = new Date(request.receivedAt).toISOString();
  if (Number.isNaN(original)) call['timestamp'] = call['receivedAt'];
  else if (!Number.isNaN(sent) && !request.historical) {
    call['originalTimestamp'] = new Date(original).toISOString();
    call['timestamp'] = new Date(request.receivedAt - (sent - original)).toISOString();
  } else call['timestamp'] = new Date(original).toISOString();
}

/** ms; NaN where it is no instant. */
function instantOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => deeperThan(inner, levels - 1));
}

function textOf(raw: unknown, name: string): string | null {
  const value: unknown = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value.slice(0, 100) : null;
}
