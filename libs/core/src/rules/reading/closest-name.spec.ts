import { closestName, editDistance, lookalikeIn, lookalikesReplaced } from './closest-name.js';

describe('closestName', () => {
  it('finds what was probably meant', () => {
    const names = ['template', 'channels', 'on capped', 'expires'];
    expect(closestName('chanel', names)).toBe('channels');
    expect(closestName('tempalte', names)).toBe('template');
    expect(closestName('on_capped', names)).toBe('on capped');
    expect(closestName('onCapped', names)).toBe('on capped');
    expect(closestName('сhannels', names)).toBe('channels');
  });

  it('finds nothing rather than anything', () => {
    expect(closestName('colour', ['rule', 'steps', 'goal'])).toBeNull();
    expect(closestName('x', ['if', 'at'])).toBeNull();
    expect(closestName('', ['if', 'at'])).toBeNull();
    expect(closestName('x'.repeat(5_000), ['x'])).toBeNull();
  });

  it('counts swapped neighbours as one slip', () => {
    expect(editDistance('setps', 'steps')).toBe(1);
    expect(editDistance('abc', '')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });
});

describe('signs that look like others', () => {
  it('are named', () => {
    expect(lookalikesReplaced('саtegоry\u00a0x–y')).toBe('category x-y');
    expect(lookalikeIn('саtegory')).toContain('"с"');
    expect(lookalikeIn('at\u00a0least')).toContain('non-breaking');
    expect(lookalikeIn('größe')).toBeNull();
  });
});
