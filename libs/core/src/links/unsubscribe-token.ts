import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { CHANNELS, type Channel } from '../rules/model.js';

/** What one click withdraws: one category on one channel, of one customer. */
export interface Unsubscription {
  /** UUID text. */
  readonly customerId: string;
  readonly category: string;
  readonly channel: Channel;
  /** Message in which the link stood. */
  readonly messageId: string;
}

const PURPOSE = 'unsubscribe';
const DAY_MS = 86_400_000;
/** People unsubscribe from mails that lie in their box for a long time. */
const VALID_DAYS = 730;
/** 128 of 256 bits. */
const SIGNATURE_CHARS = 22;

/**
 * Signed text for a link: `PAYLOAD.SIGNATURE`, URL-safe. Bound to its purpose and to the day it was made.
 * @param now ms since 1970 UTC
 */
export function unsubscribeToken(of: Unsubscription, secret: string, now: number): string {
  const day = Math.floor(now / DAY_MS).toString(36);
  const payload = [
    day,
    of.customerId.replaceAll('-', ''),
    of.messageId.replaceAll('-', ''),
    CHANNELS.indexOf(of.channel),
    of.category,
  ].join('~');
  return `${payload}.${signature(payload, secret)}`;
}

/** The reverse: null when the token was not made with this secret, or is older than two years. */
export function readUnsubscribeToken(token: string, secret: string, now: number): Unsubscription | null {
  const at = token.lastIndexOf('.');
  const payload = token.slice(0, Math.max(at, 0));
  if (at < 0 || !sameText(token.slice(at + 1), signature(payload, secret))) return null;
  const [day, customer, message, channelIndex, category] = payload.split('~');
  const channel = CHANNELS[Number(channelIndex)];
  if (
    day === undefined ||
    customer === undefined ||
    message === undefined ||
    channel === undefined ||
    category === undefined
  )
    return null;
  if (Math.floor(now / DAY_MS) - parseInt(day, 36) > VALID_DAYS) return null;
  return { customerId: uuid(customer), messageId: uuid(message), channel, category };
}

function signature(payload: string, secret: string): string {
  const mac = hmac(sha256, utf8ToBytes(secret), utf8ToBytes(`${PURPOSE}\0${payload}`));
  return base64Url(mac).slice(0, SIGNATURE_CHARS);
}

function uuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Looks at every character, so that the time taken says nothing of how many were right. */
function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= (a.charCodeAt(i) || 0) ^ b.charCodeAt(i);
  return difference === 0;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function base64Url(bytes: Uint8Array): string {
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
