import { INVALID, skipBlanks, skipString, skipValue, walkObject } from './json-bytes.js';
import { NameCache } from './name-cache.js';
import { CALL_TYPES } from './read-event.js';

/** What a glance at the bytes of an event says. */
export interface EventLook {
  /** The top-level `type`, one of the six. */
  readonly type: string;
  /** The top-level `event`; null where there is none, always there for `track`. */
  readonly name: string | null;
  /** It may have `context.traits`, `context.consent` or `context.device.token`: then it matters whatever its name. */
  readonly profile: boolean;
}

/** Names have at most 100 characters; longer ones that still fit are refused when somebody needs them. */
const MAX_BYTES = 102;
const encoder = new TextEncoder();
const names = new NameCache(1024);
const TYPE = encoder.encode('type');
const EVENT = encoder.encode('event');
const USER_ID = encoder.encode('userId');
const ANONYMOUS_ID = encoder.encode('anonymousId');
const CONTEXT = encoder.encode('context');
const TRAITS = encoder.encode('traits');
const CONSENT = encoder.encode('consent');
const DEVICE = encoder.encode('device');
const TOKEN = encoder.encode('token');

// What the walk in hand has found; the walk is synchronous, so one set serves all.
let type: string | null = null;
let name: string | null = null;
let identified = false;
let profile = false;

/**
 * The top-level `type` and `event` of a JSON text without building it: about five times as fast as JSON.parse. What it
 * returns is what JSON.parse would say. null where the text is not JSON, or anything about it is unusual (escapes in
 * what it looks for, no customer, a type that is none): parse it then.
 */
export function lookAtEvent(bytes: Uint8Array): EventLook | null {
  type = name = null;
  identified = profile = false;
  const start = skipBlanks(bytes, 0);
  if (bytes[start] !== 0x7b) return null;
  const end = walkObject(bytes, start, visitTop);
  if (end === INVALID || skipBlanks(bytes, end) !== bytes.length) return null;
  if (type === null || !identified || !(CALL_TYPES as readonly string[]).includes(type)) return null;
  return type === 'track' && !name ? null : { type, name, profile };
}

function visitTop(bytes: Uint8Array, keyStart: number, keyEnd: number, valueAt: number): number {
  switch (keyEnd - keyStart) {
    case 4:
      return is(bytes, keyStart, TYPE) ? readType(bytes, valueAt) : other(bytes, keyStart, keyEnd, valueAt);
    case 5:
      return is(bytes, keyStart, EVENT) ? readName(bytes, valueAt) : other(bytes, keyStart, keyEnd, valueAt);
    case 6:
      return is(bytes, keyStart, USER_ID) ? readId(bytes, valueAt) : other(bytes, keyStart, keyEnd, valueAt);
    case 11:
      return is(bytes, keyStart, ANONYMOUS_ID) ? readId(bytes, valueAt) : other(bytes, keyStart, keyEnd, valueAt);
    case 7:
      if (is(bytes, keyStart, CONTEXT)) return bytes[valueAt] === 0x7b ? walkObject(bytes, valueAt, visitContext) : INVALID;
      return other(bytes, keyStart, keyEnd, valueAt);
    default:
      return other(bytes, keyStart, keyEnd, valueAt);
  }
}

function readType(bytes: Uint8Array, valueAt: number): number {
  const end = plainText(bytes, valueAt);
  if (end - valueAt > MAX_BYTES) return INVALID;
  if (end !== INVALID) type = names.text(bytes, valueAt + 1, end - 1);
  return end;
}

function readName(bytes: Uint8Array, valueAt: number): number {
  const end = plainText(bytes, valueAt);
  if (end - valueAt > MAX_BYTES) return INVALID;
  if (end !== INVALID) name = names.text(bytes, valueAt + 1, end - 1);
  return end;
}

function readId(bytes: Uint8Array, valueAt: number): number {
  const end = skipValue(bytes, valueAt, 1);
  if (bytes[valueAt] === 0x6e) return end;
  // The second of two members of one name is what counts for JSON.parse; an empty text names nobody.
  identified = bytes[valueAt] === 0x22 && end > valueAt + 2;
  return identified ? end : INVALID;
}

function visitContext(bytes: Uint8Array, keyStart: number, keyEnd: number, valueAt: number): number {
  const length = keyEnd - keyStart;
  if (length === 6 && is(bytes, keyStart, DEVICE) && bytes[valueAt] === 0x7b) return walkObject(bytes, valueAt, visitDevice);
  if ((length === 6 && is(bytes, keyStart, TRAITS)) || (length === 7 && is(bytes, keyStart, CONSENT))) profile = true;
  return other(bytes, keyStart, keyEnd, valueAt);
}

function visitDevice(bytes: Uint8Array, keyStart: number, keyEnd: number, valueAt: number): number {
  if (keyEnd - keyStart === 5 && is(bytes, keyStart, TOKEN)) profile = true;
  return other(bytes, keyStart, keyEnd, valueAt);
}

/** A member that nobody asked for. An escape in its key could spell any name, so then the whole is unusual. */
function other(bytes: Uint8Array, keyStart: number, keyEnd: number, valueAt: number): number {
  for (let i = keyStart; i < keyEnd; i++) if (bytes[i] === 0x5c) return INVALID;
  return skipValue(bytes, valueAt, 1);
}

/** Behind a text without escapes; INVALID for everything else. */
function plainText(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0x22) return INVALID;
  const end = skipString(bytes, at + 1);
  for (let i = at + 1; i < end; i++) if (bytes[i] === 0x5c) return INVALID;
  return end;
}

function is(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
  return true;
}
