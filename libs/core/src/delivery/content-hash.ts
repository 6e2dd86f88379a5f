import { textHash } from '../customer/text-hash.js';
import type { PlannedMessage } from '../trigger/effects.js';

/**
 * What `same content` compares: the template and the run's key, whatever the rule, channel, locale or style. 64 bits as
 * 16 hex digits; a tag that is compared within one customer's slots, not a secret.
 */
export function contentHash(message: Pick<PlannedMessage, 'template' | 'key'>): string {
  const { high, low } = textHash(JSON.stringify([message.template, message.key]));
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
