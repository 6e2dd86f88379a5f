import { at, offsetOf, Trial, type TrialEvent } from './testing/trial.js';

const CART = `
rule: abandoned-cart
category: promotional
start: { event: Product Added }
stop: { event: Order Completed }
while running: restart wait
steps: [{ wait: 1 hour }, { send: cart-reminder }, { wait: 2 hours }, { send: cart-last-call }]
too late after: 12 hours
`;
const LIVE = 'grace: 10 seconds';
const added = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Product Added',
  ...more,
});
const ordered = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Order Completed',
  ...more,
});

describe('the grace', () => {
  it('lets an order up to ten seconds after the reminder was due still stop it', () => {
    const shop = new Trial([CART], LIVE);
    shop.apply(added('+0m'), ordered('+1h10s'));
    expect(shop.until('+2h').sent).toEqual([]);
  });

  it('is over after ten seconds', () => {
    const shop = new Trial([CART], LIVE);
    shop.apply(added('+0m'), ordered('+1h10s1ms'));
    expect(shop.sent).toEqual(['+1h cart-reminder']);
  });

  it('is a tenth of the wait where that is less', () => {
    const shop = new Trial([CART.replace('1 hour', '30 seconds')], LIVE);
    shop.apply(added('+0m'), ordered('+33s1ms'));
    expect(shop.sent).toEqual(['+30s cart-reminder']);
  });

  it('runs the step as of its due time, and the next wait counts from there', () => {
    const shop = new Trial([CART], LIVE);
    shop.apply(added('+0m')).valueOf();
    shop.until('+10h');
    expect(shop.effects.planned.map(({ due, plannedAt }) => [offsetOf(due), offsetOf(plannedAt)])).toEqual([
      ['+1h', '+1h'],
      ['+3h', '+3h'],
    ]);
  });

  it('meets the run as it still is: a wait not yet reached does not listen', () => {
    const shop = new Trial(
      [
        `rule: r\ncategory: promotional\nstart: { event: A }\nsteps:\n  - wait: 1 hour\n  - wait: { for: { event: B }, up to: 1 hour }\n    then: [{ send: yes-b }]\n    on timeout: [{ send: no-b }]`,
      ],
      LIVE,
    );
    shop.apply({ at: '+0m', event: 'A' }, { at: '+1h5s', event: 'B' });
    expect(shop.until('+1d').sent).toEqual(['+2h no-b']);
  });
});

describe('a late event', () => {
  it('has its wait counted from its timestamp; what is overdue acts at once where the grace is 0', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m', { received: '+4h' }));
    shop.until('+4h');
    expect(
      shop.effects.planned.map(({ template, due, plannedAt }) => [template, offsetOf(due), offsetOf(plannedAt)]),
    ).toEqual([
      ['cart-reminder', '+1h', '+4h'],
      ['cart-last-call', '+3h', '+4h'],
    ]);
  });

  it('goes before what it makes overdue, so the rest of the instant is read first', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m', { received: '+4h' }), ordered('+30m', { received: '+4h' }));
    expect(shop.until('+5h').sent).toEqual([]);
  });

  it('acts live after 5 minutes, so that the rest of a delayed burst is read first', () => {
    const burst = new Trial([CART], LIVE);
    burst.apply(added('+0m', { received: '+4h' }), ordered('+30m', { received: '+4h5m' }));
    expect(burst.until('+10h').sent).toEqual([]);
    const alone = new Trial([CART], LIVE);
    alone.apply(added('+0m', { received: '+4h' }));
    expect(alone.until('+10h').sent).toEqual(['+4h5m cart-reminder', '+4h5m cart-last-call']);
  });

  it('acts live after the wait where that is shorter than 5 minutes', () => {
    const shop = new Trial([CART.replace('1 hour', '1 minute')], LIVE);
    shop.apply(added('+0m', { received: '+1h' }));
    expect(shop.until('+1h2m').sent).toEqual(['+1h1m cart-reminder']);
  });

  it('starts nothing when it is older than `too late after` as it reaches the stream, exactly that old still does', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m', { received: '+12h1ms' }));
    expect(shop.state.runs).toEqual([]);
    expect(shop.refusals).toMatchObject([{ reason: 'too_late' }]);
    shop.apply(added('+2h', { received: '+14h' }));
    expect(shop.state.runs).toHaveLength(1);
  });

  it('meets the runs that are active when it is read, whatever its timestamp', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+2h'), ordered('+1h', { received: '+2h30m' }));
    expect(shop.outcomes).toEqual(['stopped']);
  });

  it('is one of the future by more than 5 minutes: then it happened when it reached the stream; exactly 5 is kept', () => {
    const shop = new Trial([CART]);
    expect(shop.read(added('+5m', { received: '+0m' })).time).toBe(at('+5m'));
    expect(shop.read(added('+5m1ms', { received: '+0m' })).time).toBe(at('+0m'));
  });
});

