import { at, Trial, type TrialEvent } from './testing/trial.js';

const CART = `
rule: abandoned-cart
category: promotional
start: { event: Product Added, where: { event.price: { at least: 20 } }, key: event.cart_id }
stop: { event: Cart Cleared, where: { event.cart_id: start.cart_id } }
while running: restart wait
steps:
  - wait: 1 hour
  - send: cart-reminder
  - wait: 24 hours
  - send: cart-last-call
goal: { event: Order Completed, where: { event.cart_id: start.cart_id }, within: 3 days }
`;

const added = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Product Added',
  price: 30,
  cart_id: 'c1',
  ...more,
});
const ordered = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Order Completed',
  cart_id: 'c1',
  ...more,
});

describe('a run', () => {
  it('sends an hour after the cart went quiet, and again a day later', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m'), added('+30m'));
    shop.until('+10d');
    expect(shop.sent).toEqual(['+1h30m cart-reminder', '+1d1h30m cart-last-call']);
    expect(shop.outcomes).toEqual(['finished']);
    expect(shop.state.runs).toEqual([]);
  });

  it('keeps the start it was planned with, the occurrence of its first event, and the key', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m', { id: 'first' }), added('+30m', { id: 'second', price: 25 }));
    shop.until('+2h');
    expect(shop.effects.planned).toMatchObject([
      {
        rule: 'abandoned-cart',
        version: 1,
        key: 'c1',
        occurrence: 'first',
        step: '2',
        round: 1,
        start: { id: 'second', properties: { price: 25 } },
        startedAt: at('+30m'),
        starts: null,
      },
    ]);
  });

  it('is one for each key, and compares keys as text', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m', { cart_id: 7 }), added('+10m', { cart_id: 'c2' }), added('+20m', { cart_id: '7' }));
    shop.until('+2h');
    expect(shop.sent).toEqual(['+1h10m cart-reminder', '+1h20m cart-reminder']);
    expect(shop.effects.planned.map(({ key }) => key)).toEqual(['c2', '7']);
  });

  it('does not begin without the property of the key', () => {
    const shop = new Trial([CART]);
    expect(shop.apply(added('+0m', { cart_id: undefined }))).toBe(false);
    expect(shop.refusals).toMatchObject([
      { rule: 'abandoned-cart', reason: 'key_missing', detail: 'event.cart_id is missing' },
    ]);
  });

  it('says what was missing when where does not hold', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m', { price: undefined }), added('+1m', { price: 5 }));
    expect(shop.refusals.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['where_false', 'event.price is missing'],
      ['where_false', 'event.price is 5, not at least 20'],
    ]);
  });

  it('ends at once by stop, in the middle of a wait', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m'), { at: '+59m', event: 'Cart Cleared', cart_id: 'c1' });
    shop.until('+10d');
    expect(shop.sent).toEqual([]);
    expect(shop.outcomes).toEqual(['stopped']);
  });

  it('goes on when the stop is about another cart', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m'), { at: '+59m', event: 'Cart Cleared', cart_id: 'c2' });
    expect(shop.until('+2h').sent).toEqual(['+1h cart-reminder']);
  });

  it('is ended by an event without where in stop whatever its key', () => {
    const shop = new Trial([CART.replace(/^stop: .*$/m, 'stop: { event: Cart Cleared }')]);
    shop.apply(added('+0m'), added('+1m', { cart_id: 'c2' }), { at: '+2m', event: 'Cart Cleared' });
    expect(shop.until('+10d').sent).toEqual([]);
    expect(shop.outcomes).toEqual(['stopped', 'stopped']);
  });

  it('ends by its goal, which also takes back what has not left', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m'), ordered('+2h'));
    expect(shop.sent).toEqual(['+1h cart-reminder']);
    expect(shop.outcomes).toEqual(['goal_reached']);
    expect(shop.effects.cancelled).toEqual([
      { messageId: shop.effects.planned[0]!.id, reason: 'goal_reached', at: at('+2h') },
    ]);
  });

  it('counts a goal until `within` after the start, that instant excluded', () => {
    const slow = CART.replace('wait: 24 hours', 'wait: 10 days');
    const early = new Trial([slow]);
    early.apply(added('+0m'), ordered('+2d23h59m59s'));
    expect(early.outcomes).toEqual(['goal_reached']);
    const late = new Trial([slow]);
    late.apply(added('+0m'), ordered('+3d'));
    expect(late.outcomes).toEqual([]);
  });

  it('counts the age of the goal from the new event after restart wait', () => {
    const slow = CART.replace('wait: 24 hours', 'wait: 10 days');
    const shop = new Trial([slow]);
    shop.apply(added('+0m'), added('+2d'), ordered('+4d'));
    expect(shop.outcomes).toEqual(['goal_reached']);
  });

  it('lets the event go first when event and timer meet at one instant', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m'), ordered('+1h'));
    expect(shop.until('+10d').sent).toEqual([]);
  });

  it('has acted when the event comes one millisecond later', () => {
    const shop = new Trial([CART]);
    shop.apply(added('+0m'), ordered('+1h1ms'));
    expect(shop.until('+10d').sent).toEqual(['+1h cart-reminder']);
  });

  it('is still reached by stop after its last step while a message may be held', () => {
    const shop = new Trial([CART.replace(/ {2}- wait: 24 hours\n {2}- send: cart-last-call\n/, '')]);
    shop.apply(added('+0m'), { at: '+9h', event: 'Cart Cleared', cart_id: 'c1' });
    expect(shop.outcomes).toEqual(['finished']);
    expect(shop.effects.cancelled).toEqual([
      { messageId: shop.effects.planned[0]!.id, reason: 'run_stopped', at: at('+9h') },
    ]);
    shop.apply({ at: '+10h', event: 'Cart Cleared', cart_id: 'c1' });
    expect(shop.effects.cancelled).toHaveLength(1);
  });

  it('is still reached by stop while a message that has expired was not looked at: in the instant of its planning, and until a night is over', () => {
    const short = CART.replace('send: cart-reminder', 'send: { template: cart-reminder, expires: 2 hours }').replace(
      / {2}- wait: 24 hours\n {2}- send: cart-last-call\n/,
      '',
    );
    const cleared = (time: string): TrialEvent => ({ at: time, event: 'Cart Cleared', cart_id: 'c1' });
    const late = new Trial([short.replace('  - wait: 1 hour\n', '')]);
    late.apply(added('+0m', { received: '+4h' }), cleared('+4h'));
    const held = new Trial([short]);
    held.apply(added('+0m'), cleared('+9h'));
    for (const { effects } of [late, held])
      expect(effects.cancelled).toMatchObject([{ messageId: effects.planned[0]!.id, reason: 'run_stopped' }]);
  });

  it('ends the old and starts anew by an event that does both', () => {
    const shop = new Trial([CART.replace(/^stop: .*$/m, 'stop: { event: Product Added }')]);
    shop.apply(added('+0m', { id: 'a' }), added('+10m', { id: 'b' }));
    expect(shop.until('+3h').effects.planned.map(({ occurrence }) => occurrence)).toEqual(['b']);
    expect(shop.outcomes).toEqual(['stopped']);
  });
});

