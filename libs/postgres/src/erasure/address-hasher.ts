import { createHmac } from 'node:crypto';
import type { Channel } from '#core';

/** Recognises erased addresses without knowing any: HMAC-SHA256 with a key that follows from the installation's secret. */
export class AddressHasher {
  private key: Buffer | null = null;

  /** @param secret asked for when the first address is hashed */
  constructor(private readonly secret: () => string) {}

  /** Of a mail address its capitals do not count, as everywhere. */
  hash(channel: Channel, address: string): Buffer {
    return this.digest(`${channel}\0${channel === 'email' ? address.toLowerCase() : address}`);
  }

  /** What says that two secrets are the same, and nothing of them. */
  get fingerprint(): Buffer {
    return this.digest('fingerprint');
  }

  private digest(text: string): Buffer {
    this.key ??= createHmac('sha256', this.secret()).update('kairos:erased-address').digest();
    return createHmac('sha256', this.key).update(text).digest();
  }
}
