import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Who signs, and with what (RFC 6376). */
export interface DkimKey {
  /** Signing domain (d=). */
  readonly domain: string;
  /** Where its public key is: SELECTOR._domainkey.DOMAIN (s=). */
  readonly selector: string;
  /** RSA from 1024 bits on, or Ed25519 (RFC 8463). */
  readonly key: KeyObject;
}

/**
 * The private key that a secret holds: PEM (line breaks may be written \n), or the path of a file with it. null: neither, or a
 * kind of key that DKIM does not know.
 */
export function readDkimKey(secret: string): KeyObject | null {
  try {
    const pem = secret.includes('-----BEGIN') ? secret.replaceAll('\\n', '\n') : readFileSync(secret, 'utf8');
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return key.asymmetricKeyType === 'rsa' && bits >= 1024 ? key : null;
  } catch {
    return null;
  }
}
