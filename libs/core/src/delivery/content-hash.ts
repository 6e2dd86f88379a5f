import type { PlannedMessage } from '../trigger/effects.js';

/**
 * What `same content` compares: the template and the run's key, whatever the rule, channel, locale or style. 64 bits as
 * 16 hex digits; a tag that is compared within one customer's slots, not a secret.
 */
export function contentHash(message: Pick<PlannedMessage, 'template' | 'key'>): string {
  const text = JSON.stringify([message.template, message.key]);
  return hex(lane(text, 0x9e3779b1)) + hex(lane(text, 0x85ebca77));
}

/** FNV-1a over UTF-16 units from a seed, finished as in MurmurHash3 so that short texts spread over all bits. */
export function lane(text: string, seed: number): number {
  let hash = seed ^ 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
