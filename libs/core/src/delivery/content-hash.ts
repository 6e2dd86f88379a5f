import { textHash } from '../customer/text-hash.js';
import type { Json } from '../event/event.js';
import type { PlannedMessage } from '../trigger/effects.js';

/**
 * What `same content` compares: the template, the run's key and `with`, whatever the rule, channel, locale or style. 64 bits as
 * 16 hex digits; a tag that is compared within one customer's slots, not a secret.
 */
export function contentHash(message: Pick<PlannedMessage, 'template' | 'key' | 'with'>): string {
  const values = message.with === null ? [] : [sorted(message.with)];
  const { high, low } = textHash(JSON.stringify([message.template, message.key, ...values]));
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

/** Two steps may write the same values in another order. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map((each) => sorted(each as Json));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as { readonly [name: string]: Json });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, sorted(each)]));
}
