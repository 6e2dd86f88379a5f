import {
  DAY,
  HOUR,
  MINUTE,
  NOW,
  calendar,
  customer,
  decide,
  deferUpTo,
  open,
  policyOf,
  rolling,
  said,
  sentAt,
} from './fixtures/world.js';

/** Held until later; priority 60 unless said. */
const ahead = (inMs: number, of: Parameters<typeof open>[0] = {}, state: Parameters<typeof open>[1] = {}) =>
  open(
    { priority: 60, plannedAt: NOW - HOUR, due: NOW - HOUR, ...of },
    { notBefore: NOW + inMs, heldFor: 'quiet_hours', firstJudgedAt: NOW - HOUR, ...state },
  );

const daily = { policy: policyOf({ caps: [rolling(1, DAY)] }) };

describe('a message planned ahead', () => {
  it('of strictly higher priority keeps its slot', () => {
    const held = ahead(9 * HOUR);
    const decision = decide([open(), held], daily);
    expect(said(decision)).toBe('suppress outranked email');
    expect(decision.inputs.outrankedBy).toEqual({ messageId: held.plan.id, priority: 60, at: NOW + 9 * HOUR });
    expect(said(decide([open(), ahead(9 * HOUR, { priority: 50 })], daily))).toBe('send email');
    expect(said(decide([open({ priority: 61 }), held], daily))).toBe('send email');
  });

  it('at most 24 hours ahead, included, and only while its own window holds the present instant', () => {
    const weekly = { policy: policyOf({ caps: [rolling(1, 7 * DAY)] }) };
    expect(said(decide([open(), ahead(DAY)], weekly))).toBe('suppress outranked email');
    expect(said(decide([open(), ahead(DAY + 1)], weekly))).toBe('send email');
    expect(said(decide([open(), ahead(DAY - 1)], daily))).toBe('suppress outranked email');
    expect(said(decide([open(), ahead(DAY)], daily))).toBe('send email');
    const calendarDay = { policy: policyOf({ caps: [calendar(1, 'day')] }) };
    // 10:00 in Berlin: 14 hours to midnight.
    expect(said(decide([open(), ahead(14 * HOUR - 1)], calendarDay))).toBe('suppress outranked email');
    expect(said(decide([open(), ahead(14 * HOUR)], calendarDay))).toBe('send email');
  });

  it('does not count when it was stopped, is held out, repeats what was sent, or is capped anyway', () => {
    expect(said(decide([open(), ahead(HOUR, {}, { cancelled: 'run_stopped' })], daily))).toBe('send email');
    expect(said(decide([open(), ahead(HOUR, { heldOut: true })], daily))).toBe('send email');
    const two = { policy: policyOf({ caps: [rolling(2, DAY)] }) };
    expect(
      said(decide([open(), ahead(HOUR, { key: 'c1' })], { ...two, slots: [sentAt(NOW - HOUR, { key: 'c1' })] })),
    ).toBe('send email');
    expect(said(decide([open(), ahead(HOUR)], { ...two, slots: [sentAt(NOW - HOUR)] }))).toBe(
      'suppress outranked email',
    );
    const smsFull = {
      policy: policyOf({ caps: [rolling(2, DAY), rolling(1, DAY, { channel: 'sms' })] }),
      slots: [sentAt(NOW - HOUR, { channel: 'sms' })],
    };
    expect(said(decide([open(), ahead(HOUR, { channels: ['sms'] })], smsFull))).toBe('send email');
  });

  it('is tested on the channel it was last held for', () => {
    const policy = policyOf({ caps: [rolling(1, DAY, { channel: 'sms' })] });
    const onSms = ahead(HOUR, {}, { heldOn: 'sms' });
    expect(said(decide([open({ channels: ['sms'] }), onSms], { policy }))).toBe('suppress outranked sms');
    expect(said(decide([open({ channels: ['sms'] }), ahead(HOUR, {}, { heldOn: 'email' })], { policy }))).toBe(
      'send sms',
    );
  });

  it('that was never held does not count when no channel could take it', () => {
    expect(
      said(decide([open({ category: 'care' }), ahead(HOUR)], { ...daily, customer: customer({ consents: {} }) })),
    ).toBe('send email');
  });

  it('does not hold back where there is room for both, or where what leaves now does not count', () => {
    expect(said(decide([open(), ahead(HOUR)], { policy: policyOf({ caps: [rolling(2, DAY)] }) }))).toBe('send email');
    expect(said(decide([open({ category: 'transactional' }), ahead(HOUR)], daily))).toBe('send email');
    expect(
      said(
        decide([open({ category: 'care' }), ahead(HOUR)], {
          policy: policyOf({ caps: [rolling(1, DAY, { category: 'promotional' })] }),
        }),
      ),
    ).toBe('send email');
  });

  it('is walked in the order of not-before: one of lower priority that comes first takes its slot first', () => {
    const two = { policy: policyOf({ caps: [rolling(2, DAY)] }) };
    // Low at +1 h, high at +2 h: with the present one, the low one and not the high one would fit.
    expect(said(decide([open(), ahead(HOUR, { priority: 10 }), ahead(2 * HOUR)], two))).toBe(
      'suppress outranked email',
    );
    // High at +1 h, low at +2 h: the present one costs only the low one its slot.
    expect(said(decide([open(), ahead(HOUR), ahead(2 * HOUR, { priority: 10 })], two))).toBe('send email');
    // The high one is third in line and has no slot anyhow.
    expect(
      said(decide([open(), ahead(HOUR, { priority: 10 }), ahead(90 * MINUTE, { priority: 10 }), ahead(2 * HOUR)], two)),
    ).toBe('send email');
    // At one instant the higher goes first.
    expect(said(decide([open(), ahead(HOUR, { priority: 10 }), ahead(HOUR)], two))).toBe('send email');
  });

  it('gets its slot back when an earlier one leaves the window before its not-before', () => {
    const slots = [sentAt(NOW - DAY + HOUR)];
    const two = { policy: policyOf({ caps: [rolling(2, DAY)] }), slots };
    expect(said(decide([open(), ahead(HOUR)], two))).toBe('send email');
    expect(said(decide([open(), ahead(HOUR - 1)], two))).toBe('suppress outranked email');
  });

  it('also needs what is its own content', () => {
    const two = { policy: policyOf({ caps: [rolling(5, DAY)] }) };
    expect(said(decide([open({ key: 'c1' }), ahead(9 * HOUR, { key: 'c1' })], two))).toBe('suppress outranked email');
    expect(said(decide([open({ key: 'c1' }), ahead(18 * HOUR, { key: 'c1' })], two))).toBe('send email');
  });
});

describe('on capped: defer, when one planned ahead needs the slot', () => {
  it('waits until the other has left and its slot is free again', () => {
    const defer = (upTo: number) => ({ policy: policyOf({ caps: [rolling(1, DAY)], onCapped: deferUpTo(upTo) }) });
    expect(said(decide([open(), ahead(9 * HOUR)], defer(33 * HOUR)))).toBe('defer outranked +33h email');
    expect(said(decide([open(), ahead(9 * HOUR)], defer(33 * HOUR - 1)))).toBe('suppress outranked email');
  });

  it('or until an older slot is free', () => {
    const policy = policyOf({ caps: [rolling(2, DAY)], onCapped: deferUpTo(DAY) });
    expect(said(decide([open(), ahead(2 * HOUR)], { policy, slots: [sentAt(NOW - 20 * HOUR)] }))).toBe(
      'defer outranked +4h email',
    );
  });

  it('is not the wait for room within 5 minutes: nothing that was sent fills the cap', () => {
    const policy = policyOf({ caps: [rolling(1, MINUTE)] });
    expect(said(decide([open(), ahead(30_000)], { policy }))).toBe('suppress outranked email');
  });
});
