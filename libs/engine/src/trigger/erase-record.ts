import type { CustomerState } from '#core';
import { HEADER_KIND, type StreamRecord } from '../ports/event-stream.js';
import type { OutboxRecord } from '../ports/partition-store.js';
import { HEADER_HOPS, HEADER_ID, KIND_ERASE } from './record-headers.js';

/** A customer is to be forgotten, all that was hers before this record. */
export interface Erase {
  readonly recordId: string;
  readonly id: string;
  /** When it was asked for, ms: says of two records whether they are one request. */
  readonly at: number;
  readonly hops: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function eraseRecord({ recordId, id, at, hops }: Erase): OutboxRecord {
  return {
    recordId,
    target: { key: id },
    value: encoder.encode(JSON.stringify({ id, at })),
    headers: { [HEADER_KIND]: KIND_ERASE, [HEADER_ID]: recordId, [HEADER_HOPS]: String(hops) },
    hops,
  };
}

/** What hangs on her goes as well: ids that were joined to her, and the customer whose id this turned out to be. */
export function eraseLinked(erase: Erase, { identity: { merged, redirect } }: CustomerState): readonly OutboxRecord[] {
  const linked = redirect === null ? merged : [...merged, redirect];
  return linked.map((id, n) =>
    eraseRecord({ recordId: `${erase.recordId}/${n}`, id, at: erase.at, hops: erase.hops + 1 }),
  );
}

/** null: it is none that Kairos has written; one from the future would keep customers away. */
export function readErase({ headers, value, appendTime }: StreamRecord): Erase | null {
  const [recordId = '', hops] = [headers?.[HEADER_ID], Number(headers?.[HEADER_HOPS])];
  if (recordId === '' || !Number.isInteger(hops) || hops < 1) return null;
  try {
    const json = JSON.parse(decoder.decode(value ?? new Uint8Array(0))) as { readonly [name: string]: unknown } | null;
    const { id, at } = json ?? {};
    if (typeof id !== 'string' || id === '' || typeof at !== 'number' || !Number.isSafeInteger(at)) return null;
    return at > appendTime + MAX_AHEAD_MS ? null : { recordId, id, at, hops };
  } catch {
    return null;
  }
}

/** As far as the clocks of database and log may differ. */
const MAX_AHEAD_MS = 60_000;
