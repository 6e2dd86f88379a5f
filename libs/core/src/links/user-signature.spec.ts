import { createHmac } from 'node:crypto';
import { isUserSignature, userSignature } from './user-signature.js';

describe('the signature of a customer', () => {
  const signature = createHmac('sha256', 'wk_key').update('ann·1').digest('hex');

  it('is what any language makes in a line', () => {
    expect(userSignature('ann·1', 'wk_key')).toBe(signature);
    expect(isUserSignature('ann·1', signature, 'wk_key')).toBe(true);
  });

  it.each([
    ['bob', signature, 'wk_key'],
    ['ann·1', signature, 'wk_other'],
    ['ann·1', signature.slice(0, -1), 'wk_key'],
    ['ann·1', signature.replace(/.$/, (last) => (last === '0' ? '1' : '0')), 'wk_key'],
    ['ann·1', '', 'wk_key'],
  ])('of %j as %j under %j is none', (id, given, key) => {
    expect(isUserSignature(id, given, key)).toBe(false);
  });
});