describe('a step ahead of the clock', () => {
  const GREET =
    'rule: greet\ncategory: promotional\nstart: { event: Signed Up }\nstop: { event: Left }\nsteps: [{ send: hello }]';

  it('waits for it like any timer', () => {
    const shop = new Trial([GREET]);
    shop.apply({ at: '+3m', received: '+0m', event: 'Signed Up' });
    expect(shop.sent).toEqual([]);
    expect(shop.until('+2m').sent).toEqual([]);
    expect(shop.until('+3m').sent).toEqual(['+3m hello']);
  });

  it('can be stopped until then', () => {
    const shop = new Trial([GREET]);
    shop.apply({ at: '+3m', received: '+0m', event: 'Signed Up' }, { at: '+2m', event: 'Left' });
    expect(shop.until('+1h').sent).toEqual([]);
  });

  it('is no wait that a further start could begin again', () => {
    const shop = new Trial([GREET.replace('steps:', 'while running: restart wait\nsteps:')]);
    shop.apply({ at: '+3m', received: '+0m', event: 'Signed Up' }, { at: '+5m', received: '+1m', event: 'Signed Up' });
    expect(shop.until('+1h').sent).toEqual(['+3m hello']);
  });

  it('does not listen before it is reached', () => {
    const shop = new Trial([
      'rule: r\ncategory: promotional\nstart: { event: A }\nsteps: [{ wait: { for: { event: B }, up to: 1 hour }, then: [{ send: yes-b }], on timeout: [{ send: no-b }] }]',
    ]);
    shop.apply({ at: '+3m', received: '+0m', event: 'A' }, { at: '+4m', received: '+2m', event: 'B' });
    expect(shop.until('+2h').sent).toEqual(['+1h3m no-b']);
  });

  it('does not hold up a wait, which counts from the timestamp anyway', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+3m', { received: '+0m' }));
    expect(shop.until('+2h').sent).toEqual(['+1h3m cart-reminder']);
  });
});

describe('imported history', () => {
  it('fills profile and counters and starts nothing', () => {
    const counting = CART.replace('start:', 'who: { has done: { event: Visited, at least: 2 } }\nstart:');
    const shop = new Trial([counting]);
    shop.apply(
      { at: '-10d', received: '+0m', event: 'Visited', historical: true },
      { at: '-9d', received: '+0m', event: 'Visited', historical: true },
    );
    shop.apply(added('-1h', { received: '+0m', historical: true }));
    expect(shop.state.runs).toEqual([]);
    shop.apply(added('+1m'));
    expect(shop.state.runs).toHaveLength(1);
  });
});

describe('timers of one customer', () => {
  it('run in the order due, rule, key, and what they arm and is due runs in the same pass', () => {
    const rule = (name: string, wait: string): string =>
      `rule: ${name}\ncategory: promotional\nstart: { event: A, key: event.k }\nsteps: [{ wait: ${wait} }, { send: ${name}-1 }, { wait: 1 hour }, { send: ${name}-2 }]`;
    const shop = new Trial([rule('zeta', '1 hour'), rule('alpha', '2 hours')]);
    shop.apply({ at: '+0m', event: 'A', k: 'b' }, { at: '+0m', event: 'A', k: 'a' });
    shop.until('+1d');
    expect(shop.effects.planned.map(({ template, key, due }) => `${offsetOf(due)} ${template} ${String(key)}`)).toEqual(
      [
        '+1h zeta-1 a',
        '+1h zeta-1 b',
        '+2h alpha-1 a',
        '+2h alpha-1 b',
        '+2h zeta-2 a',
        '+2h zeta-2 b',
        '+3h alpha-2 a',
        '+3h alpha-2 b',
      ],
    );
  });
});
