/**
 * Walks over JSON text in UTF-8 without building values: each function takes the place where something begins and
 * returns the place behind it, or INVALID where it is not JSON (RFC 8259), or nested deeper than MAX_DEPTH.
 * Every byte of every event passes through here, hence the plain loops.
 */
export const INVALID = -1;
/** One bit of an integer for each level. */
const MAX_DEPTH = 30;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** 1: may stand in a text as it is. */
const PLAIN = new Uint8Array(256).fill(1, 0x20);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

export function skipBlanks(bytes: Uint8Array, at: number): number {
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return at;
    at++;
  }
  return at;
}

/** @param at the first byte of the value, behind blanks */
export function skipValue(bytes: Uint8Array, at: number): number {
  let depth = 0;
  /** Lowest bit: whether the innermost level is an object. */
  let objects = 0;
  for (;;) {
    const byte = bytes[at];
    if (byte === QUOTE) at = skipString(bytes, at + 1);
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      const inside = skipBlanks(bytes, at + 1);
      if (bytes[inside] === byte + 2) at = inside + 1;
      else {
        if (++depth > MAX_DEPTH) return INVALID;
        objects = (objects << 1) | (byte === OPEN_OBJECT ? 1 : 0);
        at = byte === OPEN_OBJECT ? skipKey(bytes, inside) : inside;
        if (at === INVALID) return INVALID;
        continue;
      }
    } else at = skipWord(bytes, at);
    if (at === INVALID) return INVALID;
    // Behind a value: up through all levels that end here, then on to the next value.
    for (;;) {
      if (depth === 0) return at;
      at = skipBlanks(bytes, at);
      const isObject = (objects & 1) === 1;
      if (bytes[at] === COMMA) {
        at = skipBlanks(bytes, at + 1);
        if (isObject && (at = skipKey(bytes, at)) === INVALID) return INVALID;
        break;
      }
      if (bytes[at] !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) return INVALID;
      objects >>>= 1;
      depth--;
      at++;
    }
  }
}

/** @param at behind the opening quote; the closing quote is at the returned place − 1 */
export function skipString(bytes: Uint8Array, at: number): number {
  const end = bytes.length;
  for (;;) {
    while (at < end && PLAIN[bytes[at]!] === 1) at++;
    if (at >= end) return INVALID;
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] !== BACKSLASH) return INVALID;
    at = skipEscape(bytes, at + 1);
    if (at === INVALID) return INVALID;
  }
}

/** A text without escapes; INVALID for everything else. */
export function skipPlainString(bytes: Uint8Array, at: number): number {
  const end = bytes.length;
  while (at < end && PLAIN[bytes[at]!] === 1) at++;
  return at < end && bytes[at] === QUOTE ? at + 1 : INVALID;
}

/** Over a member's key and colon to its value. */
function skipKey(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return INVALID;
  at = skipString(bytes, at + 1);
  return at === INVALID ? INVALID : skipColon(bytes, at);
}

export function skipColon(bytes: Uint8Array, at: number): number {
  at = skipBlanks(bytes, at);
  return bytes[at] === COLON ? skipBlanks(bytes, at + 1) : INVALID;
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
      return isHex(bytes[at + 1]) && isHex(bytes[at + 2]) && isHex(bytes[at + 3]) && isHex(bytes[at + 4])
        ? at + 5
        : INVALID;
    default:
      return INVALID;
  }
}

/** true, false, null or a number. */
function skipWord(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case 0x74:
      return bytes[at + 1] === 0x72 && bytes[at + 2] === 0x75 && bytes[at + 3] === 0x65 ? at + 4 : INVALID;
    case 0x66:
      return bytes[at + 1] === 0x61 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x73 && bytes[at + 4] === 0x65
        ? at + 5
        : INVALID;
    case 0x6e:
      return bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c ? at + 4 : INVALID;
    default:
      return skipNumber(bytes, at);
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
  while (at < bytes.length && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
  return at === start ? INVALID : at;
}

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66);
}
