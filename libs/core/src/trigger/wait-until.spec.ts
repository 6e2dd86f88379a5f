import { offsetOf, Trial, type TrialEvent } from './testing/trial.js';

/** All trials begin on Monday 2 March 2026 at 10:00 in Berlin (09:00 UTC); its clock goes forward on 29 March. */
const rule = (until: string, beside = '', more = ''): string =>
  `rule: r\ncategory: promotional\nstart: { event: Go }\n${more}\nsteps:\n  - wait: { until: ${until} }\n${beside}  - send: next`;
const BOTH = '    then: [{ send: at-last }]\n    on past: [{ send: too-late }]\n';
const go = (time = '+0m', more: Partial<TrialEvent> = {}): TrialEvent => ({ at: time, event: 'Go', ...more });
const traits = (time: string, values: TrialEvent['traits'], more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  traits: values,
  ...more,
});
const LIVE = 'grace: 10 seconds';

describe('wait: { until }', () => {
  const reached = (until: string, until2 = '+40d', time = '+0m'): string[] => {
    const shop = new Trial([rule(until)]);
    shop.apply(go(time));
    return shop.until(until2).sent;
  };

  it('a time of day is the next one, strictly later', () => {
    expect(reached('"10:00"')).toEqual(['+1d next']);
    expect(reached('"10:01"')).toEqual(['+1m next']);
    expect(reached('"09:59"')).toEqual(['+23h59m next']);
  });

  it('a weekday is the next one; reached on that day after `at` it is that of the next week', () => {
    expect(reached('monday, at: "10:01"')).toEqual(['+1m next']);
    expect(reached('monday, at: "09:59"')).toEqual(['+6d23h59m next']);
    expect(reached('[thursday, sunday], at: "12:00"')).toEqual(['+3d2h next']);
    expect(reached('weekday', '+40d', '+4d1h')).toEqual(['+7d next']);
  });

  it('a weekday reached at that very instant is not after it', () => {
    expect(reached('monday')).toEqual(['+0m next']);
  });

  it('a plain date is that day at the default time, with `at` at that time', () => {
    expect(reached('2026-03-05')).toEqual(['+3d next']);
    expect(reached('2026-03-05, at: "08:00"')).toEqual(['+2d22h next']);
    expect(reached('2026-03-05T08:00:00Z')).toEqual(['+2d23h next']);
    expect(reached('2026-03-05T23:30:00Z, at: "08:00"')).toEqual(['+3d22h next']);
  });

  it('later is 24 hours a day; with `at` it is days of the calendar, and that time of day', () => {
    expect(reached('27 days later')).toEqual(['+27d next']);
    expect(reached('27 days later, at: "10:00"')).toEqual(['+26d23h next']);
    expect(reached('1 day 14 hours later, at: "08:00"')).toEqual(['+1d22h next']);
    expect(reached('1 hour later, at: "20:00"')).toEqual(['+10h next']);
  });

  it('a path of the start, and so long before or after it', () => {
    const ends = { starts_at: '2026-03-30T08:00:00Z' };
    for (const [until, expected] of Object.entries({
      'start.starts_at': '+27d23h next',
      '3 days before start.starts_at': '+24d23h next',
      '3 days before start.starts_at, at: "10:00"': '+25d next',
      '3 days after start.starts_at': '+30d23h next',
      '1 week after start.starts_at, at: "09:00"': '+34d22h next',
    })) {
      const shop = new Trial([rule(until)]);
      shop.apply(go('+0m', ends));
      expect(shop.until('+60d').sent).toEqual([expected]);
    }
  });
});

describe('`on past`', () => {
  const dated = (day: string, beside = BOTH): string[] => {
    const shop = new Trial([rule('customer.day, at: "10:00"', beside)]);
    shop.apply(traits('+0m', { day }), go());
    return shop.until('+10d').sent;
  };

  it('is done, and `then` is not, where the moment is past as the step is reached', () => {
    expect(dated('2026-03-01')).toEqual(['+0m too-late', '+0m next']);
    expect(dated('2026-03-03')).toEqual(['+1d at-last', '+1d next']);
  });

  it('is not done at the very instant', () => {
    expect(dated('2026-03-02')).toEqual(['+0m at-last', '+0m next']);
  });

  it('is done where there is no such date', () => {
    expect(dated('soon')).toEqual(['+0m too-late', '+0m next']);
  });

  it('without them the next step follows either way', () => {
    expect(dated('2026-03-01', '')).toEqual(['+0m next']);
    expect(dated('2026-03-03', '')).toEqual(['+1d next']);
  });

  it("is judged by the step's own time, however late the stream learns of it", () => {
    const shop = new Trial([rule('start.ends_at', BOTH)]);
    shop.apply(go('+0m', { ends_at: '2026-03-02T10:00:00Z', received: '+5h' }));
    shop.until('+6h');
    expect(
      shop.effects.planned.map(({ template, due, plannedAt }) => [template, offsetOf(due), offsetOf(plannedAt)]),
    ).toEqual([
      ['at-last', '+1h', '+5h'],
      ['next', '+1h', '+5h'],
    ]);
  });

  it.each([
    ['soon', 'there is no such date'],
    ['2026-03-01', '2026-03-01T09:00:00.000Z was past already'],
  ])('says why it is done: %s', (day, why) => {
    const shop = new Trial([rule('customer.day, at: "10:00"', BOTH)]);
    shop.apply(traits('+0m', { day }), go());
    expect(shop.effects.traces).toContainEqual(expect.objectContaining({ branch: 'on past', detail: why }));
  });

  it('has its place in outputs', () => {
    const shop = new Trial([rule('customer.day', BOTH)]);
    shop.apply(go());
    expect(shop.effects.planned.map(({ step }) => step)).toEqual(['1.on past.1', '2']);
  });
});

