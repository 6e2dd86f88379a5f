import { describe, expect, it } from '@jest/globals';
import { readUnsubscribeToken, unsubscribeToken } from './unsubscribe-token.js';

const SECRET = 'a secret that nobody knows, 32 characters long';
const NOW = Date.UTC(2026, 10, 22);
const UNSUBSCRIPTION = {
  customerId: '0d9c1b2e-1111-2222-3333-444455556666',
  messageId: '00005114-aaaa-bbbb-cccc-ddddeeeeffff',
  channel: 'email',
  category: 'promotional',
} as const;

describe('a link to unsubscribe', () => {
  it('says what it withdraws', () => {
    const token = unsubscribeToken(UNSUBSCRIPTION, SECRET, NOW);
    expect(readUnsubscribeToken(token, SECRET, NOW)).toEqual(UNSUBSCRIPTION);
    expect(encodeURIComponent(token)).toBe(token);
  });

  it('is refused when any character of it was changed', () => {
    const token = unsubscribeToken(UNSUBSCRIPTION, SECRET, NOW);
    for (let i = 0; i < token.length; i++) {
      const changed = token.slice(0, i) + (token[i] === 'x' ? 'y' : 'x') + token.slice(i + 1);
      expect(readUnsubscribeToken(changed, SECRET, NOW)).toBeNull();
    }
  });

  it('is refused under another secret, and after two years', () => {
    const token = unsubscribeToken(UNSUBSCRIPTION, SECRET, NOW);
    expect(readUnsubscribeToken(token, `${SECRET}!`, NOW)).toBeNull();
    expect(readUnsubscribeToken(token, SECRET, NOW + 731 * 86_400_000)).toBeNull();
    expect(readUnsubscribeToken('', SECRET, NOW)).toBeNull();
  });
});
