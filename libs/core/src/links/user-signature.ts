import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * By which a browser shows that the shop has signed this customer in: HMAC-SHA256 of her id, hexadecimal, with the
 * server write key (events.md, Ways in). Made by the shop's own server, which has the key anyway.
 */
export function userSignature(userId: string, serverKey: string): string {
  return bytesToHex(hmac(sha256, utf8ToBytes(serverKey), utf8ToBytes(userId)));
}

/** Takes as long whatever is right about it. */
export function isUserSignature(userId: string, signature: string, serverKey: string): boolean {
  const expected = userSignature(userId, serverKey);
  if (signature.length !== expected.length) return false;
  let different = 0;
  for (let at = 0; at < expected.length; at++) different |= expected.charCodeAt(at) ^ signature.charCodeAt(at);
  return different === 0;
}