describe('a wait for a moment moves with what the moment is read from', () => {
  const waiting = (until: string, ...events: readonly TrialEvent[]): Trial => {
    const shop = new Trial([rule(until, BOTH)]);
    shop.apply(traits('+0m', { ends: '2026-03-12T09:00:00Z', timezone: 'Europe/Berlin' }), go());
    shop.apply(...events);
    return shop;
  };

  it('later and earlier, again and again', () => {
    const shop = waiting(
      '1 day before customer.ends',
      traits('+1d', { ends: '2026-03-20T09:00:00Z' }),
      traits('+2d', { ends: '2026-03-08T09:00:00Z' }),
      traits('+3d', { ends: '2026-03-09T09:00:00Z' }),
    );
    expect(shop.until('+40d').sent).toEqual(['+6d at-last', '+6d next']);
  });

  it('into the past: then it is overdue, acts at once as of the moment, and `then` follows', () => {
    const shop = waiting(
      'customer.ends',
      traits('+5d', { ends: '2026-03-03T09:00:00Z' }),
      traits('+6d', { city: 'Berlin' }),
    );
    shop.until('+40d');
    expect(
      shop.effects.planned.map(({ template, due, plannedAt }) => [template, offsetOf(due), offsetOf(plannedAt)]),
    ).toEqual([
      ['at-last', '+1d', '+5d'],
      ['next', '+1d', '+5d'],
    ]);
  });

  it('not where the value vanishes: there is no other moment to move to', () => {
    expect(
      waiting('customer.ends', traits('+5d', { ends: null }), traits('+6d', { ends: 'soon' })).until('+40d').sent,
    ).toEqual(['+10d at-last', '+10d next']);
  });

  it('as long as it has not acted: a value that comes at the very instant still moves it', () => {
    const shop = waiting('customer.ends', traits('+10d', { ends: '2026-03-13T09:00:00Z' }));
    expect(shop.until('+40d').sent).toEqual(['+11d at-last', '+11d next']);
  });

  it('with the time zone of the customer', () => {
    expect(
      waiting('2026-03-05, at: "10:00"', traits('+1d', { timezone: 'America/New_York' })).until('+40d').sent[0],
    ).toBe('+3d6h at-last');
    expect(waiting('"12:00"', traits('+1h', { timezone: 'America/New_York' })).until('+40d').sent[0]).toBe(
      '+8h at-last',
    );
    expect(waiting('thursday', traits('+3d', { timezone: 'Asia/Tokyo' })).until('+40d').sent[0]).toBe('+3d at-last');
  });

  it('not by events that say nothing of it', () => {
    const shop = waiting('1 day before customer.ends', traits('+1d', { city: 'Paris' }));
    const { due, fireAt } = shop.state.runs[0]!;
    expect(shop.apply({ at: '+2d', event: 'Nobody Asked' })).toBe(false);
    expect(shop.state.runs[0]).toMatchObject({ due, fireAt });
  });

  it('by an event that comes late, from where the stream is', () => {
    const shop = waiting('customer.ends', traits('+4d', { ends: '2026-03-03T09:00:00Z' }, { received: '+5d' }));
    shop.until('+40d');
    expect(shop.effects.planned.map(({ due, plannedAt }) => [offsetOf(due), offsetOf(plannedAt)])[0]).toEqual([
      '+1d',
      '+5d',
    ]);
  });

  it('never to before the step was reached', () => {
    const shop = new Trial([rule('customer.ends', BOTH).replace('steps:', 'steps:\n  - wait: 3 days')]);
    shop.apply(traits('+0m', { ends: '2026-03-12T09:00:00Z' }), go());
    shop.apply(traits('+2d', { ends: '2026-03-03T09:00:00Z' }, { received: '+4d' }));
    shop.until('+40d');
    expect(shop.effects.planned.map(({ due, plannedAt }) => [offsetOf(due), offsetOf(plannedAt)])[0]).toEqual([
      '+3d',
      '+4d',
    ]);
  });

  it('by the new start of `restart wait`, for which the step is reached anew', () => {
    const ends = (date: string): Partial<TrialEvent> => ({ ends: `2026-03-${date}T09:00:00Z` });
    const restarted = (date: string): string[] => {
      const shop = new Trial([rule('start.ends', BOTH, 'while running: restart wait')]);
      shop.apply(go('+0m', ends('12')), go('+5d', ends(date)));
      return shop.until('+40d').sent;
    };
    expect(restarted('17')).toEqual(['+15d at-last', '+15d next']);
    expect(restarted('04')).toEqual(['+5d too-late', '+5d next']);
    const relative = new Trial([rule('2 days later', '', 'while running: restart wait')]);
    relative.apply(go('+0m'), go('+1d'));
    expect(relative.until('+40d').sent).toEqual(['+3d next']);
  });
});

