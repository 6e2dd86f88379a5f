import { compileRuleset, rulesetsOf } from './compile-ruleset.js';
import { at, offsetOf, Trial, workspaceOf, type TrialEvent } from './testing/trial.js';

const GAP =
  'computed: { customer.order_gap: { average gap: Order Completed }, customer.visit_gap: { average gap: Visit } }';
const ordered = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Order Completed',
  ...more,
});
const visited = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({ at: time, event: 'Visit', ...more });
const inactive = (duration: string, since = 'Order Completed', more = ''): string =>
  `rule: r\ncategory: promotional\nstart: { inactive: ${duration}, since: ${since} }\n${more}\nsteps: [{ send: come-back }]`;

describe('a wait of a length of the customer', () => {
  const rule = (wait: string): string =>
    `rule: r\ncategory: promotional\nstart: { event: Go }\nwhile running: restart wait\nsteps: [{ wait: ${wait} }, { send: next }]`;
  const go = (time: string): TrialEvent => ({ at: time, event: 'Go' });

  it('is so many times the average gap, rounded to whole milliseconds', () => {
    for (const [wait, expected] of Object.entries({
      'customer.order_gap': '+32h',
      '0.5 x customer.order_gap': '+26h',
      '2 x customer.order_gap or 30 days': '+44h',
      '0.333 x customer.order_gap': '+23h59m45s600ms',
    })) {
      const shop = new Trial([GAP, rule(wait)]);
      shop.apply(ordered('+0m'), ordered('+12h'), go('+20h'));
      expect(shop.until('+10d').sent).toEqual([`${offsetOf(at(expected))} next`]);
    }
    const odd = new Trial([GAP, rule('0.1 x customer.order_gap')]);
    odd.apply(ordered('+0m'), ordered('+15ms'), go('+1h'));
    expect(odd.until('+10d').sent).toEqual(['+1h2ms next']);
    const third = new Trial([GAP, rule('10 x customer.order_gap')]);
    third.apply(ordered('+0m'), ordered('+1ms'), ordered('+2ms'), ordered('+4ms'), go('+1h'));
    expect(third.until('+10d').sent).toEqual(['+1h10ms next']);
  });

  it('is what stands behind `or` where the gap is unknown, or zero', () => {
    const shop = new Trial([GAP, rule('customer.order_gap or 3 days')]);
    shop.apply(ordered('+0m'), go('+1h'));
    expect(shop.until('+10d').sent).toEqual(['+3d1h next']);
    const zero = new Trial([GAP, rule('customer.order_gap or 3 days')]);
    zero.apply(ordered('+0m'), ordered('+0m'), go('+1h'));
    expect(zero.until('+10d').sent).toEqual(['+3d1h next']);
  });

  it('ends the run where it is unknown and there is no `or`', () => {
    const shop = new Trial([GAP, rule('customer.order_gap')]);
    shop.apply(ordered('+0m'), go('+1h'));
    expect(shop.until('+10d').sent).toEqual([]);
    expect(shop.effects.traces.at(-1)).toMatchObject({ kind: 'ended', outcome: 'finished', by: 'duration_unknown' });
  });

  it('is never longer than 730 days', () => {
    const shop = new Trial([GAP, rule('3 x customer.order_gap')]);
    shop.apply(ordered('+0m'), ordered('+300d'), go('+300d'));
    expect(shop.until('+1500d').sent).toEqual(['+1030d next']);
  });

  it('stays as it was when the step was reached; a restarted wait asks anew', () => {
    const shop = new Trial([GAP, rule('customer.order_gap')]);
    shop.apply(ordered('+0m'), ordered('+1d'), go('+1d'), ordered('+1d12h'));
    expect(shop.until('+1d20h').sent).toEqual([]);
    shop.apply(go('+1d22h'));
    expect(shop.until('+10d').sent).toEqual(['+2d16h next']);
  });

  it('is how long `wait: { for, up to }` waits', () => {
    const shop = new Trial([GAP, rule('{ for: { event: Answer }, up to: 2 x customer.order_gap }')]);
    shop.apply(ordered('+0m'), ordered('+12h'), go('+20h'));
    expect(shop.until('+10d').sent).toEqual(['+1d20h next']);
    const unknown = new Trial([GAP, rule('{ for: { event: Answer }, up to: 2 x customer.order_gap }')]);
    unknown.apply(go('+20h'));
    expect(unknown.state.runs).toEqual([]);
  });
});

