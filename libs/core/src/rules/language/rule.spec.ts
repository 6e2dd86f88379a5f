import { readRuleWith } from '../fixtures/read-rule-with.js';

const HOUR = 3_600_000;
const fixed = (ms: number, days = 0) => ({ kind: 'fixed', ms, days });

function plainSend(template: string, others: object): object {
  return {
    kind: 'send',
    variants: [{ name: template, template, share: 1 }],
    drawn: false,
    with: null,
    channels: null,
    fallback: null,
    category: 'promotional',
    priority: 50,
    onCapped: null,
    ignoresQuietHours: false,
    expiresMs: null,
    style: null,
    ...others,
  };
}

describe('a rule', () => {
  it('has the defaults of the reference', () => {
    expect(readRuleWith({}).rule).toEqual({
      name: 'cart',
      description: null,
      category: 'promotional',
      priority: 50,
      active: 'always',
      starts: [{ kind: 'event', events: ['Product Added'], where: null, key: [] }],
      who: null,
      stop: [],
      goal: null,
      again: { kind: 'always' },
      whileRunning: 'ignore',
      steps: [plainSend('reminder', {})],
      holdout: 0,
      tooLateAfterMs: 24 * HOUR,
    });
  });

  it.each([
    ['always', { kind: 'always' }],
    ['never', { kind: 'never' }],
    ['after 3 days', { kind: 'after', durationMs: 72 * HOUR, perCustomer: false }],
    ['after 1 hour 30 minutes per customer', { kind: 'after', durationMs: 1.5 * HOUR, perCustomer: true }],
  ])('reads again: %s', (written, expected) => {
    expect(readRuleWith({ again: `again: ${written}` }).rule.again).toEqual(expected);
  });

  it.each(['ignore', 'restart wait', 'restart', 'collect'])('reads while running: %s', (written) => {
    expect(readRuleWith({ again: `while running: ${written}` }).rule.whileRunning).toBe(written);
  });

  it('starts by any of several occasions, events and silences', () => {
    const start =
      'start:\n  - { event: [A, B], key: [event.cart_id, event.shop] }\n  - { inactive: 60 days, since: any event }\n  - { inactive: 2 weeks, since: [A, "any event"], where: { event.total: { more than: 0 } } }';
    expect(readRuleWith({ start }).rule.starts).toMatchObject([
      { kind: 'event', events: ['A', 'B'], key: [{ text: 'event.cart_id' }, { text: 'event.shop' }] },
      { kind: 'inactive', duration: fixed(60 * 24 * HOUR, 60), since: 'any event', where: null },
      { kind: 'inactive', duration: fixed(14 * 24 * HOUR, 14), since: ['A', 'any event'], where: { kind: 'compare' } },
    ]);
  });

  it('is active always, never, or on days of which the last is not one any more', () => {
    expect(readRuleWith({ active: 'active: never' }).rule.active).toBe('never');
    expect(readRuleWith({ active: 'active: { from: 1970-01-02, until: 1970-02-01 }' }).rule.active).toEqual({
      from: 1,
      until: 31,
    });
    expect(readRuleWith({ active: 'active: { until: 1970-02-01 }' }).rule.active).toEqual({ from: null, until: 31 });
  });

  it('credits a goal for three days where nothing is said', () => {
    expect(readRuleWith({ goal: 'goal: { event: Order Completed }' }).rule.goal).toEqual({
      occasions: [{ kind: 'event', events: ['Order Completed'], where: null }],
      withinMs: 72 * HOUR,
    });
    expect(readRuleWith({ goal: 'goal: { event: A, within: 1 hour }' }).rule.goal?.withinMs).toBe(HOUR);
  });

  it('reads every step, and gives messages the category and priority of the rule unless they say otherwise', () => {
    const steps = `steps:
  - wait: 1 hour
  - wait: { for: [{ event: A }, { event: B, where: { event.x: start.x } }], up to: 24 hours }
    then: [stop]
    on timeout:
      - send: { template: reminder, channels: [push, email], category: care, priority: 70, on capped: defer up to 6 hours, expires: 6 hours }
  - if: { customer.orders: 0 }
    then: [{ send: { template: reminder, on capped: next channel } }]
    else: [{ send: mail-only }]
  - stop`;
    const ofRule = { category: 'receipts', priority: 9 };
    expect(readRuleWith({ category: 'category: receipts\npriority: 9', steps }).rule.steps).toEqual([
      { kind: 'wait', duration: fixed(HOUR) },
      {
        kind: 'wait for',
        occasions: [expect.objectContaining({ events: ['A'] }), expect.objectContaining({ events: ['B'] })],
        upTo: fixed(24 * HOUR),
        as: null,
        then: [{ kind: 'stop' }],
        onTimeout: [
          plainSend('reminder', {
            channels: ['push', 'email'],
            category: 'care',
            priority: 70,
            onCapped: { kind: 'defer', upToMs: 6 * HOUR },
            expiresMs: 6 * HOUR,
          }),
        ],
      },
      {
        kind: 'if',
        condition: expect.objectContaining({ kind: 'compare' }),
        then: [plainSend('reminder', { ...ofRule, onCapped: { kind: 'next channel' } })],
        else: [plainSend('mail-only', ofRule)],
      },
      { kind: 'stop' },
    ]);
  });

  it('warns of steps behind an end that all branches reach', () => {
    const ended = 'steps:\n  - if: { customer.a: 1 }\n    then: [stop]\n    else: [stop]\n  - send: reminder';
    const open = 'steps:\n  - if: { customer.a: 1 }\n    then: [stop]\n  - send: reminder';
    expect(readRuleWith({ steps: ended }).found).toEqual(['8:5 rule/unreachable-step']);
    expect(readRuleWith({ steps: open }).found).toEqual([]);
  });

  it('warns of a stop that forgets the key only where the event is known to have it', () => {
    const start = 'start: { event: Product Added, key: event.cart_id }';
    const goal = 'goal: { event: Order Completed, where: { event.cart_id: start.cart_id } }';
    expect(readRuleWith({ start, stop: 'stop: { event: Unsubscribed }' }).found).toEqual([]);
    expect(
      readRuleWith({ start, goal, stop: 'stop: [{ event: Unsubscribed }, { event: Order Completed }]' }).found,
    ).toEqual(['6:35 rule/stop-every-key']);
  });
});
