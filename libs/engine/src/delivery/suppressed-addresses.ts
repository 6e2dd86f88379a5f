import type { Channel } from '#core';

export interface SuppressedAddress {
  readonly channel: Channel;
  readonly address: string;
}

/** `contact.addresses`: what must not be used any more, JSON in UTF-8; few customers have any. */
export function encodeSuppressed(addresses: readonly SuppressedAddress[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(addresses));
}

/** null or empty: none. */
export function decodeSuppressed(bytes: Uint8Array | null): readonly SuppressedAddress[] {
  return bytes === null || bytes.length === 0
    ? []
    : (JSON.parse(new TextDecoder().decode(bytes)) as SuppressedAddress[]);
}