describe('while running', () => {
  const rule = (mode: string): string => CART.replace('restart wait', mode);

  it('ignore forgets a further start event', () => {
    const shop = new Trial([rule('ignore')]);
    shop.apply(added('+0m', { id: 'a' }), added('+30m', { id: 'b' }));
    shop.until('+2h');
    expect(shop.sent).toEqual(['+1h cart-reminder']);
    expect(shop.effects.planned[0]!.start.id).toBe('a');
    expect(shop.refusals).toMatchObject([{ reason: 'already_running', event: 'b' }]);
  });

  it('restart wait begins the present wait again and does not repeat steps', () => {
    const shop = new Trial([rule('restart wait')]);
    shop.apply(added('+0m'), added('+2h'));
    expect(shop.until('+10d').sent).toEqual(['+1h cart-reminder', '+1d2h cart-last-call']);
  });

  it('restart ends the run and begins a new one at the first step, and withdraws nothing', () => {
    const shop = new Trial([rule('restart')]);
    shop.apply(added('+0m', { id: 'a' }), added('+2h', { id: 'b' }));
    shop.until('+10d');
    expect(shop.sent).toEqual(['+1h cart-reminder', '+3h cart-reminder', '+1d3h cart-last-call']);
    expect(shop.effects.planned.map(({ occurrence }) => occurrence)).toEqual(['a', 'b', 'b']);
    expect(shop.outcomes).toEqual(['restarted', 'finished']);
    expect(shop.effects.cancelled).toEqual([]);
  });

  it('a start event older than the start of the run does none of this', () => {
    for (const mode of ['restart wait', 'restart']) {
      const shop = new Trial([rule(mode)]);
      shop.apply(added('+30m', { id: 'a' }), added('+10m', { id: 'b', received: '+40m' }));
      expect(shop.until('+2h').sent).toEqual(['+1h30m cart-reminder']);
      expect(shop.effects.planned[0]!.start.id).toBe('a');
    }
  });

  it('a start event of the very time of the start still restarts the wait', () => {
    const shop = new Trial([rule('restart wait')]);
    shop.apply(added('+30m', { id: 'a' }), added('+30m', { id: 'b' }));
    shop.until('+2h');
    expect(shop.effects.planned.map(({ start }) => start.id)).toEqual(['b']);
  });
});

