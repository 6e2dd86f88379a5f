/**
 * Walks over JSON text in UTF-8 without building values: each function takes the place where something begins and
 * returns the place behind it, or INVALID where it is not JSON (RFC 8259), or nested deeper than MAX_DEPTH.
 */
export const INVALID = -1;
const MAX_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Called for each member with the places of its key's first byte and closing quote; must walk over its value. */
export type MemberVisitor = (bytes: Uint8Array, keyStart: number, keyEnd: number, valueAt: number) => number;

export function skipBlanks(bytes: Uint8Array, at: number): number {
  let byte = bytes[at];
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at];
  return at;
}

export function skipValue(bytes: Uint8Array, at: number, depth: number): number {
  const byte = bytes[at];
  switch (byte) {
    case QUOTE:
      return skipString(bytes, at + 1);
    case 0x7b:
      return skipObject(bytes, at, depth);
    case 0x5b:
      return skipArray(bytes, at, depth);
    case 0x74:
      return bytes[at + 1] === 0x72 && bytes[at + 2] === 0x75 && bytes[at + 3] === 0x65 ? at + 4 : INVALID;
    case 0x66:
      return bytes[at + 1] === 0x61 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x73 && bytes[at + 4] === 0x65 ? at + 5 : INVALID;
    case 0x6e:
      return bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c ? at + 4 : INVALID;
    default:
      return skipNumber(bytes, at);
  }
}

/** @param at behind the opening quote; the closing quote is at the returned place − 1 */
export function skipString(bytes: Uint8Array, at: number): number {
  const end = bytes.length;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) {
      at = skipEscape(bytes, at + 1);
      if (at === INVALID) return INVALID;
    } else if (byte < 0x20) return INVALID;
    else at++;
  }
  return INVALID;
}

/** Visits the members of an object; `visit` returns the place behind the value, or INVALID. */
export function walkObject(bytes: Uint8Array, start: number, visit: MemberVisitor): number {
  let at = skipBlanks(bytes, start + 1);
  if (bytes[at] === 0x7d) return at + 1;
  for (;;) {
    if (bytes[at] !== QUOTE) return INVALID;
    const keyStart = at + 1;
    const behindKey = skipString(bytes, keyStart);
    if (behindKey === INVALID) return INVALID;
    at = skipBlanks(bytes, behindKey);
    if (bytes[at] !== COLON) return INVALID;
    at = visit(bytes, keyStart, behindKey - 1, skipBlanks(bytes, at + 1));
    if (at === INVALID) return INVALID;
    at = skipBlanks(bytes, at);
    if (bytes[at] === 0x7d) return at + 1;
    if (bytes[at] !== COMMA) return INVALID;
    at = skipBlanks(bytes, at + 1);
  }
}

function skipObject(bytes: Uint8Array, start: number, depth: number): number {
  if (depth >= MAX_DEPTH) return INVALID;
  let at = skipBlanks(bytes, start + 1);
  if (bytes[at] === 0x7d) return at + 1;
  for (;;) {
    if (bytes[at] !== QUOTE) return INVALID;
    at = skipString(bytes, at + 1);
    if (at === INVALID) return INVALID;
    at = skipBlanks(bytes, at);
    if (bytes[at] !== COLON) return INVALID;
    at = skipValue(bytes, skipBlanks(bytes, at + 1), depth + 1);
    if (at === INVALID) return INVALID;
    at = skipBlanks(bytes, at);
    if (bytes[at] === 0x7d) return at + 1;
    if (bytes[at] !== COMMA) return INVALID;
    at = skipBlanks(bytes, at + 1);
  }
}

function skipArray(bytes: Uint8Array, start: number, depth: number): number {
  if (depth >= MAX_DEPTH) return INVALID;
  let at = skipBlanks(bytes, start + 1);
  if (bytes[at] === 0x5d) return at + 1;
  for (;;) {
    at = skipValue(bytes, at, depth + 1);
    if (at === INVALID) return INVALID;
    at = skipBlanks(bytes, at);
    if (bytes[at] === 0x5d) return at + 1;
    if (bytes[at] !== COMMA) return INVALID;
    at = skipBlanks(bytes, at + 1);
  }
}

/** @param at behind the backslash */
function skipEscape(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return at + 1;
    case 0x75:
      return isHex(bytes[at + 1]) && isHex(bytes[at + 2]) && isHex(bytes[at + 3]) && isHex(bytes[at + 4]) ? at + 5 : INVALID;
    default:
      return INVALID;
  }
}

function skipNumber(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0x2d) at++;
  if (bytes[at] === 0x30) at++;
  else if ((at = skipDigits(bytes, at)) === INVALID) return INVALID;
  if (bytes[at] === 0x2e && (at = skipDigits(bytes, at + 1)) === INVALID) return INVALID;
  if (bytes[at] !== 0x65 && bytes[at] !== 0x45) return at;
  at++;
  if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
  return skipDigits(bytes, at);
}

/** At least one. */
function skipDigits(bytes: Uint8Array, at: number): number {
  const start = at;
  while (isDigit(bytes[at])) at++;
  return at === start ? INVALID : at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHex(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && ((byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46)));
}
