import type { Channel } from '../rules/model.js';

type Traits = { readonly [name: string]: unknown };

/**
 * Where a customer is reached on a channel, from the traits (events.md, Customer); null where there is no usable
 * address. Of several mobile devices the one registered last. The inbox needs none: it is the customer's own.
 */
export function addressOf(channel: Channel, customerId: string, traits: Traits): string | null {
  switch (channel) {
    case 'email':
      return emailOf(traits['email']);
    case 'sms':
      return textOf(traits['phone']);
    case 'telegram':
    case 'whatsapp':
    case 'viber':
      return textOf(traits[channel]);
    case 'push':
      return newestToken(traits['$push_tokens']);
    case 'web push':
      return endpointOf(traits['web_push']);
    case 'inbox':
      return customerId;
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

function newestToken(value: unknown): string | null {
  return Array.isArray(value) ? textOf(value.at(-1)) : textOf(value);
}

function endpointOf(value: unknown): string | null {
  if (typeof value === 'object' && value !== null && 'endpoint' in value) return textOf(value.endpoint);
  return textOf(value);
}
