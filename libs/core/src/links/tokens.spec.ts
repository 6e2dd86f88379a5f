import { describe, expect, it } from '@jest/globals';
import { preferencesToken, readPreferencesToken } from './preferences-token.js';
import { clickToken, openToken, readClickToken, readOpenToken } from './tracking-tokens.js';
import { readUnsubscribeToken, unsubscribeToken } from './unsubscribe-token.js';

const SECRET = 'a secret that nobody knows, 32 characters long';
const NOW = Date.UTC(2026, 10, 22);
const DAY = 86_400_000;
const customerId = '0d9c1b2e-1111-2222-3333-444455556666';
const messageId = '00005114-aaaa-bbbb-cccc-ddddeeeeffff';
const target = 'https://shop.test/cart?id=7&näme=é#~top.';

const TOKENS = {
  preferences: preferencesToken({ customerId, messageId }, SECRET, NOW),
  click: clickToken({ messageId, target }, SECRET, NOW),
  open: openToken(messageId, SECRET, NOW),
  unsubscribe: unsubscribeToken({ customerId, messageId, channel: 'email', category: 'care' }, SECRET, NOW),
};
const READERS = {
  preferences: readPreferencesToken,
  click: readClickToken,
  open: readOpenToken,
  unsubscribe: readUnsubscribeToken,
};
const LIFE = { preferences: 180, click: 730, open: 730, unsubscribe: 730 };
const KINDS = Object.keys(TOKENS) as (keyof typeof TOKENS)[];

describe('tokens in links', () => {
  it('say what they are for', () => {
    expect(readPreferencesToken(TOKENS.preferences, SECRET, NOW)).toEqual({ customerId, messageId });
    expect(readClickToken(TOKENS.click, SECRET, NOW)).toEqual({ messageId, target });
    expect(readOpenToken(TOKENS.open, SECRET, NOW)).toBe(messageId);
  });

  it.each(KINDS)('of %s open nothing else, whatever they would say there', (kind) => {
    for (const other of KINDS)
      if (other !== kind) expect([other, READERS[other](TOKENS[kind], SECRET, NOW)]).toEqual([other, null]);
  });

  it.each(KINDS)('of %s are refused changed, under another secret, and when they are old', (kind) => {
    const [token, read] = [TOKENS[kind], READERS[kind]];
    expect(encodeURIComponent(token)).toBe(token);
    for (let i = 0; i < token.length; i++) {
      const changed = token.slice(0, i) + (token[i] === 'x' ? 'y' : 'x') + token.slice(i + 1);
      expect(read(changed, SECRET, NOW)).toBeNull();
    }
    expect(read(token, `${SECRET}!`, NOW)).toBeNull();
    expect(read(token, SECRET, NOW + LIFE[kind] * DAY)).not.toBeNull();
    expect(read(token, SECRET, NOW + (LIFE[kind] + 1) * DAY)).toBeNull();
    for (const nothing of ['', '.', '~', '~.']) expect(read(nothing, SECRET, NOW)).toBeNull();
  });
});