describe('the grace of a wait for a moment', () => {
  it('counts from the moment at which the step is reached', () => {
    const stopped = (reached: string, left: string): string[] => {
      const shop = new Trial([rule('start.ends', '', 'stop: { event: Left }')], LIVE);
      shop.apply(go(reached, { ends: '2026-03-02T10:00:00Z' }), { at: left, event: 'Left' });
      return shop.until('+2d').sent;
    };
    expect(stopped('+0m', '+1h10s')).toEqual([]);
    expect(stopped('+0m', '+1h10s1ms')).toEqual(['+1h next']);
    expect(stopped('+59m30s', '+1h3s')).toEqual([]);
    expect(stopped('+59m30s', '+1h3s1ms')).toEqual(['+1h next']);
  });

  it('is over for a wait that moves into the past: it acts after the five minutes of what is born late', () => {
    const moved = (again: string): string | undefined => {
      const shop = new Trial([rule('customer.ends', BOTH)], LIVE);
      shop.apply(traits('+0m', { ends: '2026-03-12T09:00:00Z' }), go());
      shop.apply(traits('+5d', { ends: '2026-03-03T09:00:00Z' }), traits(again, { ends: '2026-03-13T09:00:00Z' }));
      return shop.until('+40d').sent[0];
    };
    expect(moved('+5d5m')).toBe('+11d at-last');
    expect(moved('+5d5m1ms')).toBe('+5d5m at-last');
  });
});

describe('wait: { for, until }', () => {
  const survey = (limit: string): string =>
    `rule: r\ncategory: promotional\nstart: { event: Go }\nsteps:\n  - wait: { for: { event: Answer }, ${limit} }\n    then: [{ send: thanks }]\n    on timeout: [{ send: reminder }]\n  - send: next`;
  const answered = (limit: string, ...events: readonly TrialEvent[]): string[] => {
    const shop = new Trial([survey(limit)]);
    shop.apply(traits('+0m', { ends: '2026-03-05T09:00:00Z' }), go(), ...events);
    return shop.until('+40d').sent;
  };

  it('is over at the event or at the moment, whichever comes first', () => {
    expect(answered('until: friday, at: "09:00"')).toEqual(['+3d23h reminder', '+3d23h next']);
    expect(answered('until: friday, at: "09:00"', { at: '+1d', event: 'Answer' })).toEqual(['+1d thanks', '+1d next']);
    expect(answered('until: customer.ends', { at: '+3d', event: 'Answer' })).toEqual(['+3d thanks', '+3d next']);
  });

  it('is over at once where the moment is past or unknown, after the events of that instant', () => {
    expect(answered('until: 2026-02-01')).toEqual(['+0m reminder', '+0m next']);
    expect(answered('until: customer.nothing')).toEqual(['+0m reminder', '+0m next']);
    expect(answered('until: 2026-02-01', { at: '+0m', event: 'Answer' })).toEqual(['+0m thanks', '+0m next']);
  });

  it('moves as a wait for the moment alone does', () => {
    expect(answered('until: customer.ends', traits('+1d', { ends: '2026-03-04T09:00:00Z' }))).toEqual([
      '+2d reminder',
      '+2d next',
    ]);
  });
});

describe('a run that waits for a moment', () => {
  it('is not bound to it any more once an event has ended the wait', () => {
    const shop = new Trial([
      'rule: r\ncategory: promotional\nstart: { event: Go }\nsteps: [{ wait: { for: { event: Answer }, until: customer.ends } }, { wait: 5 days }, { send: x }]',
    ]);
    shop.apply(traits('+0m', { ends: '2026-03-05T09:00:00Z' }), go(), { at: '+1d', event: 'Answer' });
    shop.apply(traits('+2d', { ends: '2026-03-30T09:00:00Z' }));
    expect(shop.until('+40d').sent).toEqual(['+6d x']);
  });

  it('is reached ahead of the clock like any other step', () => {
    const shop = new Trial([rule('customer.ends', BOTH)]);
    shop.apply(go('+3m', { received: '+0m' }), traits('+1m', { ends: '2026-03-02T09:02:00Z' }));
    expect(shop.until('+1d').sent).toEqual(['+3m too-late', '+3m next']);
  });
});