describe('again', () => {
  const rule = (again: string): string => `
rule: care
category: promotional
start: { event: Order Completed, key: event.order_id }
again: ${again}
steps: [{ send: thanks }]
`;
  const order = (time: string, id: string): TrialEvent => ({ at: time, event: 'Order Completed', order_id: id });

  it('never: no second run of the key, whatever became of the first', () => {
    const shop = new Trial([rule('never')]);
    shop.apply(order('+0m', 'o1'), order('+100d', 'o1'), order('+101d', 'o2'));
    expect(shop.sent).toEqual(['+0m thanks', '+101d thanks']);
    expect(shop.refusals).toMatchObject([{ reason: 'again', key: 'o1' }]);
  });

  it('after: not before the latest accepted start and the duration, that instant included', () => {
    const shop = new Trial([rule('after 3 days')]);
    shop.apply(
      order('+0m', 'o1'),
      order('+2d23h59m59s', 'o1'),
      order('+3d', 'o1'),
      order('+5d', 'o1'),
      order('+6d', 'o1'),
    );
    expect(shop.sent).toEqual(['+0m thanks', '+3d thanks', '+6d thanks']);
  });

  it('after … per customer counts the starts of any key', () => {
    const shop = new Trial([rule('after 3 days per customer')]);
    shop.apply(order('+0m', 'o1'), order('+1d', 'o2'), order('+3d', 'o3'));
    expect(shop.sent).toEqual(['+0m thanks', '+3d thanks']);
  });

  it('is judged by event time: a late start before the latest one is refused', () => {
    const shop = new Trial([rule('after 3 days')]);
    shop.apply(order('+10h', 'o1'), { ...order('+9h', 'o1'), received: '+11h' });
    expect(shop.sent).toEqual(['+10h thanks']);
  });

  it('per customer is asked while a run of another key is active', () => {
    const shop = new Trial([
      rule('after 3 days per customer').replace('[{ send: thanks }]', '[{ wait: 10 days }, { send: thanks }]'),
    ]);
    shop.apply(order('+0m', 'o1'), order('+1d', 'o2'));
    expect(shop.state.runs.map(({ key }) => key)).toEqual(['o1']);
  });

  it('counts a restart as an accepted start, a restarted wait not', () => {
    const waiting = (mode: string): string =>
      rule('after 3 days').replace(
        'steps: [{ send: thanks }]',
        `while running: ${mode}\nsteps: [{ wait: 1 day }, { send: thanks }]`,
      );
    const restarted = new Trial([waiting('restart')]);
    restarted.apply(order('+0m', 'o1'), order('+20h', 'o1'), order('+3d1h', 'o1'));
    expect(restarted.refusals).toMatchObject([{ reason: 'again' }]);
    const debounced = new Trial([waiting('restart wait')]);
    debounced.apply(order('+0m', 'o1'), order('+20h', 'o1'), order('+3d1h', 'o1'));
    expect(debounced.refusals).toEqual([]);
  });
});