describe('a silence of a length of the customer', () => {
  it('lasts so many times the gap, which the last event of it is counted in', () => {
    const shop = new Trial([GAP, inactive('0.5 x customer.order_gap or 30 days')]);
    shop.apply(ordered('+0m'), ordered('+20d'));
    expect(shop.until('+200d').sent).toEqual(['+30d come-back']);
    const first = new Trial([GAP, inactive('0.5 x customer.order_gap or 30 days')]);
    first.apply(ordered('+0m'));
    expect(first.until('+200d').sent).toEqual(['+30d come-back']);
  });

  it('does not begin while the length is unknown, and says so', () => {
    const shop = new Trial([GAP, inactive('customer.order_gap')]);
    shop.apply(ordered('+0m', { id: 'first' }));
    expect(shop.until('+200d').sent).toEqual([]);
    expect(shop.refusals).toMatchObject([{ reason: 'duration_unknown', event: 'first' }]);
    shop.apply(ordered('+201d'));
    expect(shop.until('+500d').sent).toEqual(['+402d come-back']);
  });

  it('takes the new length when the gap changes, longer and shorter', () => {
    const shop = new Trial([GAP, inactive('2 x customer.visit_gap or 30 days')]);
    shop.apply(visited('+0m'), visited('+4d'), ordered('+4d'));
    expect(offsetOf(shop.state.silences.values().next().value!.due)).toBe('+12d');
    shop.apply(visited('+5d'));
    expect(offsetOf(shop.state.silences.values().next().value!.due)).toBe('+9d');
    shop.apply(visited('+8d12h'));
    expect(shop.until('+200d').sent).toEqual(['+9d16h come-back']);
  });

  it('begins where the length becomes known while it lasts', () => {
    const shop = new Trial([GAP, inactive('2 x customer.visit_gap')]);
    shop.apply(ordered('+0m'), visited('+0m'), visited('+4d'));
    expect(shop.until('+200d').sent).toEqual(['+8d come-back']);
  });

  it('that has lasted by a shorter gap starts as of then, unless that is too late', () => {
    const shortened = (more: string): Trial => {
      const shop = new Trial([GAP, inactive('customer.visit_gap or 30 days', 'Order Completed', more)]);
      shop.apply(ordered('+0m'), visited('+10d'), visited('+13d'));
      return shop.until('+200d');
    };
    expect(
      shortened('too late after: 20 days').effects.planned.map(({ due, plannedAt }) => [
        offsetOf(due),
        offsetOf(plannedAt),
      ]),
    ).toEqual([['+3d', '+13d']]);
    expect(shortened('').refusals).toMatchObject([{ reason: 'too_late' }]);
  });

  it('starts once for each silence, whatever becomes of the gap', () => {
    const shop = new Trial([GAP, inactive('customer.visit_gap or 2 days')]);
    shop.apply(ordered('+0m'));
    shop.until('+3d');
    shop.apply(visited('+3d'), visited('+10d'), visited('+30d'));
    expect(shop.until('+200d').sent).toEqual(['+2d come-back']);
    shop.apply(ordered('+201d'));
    expect(shop.until('+400d').sent).toEqual(['+2d come-back', '+214d12h come-back']);
  });

  it('is not made up for where imported history makes it shorter', () => {
    const shop = new Trial([GAP, inactive('customer.visit_gap', 'Order Completed', 'too late after: 90 days')]);
    shop.apply(ordered('+0m'));
    shop.apply(
      visited('-9d', { received: '+5d', historical: true }),
      visited('-8d', { received: '+5d', historical: true }),
    );
    expect(shop.until('+200d').sent).toEqual([]);
  });

  it('moves nothing where nothing has changed', () => {
    const shop = new Trial([GAP, inactive('2 x customer.visit_gap or 30 days')]);
    shop.apply(visited('+0m'), visited('+4d'), ordered('+4d'));
    expect(shop.apply({ at: '+5d', event: 'Nobody Asked' })).toBe(false);
  });
});

describe('inactive', () => {
  it('since one of a list, narrowed by where', () => {
    const shop = new Trial([
      inactive('10 days', '[Order Completed, Visit]').replace(' }\n', ', where: { event.big: true } }\n'),
    ]);
    shop.apply(ordered('+0m', { big: true }), visited('+5d', { big: true }), visited('+7d', { big: false }));
    expect(shop.until('+100d').sent).toEqual(['+15d come-back']);
  });

  it('of a new version: what would have been over before it was published starts nobody', () => {
    const published = (days: number, seen: string): string[] => {
      const more = 'too late after: 90 days';
      const shop = new Trial([inactive('60 days', 'Order Completed', more)]);
      shop.apply(ordered('+0m'));
      shop.until(seen);
      shop.rulesets = rulesetsOf(
        compileRuleset(workspaceOf([inactive(`${days} days`, 'Order Completed', more)]), 2, { r: 2 }),
        [shop.rulesets.current],
      );
      shop.apply({ at: seen, traits: { city: 'Berlin' } });
      return shop.until('+200d').sent;
    };
    expect(published(50, '+40d')).toEqual(['+50d come-back']);
    expect(published(30, '+40d')).toEqual([]);
    expect(published(90, '+40d')).toEqual(['+90d come-back']);
  });
});
