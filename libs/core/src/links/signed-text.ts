import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

const DAY_MS = 86_400_000;
/** 128 of 256 bits. */
const SIGNATURE_CHARS = 22;

/**
 * `DAY~FIELD~FIELD.SIGNATURE`, URL-safe as long as its fields are: the text of a link. Bound to its purpose, so that the
 * right to one thing is not the right to another, and to the day it was made.
 * @param now ms since 1970 UTC
 */
export function signText(purpose: string, fields: readonly string[], secret: string, now: number): string {
  const payload = [Math.floor(now / DAY_MS).toString(36), ...fields].join('~');
  return `${payload}.${signature(purpose, payload, secret)}`;
}

/** The fields; null when it was not signed for this purpose with this secret, or is older than `validDays`. */
export function readSignedText(
  purpose: string,
  text: string,
  secret: string,
  { now, validDays }: { readonly now: number; readonly validDays: number },
): readonly string[] | null {
  const at = text.lastIndexOf('.');
  const payload = text.slice(0, Math.max(at, 0));
  if (at < 0 || !sameText(text.slice(at + 1), signature(purpose, payload, secret))) return null;
  const [day = '', ...fields] = payload.split('~');
  return Math.floor(now / DAY_MS) - parseInt(day, 36) > validDays ? null : fields;
}

/** UUID text without its hyphens, and back. */
export function shortId(uuid: string): string {
  return uuid.replaceAll('-', '');
}

export function longId(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function signature(purpose: string, payload: string, secret: string): string {
  const mac = hmac(sha256, utf8ToBytes(secret), utf8ToBytes(`${purpose}\0${payload}`));
  return base64Url(mac).slice(0, SIGNATURE_CHARS);
}

/** Looks at every character, so that the time taken says nothing of how many were right. */
function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= (a.charCodeAt(i) || 0) ^ b.charCodeAt(i);
  return difference === 0;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** RFC 4648, 5, without padding. */
export function base64Url(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += ALPHABET[(buffer >> bits) & 63];
    }
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(buffer << (6 - bits)) & 63] : text;
}

/** The reverse; null where it is none. */
export function fromBase64Url(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let buffer = 0;
  let bits = 0;
  let at = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return null;
    buffer = (buffer << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = buffer >> bits;
    buffer &= (1 << bits) - 1;
  }
  return bytes;
}
