import { adoptRuleset } from '../follow-customer.js';
import { compileRuleset, rulesetsOf } from '../compile-ruleset.js';
import { at, Trial, workspaceOf, type TrialEvent } from '../testing/trial.js';

/** All trials begin on Monday 2 March 2026 at 10:00 in Berlin (09:00 UTC); its clock goes forward on 29 March. */
const rule = (start: string, more = '', steps = '[{ send: hello }]'): string =>
  `rule: r\ncategory: promotional\nstart: ${start}\n${more}\nsteps: ${steps}`;
const known = (time: string, traits: TrialEvent['traits'] = {}): TrialEvent => ({ at: time, traits });
const instants = (shop: Trial): string[] =>
  shop.effects.planned.map(({ due }) => new Date(due).toISOString().replace(':00.000Z', 'Z'));

describe('date, without every', () => {
  it('starts once for each value, at its moment', () => {
    const shop = new Trial([rule('{ date: 1 day before customer.trial_ends_at }')]);
    shop.apply(known('+0m', { trial_ends_at: '2026-03-10T12:00:00Z' }));
    shop.until('+20d');
    expect(instants(shop)).toEqual(['2026-03-09T12:00Z']);
    shop.apply(known('+21d', { trial_ends_at: '2026-04-10T12:00:00Z' }));
    shop.apply(known('+22d', { trial_ends_at: '2026-04-10T12:00:00Z' }));
    expect(instants(shop.until('+100d'))).toEqual(['2026-03-09T12:00Z', '2026-04-09T12:00Z']);
  });

  it('moves with a value that changes before it has come', () => {
    const shop = new Trial([rule('{ date: customer.trial_ends_at }')]);
    shop.apply(known('+0m', { trial_ends_at: '2026-03-10T12:00:00Z' }));
    shop.apply(known('+1d', { trial_ends_at: '2026-03-08T12:00:00Z' }));
    shop.apply(known('+2d', { trial_ends_at: '2026-03-09T12:00:00Z' }));
    expect(instants(shop.until('+100d'))).toEqual(['2026-03-09T12:00Z']);
  });

  it('starts nothing for a value that is taken away, or is no date', () => {
    const shop = new Trial([rule('{ date: customer.trial_ends_at }')]);
    shop.apply(known('+0m', { trial_ends_at: '2026-03-10T12:00:00Z' }));
    shop.apply(known('+1d', { trial_ends_at: null }));
    shop.apply(known('+2d', { trial_ends_at: 'soon' }));
    expect(instants(shop.until('+100d'))).toEqual([]);
    expect(shop.state.calendar.timers.size).toBe(0);
  });

  it('starts nothing for a value whose moment is past when it becomes known; at its very instant one of a known customer starts', () => {
    const shop = new Trial([rule('{ date: customer.day, at: "10:00" }')]);
    shop.apply(known('+1ms', { day: '2026-03-02' }));
    expect(instants(shop.until('+10d'))).toEqual([]);
    const exact = new Trial([rule('{ date: customer.day, at: "10:00" }')]);
    exact.apply(known('-1m'), known('+0m', { day: '2026-03-02' }));
    const unknown = new Trial([rule('{ date: customer.day, at: "10:00" }')]);
    unknown.apply(known('+0m', { day: '2026-03-02' }));
    expect(instants(unknown.until('+10d'))).toEqual([]);
    expect(instants(exact.until('+10d'))).toEqual(['2026-03-02T09:00Z']);
  });

  it('is not come twice where the customer takes it into a zone in which the hour comes again', () => {
    const shop = new Trial([rule('{ date: customer.day, at: "12:00" }')]);
    shop.apply(known('+0m', { day: '2026-03-05', timezone: 'Europe/Berlin' }));
    shop.until('+3d2h');
    shop.apply(known('+3d3h', { timezone: 'America/New_York' }));
    expect(instants(shop.until('+10d'))).toEqual(['2026-03-05T11:00Z']);
  });

  it('moves with the time zone of the customer', () => {
    const shop = new Trial([rule('{ date: customer.day, at: "12:00" }')]);
    shop.apply(known('+0m', { day: '2026-03-05', timezone: 'Europe/Berlin' }));
    shop.apply(known('+1d', { timezone: 'America/New_York' }));
    expect(instants(shop.until('+10d'))).toEqual(['2026-03-05T17:00Z']);
  });

  it('loses the day where its hour has passed in the new zone', () => {
    const shop = new Trial([rule('{ date: customer.day, at: "12:00" }')]);
    shop.apply(known('+0m', { day: '2026-03-05', timezone: 'Europe/Berlin' }));
    shop.apply(known('+3d', { timezone: 'Asia/Tokyo' }));
    expect(instants(shop.until('+10d'))).toEqual([]);
  });

  it('of a plain date without `at` is at the default time', () => {
    const shop = new Trial([rule('{ date: customer.day }')], 'default time: "08:30"\ngrace: 0 seconds');
    shop.apply(known('+0m', { day: '2026-03-05' }));
    expect(instants(shop.until('+10d'))).toEqual(['2026-03-05T07:30Z']);
  });

  it('has an empty event at the instant as start, and the instant as occurrence', () => {
    const shop = new Trial([rule('{ date: customer.day }')]);
    shop.apply(known('+0m', { day: '2026-03-05' }));
    shop.until('+10d');
    const time = at('+3d');
    expect(shop.effects.planned).toMatchObject([
      { occurrence: String(time), key: null, startedAt: time, start: { name: null, time, properties: {} } },
    ]);
  });
});

