import type { Channel } from '../rules/model.js';

type Traits = { readonly [name: string]: unknown };

/** One place where a customer is reached on a channel: of mail and messengers there is one, of push one a device. */
export interface Device {
  /** What makes it one: a mail address, a number, an id, a token, the endpoint of a subscription. */
  readonly address: string;
  /** Of a browser's subscription: what encrypts for it (RFC 8291), base64url. */
  readonly keys: { readonly p256dh: string; readonly auth: string } | null;
}

/** Devices that one message goes to at most. */
const MOST_DEVICES = 5;

/** The first of `devicesOf`: where a customer is reached on a channel; null where there is no usable address. */
export function addressOf(channel: Channel, customerId: string, traits: Traits): string | null {
  return devicesOf(channel, customerId, traits)[0]?.address ?? null;
}

/**
 * Where a customer is reached on a channel, from the traits (events.md, Customer), the device registered last first;
 * none where there is no usable address. The inbox needs none: it is the customer's own.
 */
export function devicesOf(channel: Channel, customerId: string, traits: Traits): readonly Device[] {
  switch (channel) {
    case 'email':
      return plain(emailOf(traits['email']));
    case 'sms':
      return plain(textOf(traits['phone']));
    case 'telegram':
    case 'whatsapp':
    case 'viber':
      return plain(textOf(traits[channel]));
    case 'push':
      return newestFirst(traits['$push_tokens'], textOf).map((address) => ({ address, keys: null }));
    case 'web push':
      return newestFirst(traits['web_push'], subscriptionOf);
    case 'inbox':
      return plain(customerId);
  }
}

/** Mail addresses are the same whatever their capitals; no provider that matters keeps two apart. */
export function sameAddress(channel: Channel, a: string, b: string): boolean {
  return channel === 'email' ? a.toLowerCase() === b.toLowerCase() : a === b;
}

/** Rough on purpose: what cannot be one recipient is refused here, whether it exists only the provider can say. */
function emailOf(value: unknown): string | null {
  const text = textOf(value);
  return text !== null && text.length <= 254 && /^[^\s@,;<>"]+@[^\s@,;<>"]+$/.test(text) ? text : null;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  // A line break in an address is an attempt to write a header.
  return text === '' || /[\u0000-\u001f\u007f]/.test(text) ? null : text;
}

function plain(address: string | null): readonly Device[] {
  return address === null ? [] : [{ address, keys: null }];
}

function newestFirst<T>(value: unknown, read: (one: unknown) => T | null): readonly T[] {
  const all = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return [...all]
    .reverse()
    .map(read)
    .filter((one) => one !== null)
    .slice(0, MOST_DEVICES);
}

/** What `PushSubscription.toJSON()` gives in a browser, or its endpoint alone. */
function subscriptionOf(value: unknown): Device | null {
  if (typeof value !== 'object' || value === null || !('endpoint' in value)) {
    const address = textOf(value);
    return address === null ? null : { address, keys: null };
  }
  const address = textOf(value.endpoint);
  return address === null ? null : { address, keys: keysOf('keys' in value ? value.keys : null) };
}

function keysOf(value: unknown): Device['keys'] {
  if (typeof value !== 'object' || value === null || !('p256dh' in value) || !('auth' in value)) return null;
  const { p256dh, auth } = value;
  return typeof p256dh === 'string' && typeof auth === 'string' ? { p256dh, auth } : null;
}
