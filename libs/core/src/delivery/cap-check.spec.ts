import {
  DAY,
  HOUR,
  MINUTE,
  NEXT_CHANNEL,
  NOW,
  at,
  calendar,
  customer,
  decide,
  decideAll,
  deferUpTo,
  open,
  policyOf,
  quiet,
  rolling,
  said,
  sentAt,
  uuid,
} from './fixtures/world.js';

const daily = policyOf({ caps: [rolling(1, DAY)] });

describe('a rolling cap', () => {
  it('is half-open: exactly one length later the slot is free', () => {
    expect(said(decide(open(), { policy: daily, slots: [sentAt(NOW - DAY)] }))).toBe('send email');
    expect(said(decide(open(), { policy: daily, slots: [sentAt(NOW - DAY + 6 * MINUTE)] }))).toBe(
      'suppress frequency_cap email',
    );
    expect(said(decide(open(), { policy: daily, slots: [sentAt(NOW)] }))).toBe('suppress frequency_cap email');
  });

  it('counts as many as it allows', () => {
    const policy = policyOf({ caps: [rolling(3, DAY)] });
    const slots = [sentAt(NOW - HOUR), sentAt(NOW - 2 * HOUR)];
    expect(said(decide(open(), { policy, slots }))).toBe('send email');
    expect(said(decide(open(), { policy, slots: [...slots, sentAt(NOW - 3 * HOUR)] }))).toBe(
      'suppress frequency_cap email',
    );
  });

  it('of one day is 24 hours, also when the clock changes', () => {
    const summer = at('2026-03-29T08:00:00Z');
    const slots = [sentAt(summer - DAY + HOUR)];
    expect(said(decide(open({ plannedAt: summer, due: summer }), { policy: daily, slots, now: summer }))).toBe(
      'suppress frequency_cap email',
    );
  });

  it('counts a slot in flight from its end', () => {
    const inFlight = sentAt(NOW - DAY - MINUTE, { to: NOW - DAY + MINUTE });
    expect(said(decide(open(), { policy: daily, slots: [inFlight] }))).toBe('defer frequency_cap +1m email');
  });

  it('still sees what was sent when the clock is set back', () => {
    expect(said(decide(open(), { policy: daily, slots: [sentAt(NOW + HOUR)] }))).toBe('suppress frequency_cap email');
  });
});

