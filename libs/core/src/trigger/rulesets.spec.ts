import { at, Trial, workspaceOf } from './testing/trial.js';
import { compileRuleset, rulesetsOf } from './compile-ruleset.js';
import { drawChance } from './chance.js';
import { evaluateWho } from './evaluate-who.js';
import { MissingRuleVersionError } from './missing-rule-version-error.js';
import { traitsOf } from '../customer/customer-state.js';

const rule = (wait: string, template: string, more = ''): string =>
  `rule: r\ncategory: promotional\nstart: { event: A }\n${more}\nsteps: [{ wait: ${wait} }, { send: ${template} }]`;

describe('a run', () => {
  const old = compileRuleset(workspaceOf([rule('1 hour', 'old', 'stop: { event: Stop It }')]), 1, { r: 1 });
  const next = compileRuleset(workspaceOf([rule('2 hours', 'new')]), 2, { r: 2 });

  it('keeps the version of the rule it started with', () => {
    const shop = new Trial(rulesetsOf(old));
    shop.apply({ at: '+0m', event: 'A' });
    shop.rulesets = rulesetsOf(next, [old]);
    shop.until('+90m');
    shop.apply({ at: '+2h', event: 'A' });
    expect(shop.until('+5h').sent).toEqual(['+1h old', '+4h new']);
    expect(shop.effects.planned.map(({ version }) => version)).toEqual([1, 2]);
  });

  it('is stopped by what only its own version listens to', () => {
    const shop = new Trial(rulesetsOf(old));
    shop.apply({ at: '+0m', event: 'A' });
    shop.rulesets = rulesetsOf(next, [old]);
    expect(next.concerns('track', 'Stop It')).toBe(false);
    expect(shop.rulesets.concerns('track', 'Stop It')).toBe(true);
    shop.apply({ at: '+10m', event: 'Stop It' });
    expect(shop.until('+5h').sent).toEqual([]);
  });

  it('of a version that is not loaded is an error, not a silence', () => {
    const shop = new Trial(rulesetsOf(old));
    shop.apply({ at: '+0m', event: 'A' });
    shop.rulesets = rulesetsOf(next);
    expect(() => shop.until('+2h')).toThrow(MissingRuleVersionError);
  });
});

describe('a ruleset', () => {
  it('concerns identify always, other calls by name, all activity where a rule says `any event`', () => {
    const plain = compileRuleset(
      workspaceOf([rule('1 hour', 'x', 'goal: { event: B }\nwho: { has done: { event: C } }')]),
      1,
      {},
    );
    expect(['A', 'B', 'C', 'D', null].map((name) => plain.concerns('track', name))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(['identify', 'page', 'screen', 'group', 'alias'].map((type) => plain.concerns(type, null))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    const idle = compileRuleset(
      workspaceOf([rule('1 hour', 'x').replace('{ event: A }', '{ inactive: 1 day, since: any event }')]),
      1,
      {},
    );
    expect(['track', 'page', 'screen', 'group'].map((type) => idle.concerns(type, 'Whatever'))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('who', () => {
  it('is judged at the start, and by delivery for the message at its own moment', () => {
    const shop = new Trial([
      rule('1 hour', 'x', 'who: { customer.city: Berlin, has done: { event: A, within: 2 hours } }'),
    ]);
    shop.apply({ at: '+0m', event: 'A' });
    expect(shop.refusals).toMatchObject([{ reason: 'who_false', detail: 'customer.city is missing' }]);
    shop.apply({ at: '+1m', traits: { city: 'Berlin' } }, { at: '+2m', event: 'A' });
    shop.until('+2h');
    const [message] = shop.effects.planned;
    expect(evaluateWho(shop.rulesets, shop.state, message!, at('+2h1m'))).toBe(true);
    expect(evaluateWho(shop.rulesets, shop.state, message!, at('+2h2m'))).toBe(false);
    shop.apply({ at: '+2h1m', traits: { city: 'Paris' } });
    expect(evaluateWho(shop.rulesets, shop.state, message!, at('+2h1m'))).toBe(false);
  });
});

describe('chance', () => {
  it('is the first 52 bits of SHA-256 of salt, purpose, rule and customer', () => {
    // printf 'summer\0holdout\0abandoned-cart\0ann' | sha256sum
    expect(drawChance('summer', 'holdout', 'abandoned-cart', 'ann')).toBe(0xb916eeb996d3a / 2 ** 52);
  });

  it('keeps its members when the share grows', () => {
    const heldOut = (share: number): string[] =>
      Array.from({ length: 200 }, (_, index) => `customer-${index}`).filter(
        (id) => drawChance('', 'holdout', 'r', id) < share,
      );
    expect(heldOut(0.3)).toEqual(expect.arrayContaining(heldOut(0.1)));
    expect(heldOut(0.3).length).toBeGreaterThan(30);
  });
});

describe('the profile', () => {
  it('takes traits by event time, whatever the order of arrival; null takes one away', () => {
    const shop = new Trial([rule('1 hour', 'x')]);
    shop.apply(
      { at: '+10m', traits: { city: 'Berlin', age: 40, plan: 'gold' } },
      { at: '+5m', received: '+11m', traits: { city: 'Paris', locale: 'de' } },
    );
    shop.apply({ at: '+12m', traits: { plan: null } }, { at: '+11m', received: '+13m', traits: { plan: 'silver' } });
    expect(traitsOf(shop.state)).toEqual({ city: 'Berlin', age: 40, locale: 'de' });
  });

  it('passes consent on once', () => {
    const shop = new Trial([rule('1 hour', 'x')]);
    const event = { at: '+0m', id: 'e', traits: {}, consent: { promotional: ['email'], care: true } };
    expect([shop.apply(event), shop.apply(event)]).toEqual([true, false]);
    expect(shop.effects.consents).toEqual([
      { eventId: 'e', time: at('+0m'), preferences: { promotional: ['email'], care: true } },
    ]);
  });

  it('keeps the tokens of mobile devices where delivery finds them, out of reach of traits', () => {
    const shop = new Trial([rule('1 hour', 'x')]);
    for (const token of ['one', 'two', 'one'])
      shop.applyRead(
        { ...shop.read({ at: '+0m', traits: { $push_tokens: ['stolen'] } }), pushToken: token },
        at('+0m'),
      );
    expect(traitsOf(shop.state)).toEqual({ $push_tokens: ['two', 'one'] });
  });
});

describe('a duplicate', () => {
  it('is swallowed for a day of log time, for ever where asked', () => {
    const again = { at: '+0m', event: 'A', id: 'same' };
    for (const rememberForever of [false, true]) {
      const shop = new Trial(
        [`rule: r\ncategory: promotional\nstart: { event: A }\ntoo late after: 30 days\nsteps: [{ send: x }]`],
        undefined,
        { rememberForever },
      );
      shop.apply(again, { ...again, received: '+23h' });
      expect(shop.sent).toHaveLength(1);
      shop.apply({ at: '+26h', event: 'A', id: 'other' }, { ...again, received: '+27h' });
      expect(shop.sent).toHaveLength(rememberForever ? 2 : 3);
    }
  });

  it('of an event that was refused is refused too, whatever has changed since', () => {
    const shop = new Trial([rule('1 hour', 'x')]);
    shop.apply({ at: '+0m', event: 'A' }, { at: '+30m', event: 'A', id: 'ignored' });
    shop.until('+1h');
    expect(shop.apply({ at: '+30m', received: '+2h', event: 'A', id: 'ignored' })).toBe(false);
    expect(shop.until('+1d').sent).toEqual(['+1h x']);
  });
});
