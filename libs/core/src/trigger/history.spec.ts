import { compileRuleset, rulesetsOf } from './compile-ruleset.js';
import { Trial, workspaceOf, type TrialEvent } from './testing/trial.js';

const rule = (condition: string, more = 'again: always'): string =>
  `rule: r\ncategory: promotional\nstart: { event: Checked, where: ${condition} }\n${more}\nsteps: [{ send: yes-it-is }]`;
const bought = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({ at: time, event: 'Bought', ...more });
const check = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({ at: time, event: 'Checked', ...more });

function holds(condition: string, ...events: TrialEvent[]): boolean {
  const shop = new Trial([rule(condition)]);
  shop.apply(...events);
  return shop.sent.length > 0;
}

describe('has done', () => {
  it('is at least once where nothing is said', () => {
    expect(holds('{ has done: { event: Bought } }', check('+1h'))).toBe(false);
    expect(holds('{ has done: { event: Bought } }', bought('+0m'), check('+1h'))).toBe(true);
    expect(holds('{ has not done: { event: Bought } }', check('+1h'))).toBe(true);
    expect(holds('{ has not done: { event: Bought } }', bought('+0m'), check('+1h'))).toBe(false);
  });

  it('has counted the event that is being processed', () => {
    expect(holds('{ has done: { event: Checked } }', check('+0m'))).toBe(true);
    expect(holds('{ has done: { event: Checked, at least: 2 } }', check('+0m'))).toBe(false);
  });

  it('counts at least and at most', () => {
    const two = [bought('+0m'), bought('+1m')];
    expect(holds('{ has done: { event: Bought, at least: 2, at most: 2 } }', ...two, check('+1h'))).toBe(true);
    expect(holds('{ has done: { event: Bought, at most: 1 } }', ...two, check('+1h'))).toBe(false);
    expect(holds('{ has done: { event: Bought, at most: 1 } }', check('+1h'))).toBe(true);
  });

  it('within: what is younger than the window, exactly as old is outside', () => {
    const window = '{ has done: { event: Bought, at least: 2, within: 1 day } }';
    expect(holds(window, bought('+0m'), bought('+1h'), check('+23h59m'))).toBe(true);
    expect(holds(window, bought('+0m'), bought('+1h'), check('+1d'))).toBe(false);
    expect(
      holds(
        '{ has done: { event: Bought, at most: 1, within: 1 day } }',
        bought('+0m'),
        bought('+1h'),
        bought('+2h'),
        check('+1d1h'),
      ),
    ).toBe(true);
  });

  it('takes late events at their own time', () => {
    const window = '{ has done: { event: Bought, within: 1 day } }';
    expect(holds(window, bought('+0m', { received: '+2d' }), check('+2d'))).toBe(false);
    expect(holds(window, bought('+1d12h', { received: '+2d' }), check('+2d'))).toBe(true);
  });

  it('narrows by where, judged when it happened', () => {
    const dear = '{ has done: { event: Bought, where: { event.price: { at least: 50 } } } }';
    expect(holds(dear, bought('+0m', { price: 10 }), check('+1h'))).toBe(false);
    expect(holds(dear, bought('+0m', { price: 60 }), check('+1h'))).toBe(true);
  });

  it('compares with the start by the fields of the last fifty events', () => {
    const sent = (...events: TrialEvent[]): number => {
      const who = 'who: { has done: { event: Bought, where: { event.product: start.product } } }';
      const shop = new Trial([rule('{ event.product: { exists: true } }', who)]);
      shop.apply(...events);
      return shop.sent.length;
    };
    const many = Array.from({ length: 50 }, (_, index) => bought(`+${index + 1}m`, { product: `p${index}` }));
    expect(sent(bought('+0m', { product: 'p' }), check('+2h', { product: 'p' }))).toBe(1);
    expect(sent(bought('+0m', { product: 'q' }), check('+2h', { product: 'p' }))).toBe(0);
    expect(sent(bought('+0m', { product: 'p' }), ...many, check('+2h', { product: 'p' }))).toBe(0);
  });

  it('since: start counts from the start of the run', () => {
    const shop = new Trial([
      `rule: r\ncategory: promotional\nstart: { event: A }\nsteps: [{ wait: 1 hour }, { if: { has done: { event: Bought, since: start } }, then: [{ send: bought-since }], else: [{ send: not-since }] }]`,
    ]);
    shop.apply(bought('-1m'), { at: '+0m', event: 'A' });
    shop.until('+2h');
    shop.apply({ at: '+3h', event: 'A' }, bought('+3h30m'));
    expect(shop.until('+5h').sent).toEqual(['+1h not-since', '+4h bought-since']);
  });

  it('keeps its counts in a new ruleset while somebody asks for the same, and forgets what nobody asks for', () => {
    const shop = new Trial([rule('{ has done: { event: Bought, at least: 2 } }')]);
    shop.apply(bought('+0m'));
    const again = workspaceOf([
      rule('{ has done: { event: Bought, at least: 2 } }', 'again: never'),
      rule('{ event.x: 1 }').replace('rule: r', 'rule: other'),
    ]);
    shop.rulesets = rulesetsOf(compileRuleset(again, 2, { r: 2, other: 1 }));
    shop.apply(bought('+1m'), check('+2m'));
    expect(shop.sent).toEqual(['+2m yes-it-is']);
    shop.rulesets = rulesetsOf(compileRuleset(workspaceOf([rule('{ event.x: 1 }')]), 3, { r: 3 }));
    shop.apply({ at: '+3m', traits: { city: 'Berlin' } });
    expect(shop.state.counters.size).toBe(0);
  });
});
