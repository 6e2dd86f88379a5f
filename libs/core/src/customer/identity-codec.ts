import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { newIdentityState, type IdentityState } from './identity-state.js';
import { StoredEvent } from './stored-event.js';

const NAMED = 1;
const REDIRECTED = 2;
const HAS_IDS = 4;
const HAS_RING = 8;
const HAS_ASKED = 16;
const GLUED = 32;
const ERASED = 64;

/** One byte for a customer of one id. */
export function writeIdentity(
  writer: ByteWriter,
  { merged, asked, redirect, glued, named, ring, erased }: IdentityState,
): void {
  writer.byte(
    (named ? NAMED : 0) |
      (redirect === null ? 0 : REDIRECTED) |
      (merged.length === 0 ? 0 : HAS_IDS) |
      (ring.length === 0 ? 0 : HAS_RING) |
      (asked.length === 0 ? 0 : HAS_ASKED) |
      (glued ? GLUED : 0) |
      (erased === null ? 0 : ERASED),
  );
  if (redirect !== null) writer.text(redirect);
  if (merged.length > 0) writeIds(writer, merged);
  if (asked.length > 0) writeIds(writer, asked);
  if (ring.length > 0) {
    writer.varint(ring.length);
    for (const event of ring) event.write(writer);
  }
  // Last: a version that knows nothing of it reads all the rest.
  if (erased !== null) writer.instant(erased);
}

export function readIdentity(reader: ByteReader): IdentityState {
  const flags = reader.byte();
  if (flags === 0) return newIdentityState();
  const redirect = (flags & REDIRECTED) === 0 ? null : reader.text();
  const merged = (flags & HAS_IDS) === 0 ? [] : readIds(reader);
  const asked = (flags & HAS_ASKED) === 0 ? [] : readIds(reader);
  const ring: StoredEvent[] = [];
  if ((flags & HAS_RING) !== 0) for (let left = reader.varint(); left > 0; left--) ring.push(StoredEvent.read(reader));
  const erased = (flags & ERASED) === 0 ? null : reader.instant();
  return { merged, asked, redirect, glued: (flags & GLUED) !== 0, named: (flags & NAMED) !== 0, ring, erased };
}

function writeIds(writer: ByteWriter, ids: readonly string[]): void {
  writer.varint(ids.length);
  for (const id of ids) writer.text(id);
}

function readIds(reader: ByteReader): string[] {
  const ids: string[] = [];
  for (let left = reader.varint(); left > 0; left--) ids.push(reader.text());
  return ids;
}
