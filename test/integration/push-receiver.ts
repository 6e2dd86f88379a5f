import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import type { ReceivedRequest } from '#testkit';

/** The browser's side of web push, from RFC 8188, 8291 and 8292 alone: it shares no code with the sender. */
export class PushReceiver {
  private readonly ecdh = createECDH('prime256v1');
  private readonly auth = randomBytes(16);
  private readonly publicKey = this.ecdh.generateKeys();

  /** What the shop gets of a subscription. */
  get keys(): { readonly p256dh: string; readonly auth: string } {
    return { p256dh: this.publicKey.toString('base64url'), auth: this.auth.toString('base64url') };
  }

  /** The message of a request, decrypted and read as JSON. Throws when it is not for this browser. */
  open({ raw }: ReceivedRequest): unknown {
    // RFC 8188, 2.1: salt (16), record size (4), length of the key id (1), key id: the sender's public key.
    const [salt, length] = [raw.subarray(0, 16), raw[20]!];
    const sender = raw.subarray(21, 21 + length);
    const record = raw.subarray(21 + length);
    // RFC 8291, 3.4.
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.publicKey, sender]);
    const ikm = Buffer.from(hkdfSync('sha256', this.ecdh.computeSecret(sender), this.auth, info, 32));
    const derive = (what: string, bytes: number) =>
      Buffer.from(hkdfSync('sha256', ikm, salt, Buffer.from(`Content-Encoding: ${what}\0`), bytes));
    const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
    decipher.setAuthTag(record.subarray(-16));
    const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
    // The last record ends with 2 and zeros (RFC 8188, 2).
    const end = padded.lastIndexOf(2);
    return JSON.parse(padded.subarray(0, end).toString('utf8')) as unknown;
  }

  /** Whose key signed it, for whom, in whose name (RFC 8292). Throws when the signature is not that key's. */
  signer({ headers }: ReceivedRequest): { readonly key: string; readonly aud: string; readonly sub: string } {
    const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(headers.authorization ?? '') ?? [];
    const [head = '', claims = '', signature = ''] = token.split('.');
    const point = Buffer.from(key, 'base64url');
    const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
    const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    const how = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    if (!verify('sha256', signed, how, Buffer.from(signature, 'base64url'))) throw new Error('the signature is wrong');
    const { aud, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; sub: string };
    return { key, aud, sub };
  }
}
