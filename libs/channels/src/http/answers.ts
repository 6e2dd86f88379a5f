import type { SendResult } from '#engine';
import type { PostOutcome } from './post-once.js';
import { retryAfterMs } from './retry-after.js';

/** What a provider answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly retryAfterMs: number | null;
  /** The body as JSON; null where it is none or was lost. */
  readonly json: { readonly [name: string]: unknown } | null;
  /** As it came: JavaScript rounds numbers of 64 bits. */
  readonly body: string | null;
}

type Failure = Extract<SendResult, { kind: 'temporary' | 'permanent' | 'unknown' }>;

/** Definite, and it may pass: rates, overload, what is wrong with us and not with the message (a token, an account). */
export function temporary(detail: string, wait: number | null = null): Failure {
  return { kind: 'temporary', detail, retryAfterMs: wait };
}

/** Definite, this message only. */
export function refused(detail: string): Failure {
  return { kind: 'permanent', detail, addressDead: false };
}

/** Definite, and the address must not be used again until it is confirmed anew. */
export function addressGone(detail: string): Failure {
  return { kind: 'permanent', detail, addressDead: true };
}

/** The rest of every table: what a status alone says. */
export function classifyStatus({ status, retryAfterMs: wait }: HttpAnswer, detail = `HTTP ${status}`): Failure {
  if (status === 408 || status === 425 || status === 429 || status === 503) return temporary(detail, wait);
  // A proxy in front of the provider says so: whether the provider took the message nobody knows.
  if (status >= 500) return { kind: 'unknown', detail };
  // About us: it is mended without the message.
  if (status === 401 || status === 403) return temporary(detail, wait);
  return refused(status >= 300 && status < 400 ? `${detail}: redirects are not followed` : detail);
}

export function toAnswer(outcome: Extract<PostOutcome, { kind: 'answer' }>, now: number): HttpAnswer {
  const { status, retryAfter, body } = outcome;
  return { status, retryAfterMs: retryAfterMs(retryAfter, now), json: parsed(body), body };
}

/** No answer at all: what it means depends on whether the request had begun to leave. */
export function classifyNoAnswer(error: Error, begun: boolean): Failure {
  const { code } = error as NodeJS.ErrnoException;
  const detail = code === undefined ? error.message : `${code}: ${error.message}`;
  if (begun) return { kind: 'unknown', detail: `no answer (${detail})` };
  return { kind: 'temporary', detail, retryAfterMs: null, unreachable: true };
}

function parsed(body: string | null): HttpAnswer['json'] {
  if (body === null) return null;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as HttpAnswer['json']) : null;
  } catch {
    return null;
  }
}

/** A member of a JSON object that is an object itself; null otherwise. */
export function member(object: HttpAnswer['json'], name: string): HttpAnswer['json'] {
  const value = object?.[name];
  return typeof value === 'object' && value !== null ? (value as HttpAnswer['json']) : null;
}

export function textIn(object: HttpAnswer['json'], name: string): string | null {
  const value = object?.[name];
  return typeof value === 'string' ? value : null;
}

export function numberIn(object: HttpAnswer['json'], name: string): number | null {
  const value = object?.[name];
  return typeof value === 'number' ? value : null;
}