describe('a calendar cap', () => {
  const capped = (unit: 'day' | 'week' | 'month', sent: string, now: string, zone = 'Europe/Berlin') => {
    const ann = customer({ traits: { email: 'ann@shop.test', timezone: zone } });
    const moment = at(now);
    const message = open({ due: moment, plannedAt: moment });
    return said(
      decide(message, {
        policy: policyOf({ caps: [calendar(1, unit)] }),
        slots: [sentAt(at(sent))],
        now: moment,
        customer: ann,
      }),
    );
  };

  it('counts the day, ISO week or month of the customer’s zone', () => {
    expect(capped('day', '2026-03-01T22:59:59Z', '2026-03-01T23:00:00Z')).toBe('send email');
    expect(capped('day', '2026-03-01T23:00:00Z', '2026-03-02T22:00:00Z')).toBe('suppress frequency_cap email');
    expect(capped('day', '2026-03-01T22:59:59Z', '2026-03-01T23:00:00Z', 'America/New_York')).toBe(
      'suppress frequency_cap email',
    );
    expect(capped('week', '2026-03-01T22:00:00Z', '2026-03-02T09:00:00Z')).toBe('send email');
    expect(capped('week', '2026-03-01T23:00:00Z', '2026-03-08T22:00:00Z')).toBe('suppress frequency_cap email');
    expect(capped('month', '2026-02-28T22:00:00Z', '2026-03-01T09:00:00Z')).toBe('send email');
    expect(capped('month', '2026-02-28T23:00:00Z', '2026-03-31T20:00:00Z')).toBe('suppress frequency_cap email');
  });

  it('knows days of 23 and 25 hours and days without a midnight', () => {
    expect(capped('day', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z')).toBe('send email');
    expect(capped('day', '2026-10-24T22:00:00Z', '2026-10-25T22:30:00Z')).toBe('suppress frequency_cap email');
    expect(capped('day', '2018-11-04T02:59:59Z', '2018-11-04T03:00:00Z', 'America/Sao_Paulo')).toBe('send email');
  });

  it('counts a slot in flight in every period it touches', () => {
    const midnight = at('2026-03-01T23:00:00Z');
    const policy = policyOf({ caps: [calendar(1, 'day')] });
    const touching = sentAt(midnight - 30_000, { to: midnight + 30_000 });
    expect(said(decide(open(), { policy, slots: [touching] }))).toBe('suppress frequency_cap email');
    const touchingFirst = sentAt(midnight - 30_000, { to: midnight });
    expect(said(decide(open(), { policy, slots: [touchingFirst] }))).toBe('suppress frequency_cap email');
  });
});

describe('which slots a cap counts', () => {
  const slots = [sentAt(NOW - HOUR, { category: 'care', channel: 'sms' })];

  it('all of them, or those of its category or channel', () => {
    expect(said(decide(open(), { policy: daily, slots }))).toBe('suppress frequency_cap email');
    expect(
      said(decide(open(), { policy: policyOf({ caps: [rolling(1, DAY, { category: 'promotional' })] }), slots })),
    ).toBe('send email');
    expect(said(decide(open(), { policy: policyOf({ caps: [rolling(1, DAY, { channel: 'email' })] }), slots }))).toBe(
      'send email',
    );
    expect(
      said(
        decide(open({ category: 'care' }), {
          policy: policyOf({ caps: [rolling(1, DAY, { category: 'care' })] }),
          slots,
        }),
      ),
    ).toBe('suppress frequency_cap email');
    expect(
      said(
        decide(open({ channels: ['sms'] }), {
          policy: policyOf({ caps: [rolling(1, DAY, { channel: 'sms' })] }),
          slots,
        }),
      ),
    ).toBe('suppress frequency_cap sms');
  });

  it('a cap of another category or channel does not hold a message', () => {
    const policy = policyOf({ caps: [rolling(1, DAY, { category: 'care' }), rolling(1, DAY, { channel: 'sms' })] });
    expect(said(decide(open(), { policy, slots }))).toBe('send email');
  });

  it('all that match apply', () => {
    const policy = policyOf({ caps: [rolling(5, DAY), rolling(1, HOUR, { category: 'promotional' })] });
    expect(said(decide(open(), { policy, slots: [sentAt(NOW - MINUTE)] }))).toBe('suppress frequency_cap email');
    expect(said(decide(open(), { policy, slots: [sentAt(NOW - HOUR)] }))).toBe('send email');
  });

  it('categories that do not count take none, those that ignore caps are not held by them', () => {
    expect(
      said(decide(open(), { policy: daily, slots: [sentAt(NOW, { category: 'transactional', counts: false })] })),
    ).toBe('send email');
    expect(said(decide(open({ category: 'transactional' }), { policy: daily, slots: [sentAt(NOW)] }))).toBe(
      'send email',
    );
    const [order, offer] = decideAll([open({ category: 'transactional', priority: 90 }), open()], {
      policy: daily,
    }).decisions;
    expect([said(order!), said(offer!)]).toEqual(['send email', 'send email']);
  });

  it('a retry is not refused for its own slot', () => {
    const message = open();
    expect(said(decide(message, { policy: daily, slots: [sentAt(NOW - HOUR, { messageId: message.plan.id })] }))).toBe(
      'send email',
    );
  });
});

describe('who is judged first', () => {
  it('the highest priority; ties: planned earlier, then rule, key, step in code point order', () => {
    const low = open({ priority: 10, due: NOW - HOUR });
    const early = open({ due: NOW - 1, rule: 'z' });
    const ruleA = open({ rule: 'a', key: 'z' });
    const key0 = open({ rule: 'b', key: null });
    const key1 = open({ rule: 'b', key: '\uff01' });
    const key2 = open({ rule: 'b', key: '\u{1f600}', step: '10' });
    const step2 = open({ rule: 'b', key: '\u{1f600}', step: '2', template: 'letter' });
    const high = open({ priority: 90 });
    const order = [high, early, ruleA, key0, key1, key2, step2, low];
    const shuffled = [step2, low, key1, high, key2, ruleA, key0, early];
    expect(decideAll(shuffled).decisions.map(({ message }) => message)).toEqual(order);
  });
});

describe('frequency_cap and outranked', () => {
  const reasons = (messages: Parameters<typeof decideAll>[0], world = {}) =>
    decideAll(messages, { policy: daily, ...world }).decisions.map(said);

  it('a message of higher priority that took the slot at this instant outranks', () => {
    const all = decideAll([open({ priority: 40 }), open({ priority: 60 })], { policy: daily });
    expect(all.decisions.map(said)).toEqual(['send email', 'suppress outranked email']);
    expect(all.decisions[1]?.inputs.outrankedBy).toEqual({
      messageId: all.decisions[0]?.message.plan.id,
      priority: 60,
      at: NOW,
    });
  });

  it('one of the same priority does not: frequency_cap', () => {
    expect(reasons([open(), open()])).toEqual(['send email', 'suppress frequency_cap email']);
  });

  it('what was sent before fills the window whatever its priority', () => {
    expect(reasons([open()], { slots: [sentAt(NOW - HOUR, { priority: 90 })] })).toEqual([
      'suppress frequency_cap email',
    ]);
    expect(reasons([open({ priority: 90 })], { slots: [sentAt(NOW - HOUR, { priority: 1 })] })).toEqual([
      'suppress frequency_cap email',
    ]);
  });

  it('it is outranked only where there would be a slot without the higher ones, in every cap', () => {
    const policy = policyOf({ caps: [rolling(2, DAY)] });
    // Two of its own priority and one above: without that one there is room for one of the two.
    expect(reasons([open({ priority: 60 }), open(), open()], { policy })).toEqual([
      'send email',
      'send email',
      'suppress outranked email',
    ]);
    expect(reasons([open({ priority: 60 }), open(), open()], { policy, slots: [sentAt(NOW - HOUR)] })).toEqual([
      'send email',
      'suppress outranked email',
      'suppress outranked email',
    ]);
    const two = policyOf({ caps: [rolling(1, DAY), rolling(1, HOUR, { category: 'promotional' })] });
    expect(reasons([open({ priority: 60, category: 'care' }), open()], { policy: two, slots: [] })).toEqual([
      'send email',
      'suppress outranked email',
    ]);
    const filledAnyway = {
      policy: policyOf({ caps: [rolling(2, DAY), rolling(1, HOUR, { category: 'promotional' })] }),
      slots: [sentAt(NOW - MINUTE)],
    };
    expect(reasons([open({ priority: 60, category: 'care' }), open()], filledAnyway)).toEqual([
      'send email',
      'suppress frequency_cap email',
    ]);
  });

  it('one that was held a moment before is planned ahead and needs its slot', () => {
    const late = at('2026-03-02T20:30:00Z');
    const policy = policyOf({ caps: [rolling(1, DAY)], quietHours: [quiet('21:00', '09:00', { channels: ['sms'] })] });
    const times = { due: late, plannedAt: late };
    const messages = [open({ ...times, priority: 60, channels: ['sms'] }), open({ ...times, channels: ['email'] })];
    expect(reasons(messages, { policy, now: late })).toEqual([
      'defer quiet_hours +690m sms',
      'suppress outranked email',
    ]);
    const equals = [open({ ...times, channels: ['sms'] }), open({ ...times, channels: ['email'] })];
    expect(reasons(equals, { policy, now: late })).toEqual(['defer quiet_hours +690m sms', 'send email']);
  });
});

describe('on capped', () => {
  it('defer: to the first instant at which the present caps let it pass, within the duration of its planning', () => {
    const slots = [sentAt(NOW - 20 * HOUR)];
    const policy = policyOf({ caps: [rolling(1, DAY)], onCapped: deferUpTo(4 * HOUR) });
    expect(said(decide(open(), { policy, slots }))).toBe('defer frequency_cap +4h email');
    expect(said(decide(open({ due: NOW - 1 }), { policy, slots }))).toBe('suppress frequency_cap email');
    expect(said(decide(open({ onCapped: deferUpTo(4 * HOUR - 1) }), { policy, slots }))).toBe(
      'suppress frequency_cap email',
    );
    expect(said(decide(open({ onCapped: { kind: 'drop' } }), { policy, slots }))).toBe('suppress frequency_cap email');
  });

  it('defer waits for room in every cap, and for as many slots as are too many', () => {
    const policy = policyOf({ caps: [rolling(2, DAY), calendar(1, 'day')], onCapped: deferUpTo(3 * DAY) });
    expect(said(decide(open(), { policy, slots: [sentAt(NOW - HOUR)] }))).toBe('defer frequency_cap +14h email');
    const three = [sentAt(NOW - HOUR), sentAt(NOW - 2 * HOUR), sentAt(NOW - 5 * HOUR)];
    expect(said(decide(open(), { policy, slots: three }))).toBe('defer frequency_cap +22h email');
  });

  it('defers an outranked one alike', () => {
    const policy = policyOf({ caps: [rolling(1, HOUR)], onCapped: deferUpTo(4 * HOUR) });
    expect(decideAll([open({ priority: 60 }), open()], { policy }).decisions.map(said)).toEqual([
      'send email',
      'defer outranked +1h email',
    ]);
  });

  it('next channel: the first one whose caps have room', () => {
    const policy = policyOf({ caps: [rolling(1, DAY, { channel: 'email' }), rolling(2, DAY)], onCapped: NEXT_CHANNEL });
    const decision = decide(open(), { policy, slots: [sentAt(NOW - HOUR)] });
    expect(said(decision)).toBe('send push');
    expect(decision.inputs.candidates.map(({ outcome }) => outcome)).toEqual(['possible', 'chosen', 'possible']);
    expect(said(decide(open(), { policy, slots: [sentAt(NOW - HOUR), sentAt(NOW - HOUR, { channel: 'sms' })] }))).toBe(
      'suppress frequency_cap email',
    );
    expect(said(decide(open({ onCapped: { kind: 'drop' } }), { policy, slots: [sentAt(NOW - HOUR)] }))).toBe(
      'suppress frequency_cap email',
    );
  });

  it('whatever it says: room that appears within 5 minutes (included) is waited for', () => {
    const free = (ms: number) => [sentAt(NOW - DAY + ms)];
    for (const onCapped of [{ kind: 'drop' } as const, NEXT_CHANNEL, deferUpTo(1000)]) {
      const message = open({ onCapped });
      expect(said(decide(message, { policy: daily, slots: free(5 * MINUTE) }))).toBe('defer frequency_cap +5m email');
      expect(said(decide(message, { policy: daily, slots: free(5 * MINUTE + 1) }))).toBe(
        'suppress frequency_cap email',
      );
      expect(said(decide(message, { policy: daily, slots: free(1) }))).toBe('defer frequency_cap +1ms email');
    }
    const alsoWeekly = policyOf({ caps: [rolling(1, DAY), rolling(1, 7 * DAY)] });
    expect(said(decide(open(), { policy: alsoWeekly, slots: free(MINUTE) }))).toBe('suppress frequency_cap email');
  });

  it('caps of 5 minutes or less never drop, not even while the slot is a lease', () => {
    const policy = policyOf({ caps: [rolling(1, 5 * MINUTE)] });
    const both = () => [open({ priority: 60 }), open()];
    expect(decideAll(both(), { policy }).decisions.map(said)).toEqual(['send email', 'defer outranked +5m email']);
    expect(decideAll(both(), { policy, leaseMs: MINUTE }).decisions.map(said)).toEqual([
      'send email',
      'defer outranked +6m email',
    ]);
  });

  it('never waits for a cap of none', () => {
    expect(said(decide(open(), { policy: policyOf({ caps: [rolling(0, MINUTE)], onCapped: deferUpTo(DAY) }) }))).toBe(
      'suppress frequency_cap email',
    );
  });
});

describe('the inputs of a decision', () => {
  it('say of every cap what was seen, in which window, by whom, and when there is room', () => {
    const [first, second] = [
      sentAt(NOW - 3 * HOUR, { messageId: uuid(7) }),
      sentAt(NOW - 2 * HOUR, { messageId: uuid(5) }),
    ];
    const caps = [rolling(2, DAY), calendar(5, 'week', { category: 'promotional' })];
    const { inputs } = decide(open(), { policy: policyOf({ caps }), slots: [second, first] });
    expect(inputs.caps).toEqual([
      {
        cap: caps[0],
        channel: 'email',
        seen: 2,
        from: NOW - DAY,
        to: NOW,
        usedBy: [uuid(7), uuid(5)],
        freeAt: NOW + 21 * HOUR,
      },
      {
        cap: caps[1],
        channel: 'email',
        seen: 2,
        from: at('2026-03-01T23:00:00Z'),
        to: at('2026-03-08T23:00:00Z'),
        usedBy: [uuid(7), uuid(5)],
        freeAt: null,
      },
    ]);
  });
});