describe('a day of the calendar', () => {
  it("comes in each customer's zone, for every customer known by then", () => {
    const start = rule('{ date: 2026-11-26, at: "08:00" }');
    const zones = { 'Europe/Berlin': '2026-11-26T07:00Z', 'America/New_York': '2026-11-26T13:00Z' };
    for (const [timezone, expected] of Object.entries(zones)) {
      const shop = new Trial([start]);
      shop.apply(known('+0m', { timezone }));
      expect(instants(shop.until('+300d'))).toEqual([expected]);
    }
    const late = new Trial([start]);
    late.apply({ at: '+268d22h', event: 'Anything' });
    expect(instants(late.until('+300d'))).toEqual([]);
    const justInTime = new Trial([start]);
    justInTime.apply({ at: '+268d21h59m', event: 'Anything' });
    expect(instants(justInTime.until('+300d'))).toEqual(['2026-11-26T07:00Z']);
  });

  it('knows a customer from the first event of any kind, which therefore concerns the ruleset', () => {
    const shop = new Trial([rule('{ date: 2026-03-26 }')]);
    expect(shop.apply({ at: '+0m', event: 'Nobody Asked' })).toBe(true);
    expect(shop.apply({ at: '+1m', event: 'Nobody Asked' })).toBe(false);
    const { current } = shop.rulesets;
    expect(['track', 'page', 'group'].map((type) => current.concerns(type, 'Nobody Asked'))).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('date, with every', () => {
  const starts = (date: string, every: string, moment = 'customer.day', until = '+800d', more = ''): string[] => {
    const shop = new Trial([rule(`{ date: ${moment}, every: ${every}${more} }`)]);
    shop.apply(known('+0m', { day: date }));
    return instants(shop.until(until));
  };

  it('begins a period after the date itself', () => {
    expect(starts('2026-03-26', 'day', 'customer.day', '+28d')).toEqual([
      '2026-03-27T09:00Z',
      '2026-03-28T09:00Z',
      '2026-03-29T08:00Z',
      '2026-03-30T08:00Z',
    ]);
    expect(starts('2026-03-20', 'week', 'customer.day', '+34d')).toEqual(['2026-03-27T09:00Z', '2026-04-03T08:00Z']);
    expect(starts('2026-03-05', 'year')).toEqual(['2027-03-05T09:00Z', '2028-03-05T09:00Z']);
    expect(starts('1990-07-01', 'year')).toEqual(['2026-07-01T08:00Z', '2027-07-01T08:00Z']);
  });

  it('month is the last day of a month that is too short, and comes back to the day', () => {
    expect(starts('2026-03-31', 'month', 'customer.day', '+125d')).toEqual([
      '2026-04-30T08:00Z',
      '2026-05-31T08:00Z',
      '2026-06-30T08:00Z',
    ]);
  });

  it('year keeps 29 February on the 28th in other years', () => {
    expect(starts('1988-02-29', 'year')).toEqual(['2027-02-28T09:00Z', '2028-02-29T09:00Z']);
  });

  it('days before are counted from each birthday, in days of the calendar with `at`', () => {
    expect(starts('1990-04-02', 'year', '7 days before customer.day', '+800d', ', at: "10:00"')).toEqual([
      '2026-03-26T09:00Z',
      '2027-03-26T09:00Z',
      '2028-03-26T08:00Z',
    ]);
    expect(starts('1990-03-03', 'year', '7 days before customer.day', '+800d', ', at: "10:00"')).toEqual([
      '2027-02-24T09:00Z',
      '2028-02-25T09:00Z',
    ]);
  });

  it('without `at` a day before is 24 hours', () => {
    expect(starts('1990-03-30', 'year', '7 days before customer.day', '+60d')).toEqual(['2026-03-23T08:00Z']);
  });

  it('an instant comes again at the time of day that it shows in the zone of the customer', () => {
    expect(starts('2026-03-27T23:30:00Z', 'day', 'customer.day', '+28d')).toEqual([
      '2026-03-28T23:30Z',
      '2026-03-29T22:30Z',
    ]);
  });

  it('another value begins anew, one that is past goes on with its next', () => {
    const shop = new Trial([rule('{ date: customer.day, every: month }')]);
    shop.apply(known('+0m', { day: '2026-03-05' }), known('+10d', { day: '2025-12-07' }));
    expect(instants(shop.until('+100d'))).toEqual(['2026-04-07T08:00Z', '2026-05-07T08:00Z', '2026-06-07T08:00Z']);
  });

  it('is one timer, whatever becomes of it', () => {
    const shop = new Trial([rule('{ date: customer.day, every: day }')]);
    for (let day = 0; day < 5; day++) {
      shop.apply(known(`+${day}d`, { day: `2026-03-${10 + day}` }));
      expect(shop.state.calendar.timers.size).toBe(1);
    }
  });
});

describe('every', () => {
  const starts = (every: string, until: string, more = ''): string[] => {
    const shop = new Trial([rule(`{ every: ${every}${more} }`)]);
    shop.apply({ at: '+1m', event: 'Anything' });
    return instants(shop.until(until));
  };

  it('a weekday comes every week, also over a change of the clock', () => {
    expect(starts('monday', '+36d', ', at: "09:00"')).toEqual([
      '2026-03-09T08:00Z',
      '2026-03-16T08:00Z',
      '2026-03-23T08:00Z',
      '2026-03-30T07:00Z',
      '2026-04-06T07:00Z',
    ]);
  });

  it('without `at` is at the default time', () => {
    expect(starts('tuesday', '+7d')).toEqual(['2026-03-03T09:00Z']);
  });

  it('day, lists of weekdays, weekday and month', () => {
    expect(starts('day', '+3d')).toEqual(['2026-03-03T09:00Z', '2026-03-04T09:00Z', '2026-03-05T09:00Z']);
    expect(starts('[monday, thursday]', '+10d')).toEqual([
      '2026-03-05T09:00Z',
      '2026-03-09T09:00Z',
      '2026-03-12T09:00Z',
    ]);
    expect(starts('weekday', '+7d')).toEqual([
      '2026-03-03T09:00Z',
      '2026-03-04T09:00Z',
      '2026-03-05T09:00Z',
      '2026-03-06T09:00Z',
      '2026-03-09T09:00Z',
    ]);
    expect(starts('month', '+62d')).toEqual(['2026-04-01T08:00Z', '2026-05-01T08:00Z']);
  });

  it('a time that the clock skips is the first instant after the gap, one that it shows twice the first', () => {
    expect(starts('sunday', '+28d', ', at: "02:30"').at(-1)).toBe('2026-03-29T01:00Z');
    expect(starts('sunday', '+240d', ', at: "02:30"')).toContain('2026-10-25T00:30Z');
  });

  it("comes on the customer's own clock, as it is at that instant", () => {
    const shop = new Trial([rule('{ every: day, at: "12:00" }')]);
    shop.apply(known('+1m', { timezone: 'Europe/Berlin' }));
    shop.until('+1d1h');
    shop.apply(known('+1d1h', { timezone: 'America/New_York' }));
    shop.until('+2d');
    shop.apply(known('+2d', { timezone: 'Asia/Tokyo' }));
    expect(instants(shop.until('+3d'))).toEqual(['2026-03-02T11:00Z', '2026-03-03T17:00Z', '2026-03-05T03:00Z']);
  });

  it('is judged by who, again and while running at that instant', () => {
    const who = new Trial([rule('{ every: day }', 'who: { customer.city: Berlin }')]);
    who.apply(known('+1m', { city: 'Paris' }));
    who.until('+1d');
    who.apply(known('+1d1h', { city: 'Berlin' }));
    expect(instants(who.until('+2d'))).toEqual(['2026-03-04T09:00Z']);
    expect(who.refusals).toMatchObject([{ reason: 'who_false', at: at('+1d'), event: null }]);

    const again = new Trial([rule('{ every: day }', 'again: after 2 days')]);
    again.apply({ at: '+1m', event: 'Anything' });
    expect(again.until('+5d').sent).toEqual(['+1d hello', '+3d hello', '+5d hello']);
  });

  it('meets an active run as the end of a silence does: restart begins a new one, restart wait does nothing', () => {
    const steps = '[{ wait: 36 hours }, { send: hello }]';
    for (const [mode, expected] of Object.entries({
      ignore: ['+2d12h hello', '+4d12h hello'],
      'restart wait': ['+2d12h hello', '+4d12h hello'],
      restart: [],
    })) {
      const shop = new Trial([rule('{ every: day }', `while running: ${mode}`, steps)]);
      shop.apply({ at: '+1m', event: 'Anything' });
      expect(shop.until('+5d').sent).toEqual(expected);
    }
  });
});

describe('two starts of one rule at one instant', () => {
  it('are one start', () => {
    const shop = new Trial([
      rule('[{ every: tuesday }, { every: day }, { date: customer.day }, { inactive: 1 day, since: Anything }]'),
    ]);
    shop.apply(known('+0m', { day: '2026-03-03' }), { at: '+0m', event: 'Anything' });
    expect(shop.until('+1d').sent).toEqual(['+1d hello']);
    expect(shop.refusals).toEqual([]);
  });
});

describe('timers of one customer at one instant', () => {
  it('run in the order (due, rule, key), a run before a start of the same rule', () => {
    const named = (name: string, start: string): string => rule(start).replace('rule: r', `rule: ${name}`);
    const shop = new Trial([
      named('c', '{ every: day }').replace('hello', 'c'),
      named('a', '{ inactive: 1 day, since: Anything }').replace('hello', 'a'),
      named('b', '{ event: Anything }').replace('[{ send: hello }]', '[{ wait: 1 day }, { send: b }]'),
    ]);
    shop.apply({ at: '+0m', event: 'Anything' });
    expect(shop.until('+1d').sent).toEqual(['+1d a', '+1d b', '+1d c']);
  });
});

describe('the grace of a calendar start', () => {
  it('is ten seconds: there is no wait', () => {
    const shop = new Trial([rule('{ every: day }', 'who: { customer.city: Berlin }')], 'grace: 10 seconds');
    shop.apply(known('+23h59m59s', { city: 'Berlin' }), known('+1d10s', { city: 'Paris' }));
    expect(shop.until('+1d12h').sent).toEqual([]);
    const over = new Trial([rule('{ every: day }', 'who: { customer.city: Berlin }')], 'grace: 10 seconds');
    over.apply(known('+23h59m59s', { city: 'Berlin' }), known('+1d10s1ms', { city: 'Paris' }));
    expect(over.sent).toEqual(['+1d hello']);
  });
});

describe('an event that comes late', () => {
  it('starts nothing by a date that is past where the stream is: nothing is made up for', () => {
    const shop = new Trial([rule('[{ date: customer.day, at: "12:00" }, { date: customer.day, at: "15:00" }]')]);
    shop.apply({ at: '+1h', received: '+4h', traits: { day: '2026-03-02' } });
    expect(shop.until('+9h').sent).toEqual(['+5h hello']);
  });

  it('makes a customer known when it is read', () => {
    const shop = new Trial([rule('{ every: day, at: "12:00" }')]);
    shop.apply({ at: '-5h', received: '+4h', event: 'Anything' });
    expect(shop.until('+1d3h').sent).toEqual(['+1d2h hello']);
  });
});

describe('imported history', () => {
  it('starts nothing for what is past, and arms for what lies ahead', () => {
    const shop = new Trial([rule('[{ date: customer.day }, { every: sunday }]')]);
    shop.apply({ at: '-40d', received: '+1d', traits: { day: '2026-02-20' }, historical: true });
    shop.apply({ at: '-39d', received: '+1d', traits: { day: '2026-03-10' }, historical: true });
    expect(instants(shop.until('+9d'))).toEqual(['2026-03-08T09:00Z', '2026-03-10T09:00Z']);
  });
});

describe('publishing', () => {
  const publish = (shop: Trial, number: number, rules: readonly string[]): void => {
    shop.rulesets = rulesetsOf(compileRuleset(workspaceOf(rules), number, {}), [shop.rulesets.current]);
  };

  it('starts nobody for the past: a new rule begins with what lies after it', () => {
    const shop = new Trial([rule('{ event: Whatever }').replace('rule: r', 'rule: other')]);
    shop.apply(known('+0m', { day: '2026-03-04', other: '2026-03-12' }));
    shop.until('+4d');
    publish(shop, 2, [rule('[{ date: customer.day }, { date: customer.other }, { every: tuesday }]')]);
    expect(adoptRuleset(shop.rulesets, shop.state, shop.clock)).toBe(true);
    expect(adoptRuleset(shop.rulesets, shop.state, shop.clock)).toBe(false);
    expect(instants(shop.until('+12d'))).toEqual(['2026-03-10T09:00Z', '2026-03-12T09:00Z']);
  });

  it('goes by the event where nobody has told the state before', () => {
    const shop = new Trial([rule('{ event: Whatever }')]);
    shop.apply(known('+0m', { day: '2026-03-04' }));
    publish(shop, 2, [rule('{ date: customer.day }')]);
    shop.apply({ at: '+1d', received: '+3d', event: 'Whatever' });
    expect(instants(shop.until('+12d'))).toEqual([]);
  });

  it('drops the timer of a rule that is gone, and moves that of a start which is written otherwise', () => {
    const shop = new Trial([rule('{ every: day }')]);
    shop.apply(known('+1m'));
    publish(shop, 2, [rule('{ every: day, at: "15:00" }')]);
    expect(shop.until('+2d').sent).toEqual(['+1d5h hello']);
    publish(shop, 3, [rule('{ event: Whatever }')]);
    shop.until('+9d');
    expect(shop.sent).toEqual(['+1d5h hello']);
    expect(shop.state.calendar.timers.size).toBe(0);
  });

  it('lets a start that is written the same go on, also when its rule changes', () => {
    const shop = new Trial([rule('{ date: customer.day }')]);
    shop.apply(known('+0m', { day: '2026-03-05' }));
    publish(shop, 2, [rule('{ date: customer.day }', '', '[{ send: other }]')]);
    expect(shop.until('+12d').sent).toEqual(['+3d other']);
  });
});
