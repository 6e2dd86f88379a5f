import { compileRuleset, rulesetsOf } from '../compile-ruleset.js';
import { Trial, workspaceOf, type TrialEvent } from '../testing/trial.js';

const ordered = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Order Completed',
  ...more,
});
const trial = (definition: string): Trial => new Trial([`computed:\n  customer.x: ${definition}\n`]);
/** The value of a computed attribute at an instant, after these events. */
function valueOf(definition: string, instant: string, ...events: TrialEvent[]): unknown {
  const shop = trial(definition);
  shop.apply(...events);
  return shop.valueAt(instant, 'x');
}
const day = (offset: string): string =>
  new Date(Date.parse('2026-03-02T09:00:00Z') + Number(offset) * 86_400_000).toISOString();

describe('of an event: count, first time, last time, average gap', () => {
  const three = [ordered('+0m'), ordered('+2d'), ordered('+5d')];

  it.each([
    ['{ count: Order Completed }', 3],
    ['{ count: [Order Completed, Cart Viewed] }', 3],
    ['{ first time: Order Completed }', day('0')],
    ['{ last time: Order Completed }', day('5')],
    ['{ average gap: Order Completed }', 2.5],
    ['{ count: Order Completed, within: 3 days }', 1],
    ['{ count: Order Completed, within: 4 days }', 2],
    ['{ first time: Order Completed, within: 4 days }', day('2')],
    ['{ average gap: Order Completed, within: 4 days }', 3],
  ])('%s', (definition, expected) => {
    expect(valueOf(definition, '+5d', ...three)).toBe(expected);
  });

  it('the average gap is unknown until there are two', () => {
    expect(valueOf('{ average gap: Order Completed }', '+1d', ordered('+0m'))).toBeUndefined();
    expect(valueOf('{ average gap: Order Completed }', '+1d', ordered('+0m'), ordered('+1d'))).toBe(1);
  });
});

describe('of a property: sum, average, min, max, first, last', () => {
  const totals = [ordered('+0m', { total: 0.1 }), ordered('+1h', { total: 0.2 }), ordered('+2h', { total: -5 })];

  it.each([
    ['sum', -4.7],
    ['average', -4.7 / 3],
    ['min', -5],
    ['max', 0.2],
    ['first', 0.1],
    ['last', -5],
  ])('%s', (kind, expected) => {
    expect(valueOf(`{ ${kind}: event.total, of: Order Completed }`, '+1d', ...totals)).toBe(expected);
  });

  it('adds millionths, so that the order does not matter', () => {
    const sum = '{ sum: event.total, of: Order Completed }';
    expect(valueOf(sum, '+1d', ...totals.slice(0, 2))).toBe(0.3);
    expect(valueOf(sum, '+1d', ...[...totals].reverse().map((event) => ({ ...event, received: '+1d' })))).toBe(-4.7);
  });

  it('leaves out events without the property, and numbers written as text', () => {
    const odd = [
      ordered('+0m'),
      ordered('+1m', { total: '7' }),
      ordered('+2m', { total: 2 }),
      ordered('+3m', { total: null }),
    ];
    expect(valueOf('{ sum: event.total, of: Order Completed }', '+1d', ...odd)).toBe(2);
    expect(valueOf('{ average: event.total, of: Order Completed }', '+1d', ...odd)).toBe(2);
    expect(valueOf('{ first: event.total, of: Order Completed }', '+1d', ...odd)).toBe('7');
    expect(valueOf('{ last: event.total, of: Order Completed }', '+1d', ...odd)).toBe(2);
  });
});

describe('of nothing', () => {
  it.each([
    ['{ count: A }', 0],
    ['{ count: A, within: 1 day }', 0],
    ['{ sum: event.total, of: A }', 0],
    ['{ sum: event.total, of: A, within: 30 days }', 0],
    ['{ average: event.total, of: A }', undefined],
    ['{ min: event.total, of: A }', undefined],
    ['{ last: event.total, of: A }', undefined],
    ['{ first time: A }', undefined],
    ['{ average gap: A }', undefined],
    ['{ list: event.id, of: A }', undefined],
  ])('%s is %s', (definition, expected) => {
    expect(valueOf(definition, '+1d')).toBe(expected);
    expect(valueOf(definition, '+1d', ordered('+0m', { total: 1 }))).toBe(expected);
  });

  it("a list's `.count` is 0", () => {
    const rule = `rule: r\ncategory: promotional\nstart: { event: A, where: { customer.cart.count: 0 } }\nsteps: [{ send: empty }]`;
    const shop = new Trial([rule, 'computed: { customer.cart: { list: event.id, of: Added, until: Cleared } }']);
    shop.apply({ at: '+0m', event: 'A' }, { at: '+1m', event: 'Added', id: 'one', sku: 1 });
    expect(shop.sent).toEqual(['+0m empty']);
  });
});

describe('a list', () => {
  const cart =
    '{ list: event.product, of: Product Added, until: [Product Removed, Cart Cleared, Order Completed], keep: [event.name, event.price], within: 30 days }';
  const added = (time: string, product: string | number, more: Partial<TrialEvent> = {}): TrialEvent => ({
    at: time,
    event: 'Product Added',
    product,
    ...more,
  });

  it('has one entry for each value, newest last, with what it keeps of the latest event', () => {
    expect(
      valueOf(
        cart,
        '+1h',
        added('+0m', 'p1', { name: 'Lamp', price: 10, color: 'red' }),
        added('+1m', 'p2'),
        added('+2m', 'p1', { name: 'Lamp', price: 9 }),
      ),
    ).toEqual([{ product: 'p2' }, { product: 'p1', name: 'Lamp', price: 9 }]);
  });

  it('`until` takes out the entry it names', () => {
    const removed: TrialEvent = { at: '+5m', event: 'Product Removed', product: 'p1' };
    expect(valueOf(cart, '+1h', added('+0m', 'p1'), added('+1m', 'p2'), removed)).toEqual([{ product: 'p2' }]);
    expect(valueOf(cart, '+1h', added('+0m', 'p1'), { ...removed, product: 'p9' })).toEqual([{ product: 'p1' }]);
  });

  it('or those of its `products`', () => {
    const bought = ordered('+5m', { products: [{ product: 'p1' }, { product: 7 }, 'odd', null] });
    expect(valueOf(cart, '+1h', added('+0m', 'p1'), added('+1m', 'p2'), added('+2m', 7), bought)).toEqual([
      { product: 'p2' },
    ]);
  });

  it('if it names none, all', () => {
    const cleared: TrialEvent = { at: '+5m', event: 'Cart Cleared' };
    expect(valueOf(cart, '+1h', added('+0m', 'p1'), added('+1m', 'p2'), cleared)).toBeUndefined();
    expect(valueOf(cart, '+1h', added('+0m', 'p1'), cleared, added('+6m', 'p2'))).toEqual([{ product: 'p2' }]);
  });

  it('an entry lapses', () => {
    const entries = (instant: string): unknown => valueOf(cart, instant, added('+0m', 'p1'), added('+1d', 'p2'));
    expect(entries('+29d23h59m')).toHaveLength(2);
    expect(entries('+30d')).toEqual([{ product: 'p2' }]);
    expect(entries('+31d')).toBeUndefined();
  });

  it('`at most`: the oldest go', () => {
    const short = '{ list: event.product, of: Product Added, at most: 2 }';
    expect(valueOf(short, '+1h', added('+0m', 1), added('+1m', 2), added('+2m', 3))).toEqual([
      { product: 2 },
      { product: 3 },
    ]);
  });

  it('nested properties stay where they were', () => {
    const nested = '{ list: event.item.id, of: Product Added, keep: [event.item.price] }';
    expect(valueOf(nested, '+1h', { at: '+0m', event: 'Product Added', item: { id: 'p1', price: 3, x: 1 } })).toEqual([
      { item: { id: 'p1', price: 3 } },
    ]);
  });

  it('what comes late is taken at its own time', () => {
    const late = (event: TrialEvent): TrialEvent => ({ ...event, received: '+1h' });
    const removed = (time: string): TrialEvent => ({ at: time, event: 'Product Removed', product: 'p1' });
    expect(valueOf(cart, '+2h', added('+10m', 'p1'), late(removed('+5m')))).toEqual([{ product: 'p1' }]);
    expect(valueOf(cart, '+2h', removed('+10m'), late(added('+5m', 'p1')))).toBeUndefined();
    expect(valueOf(cart, '+2h', removed('+10m'), late(added('+15m', 'p1')))).toEqual([{ product: 'p1' }]);
    expect(valueOf(cart, '+2h', added('+10m', 'p1', { price: 2 }), late(added('+5m', 'p1', { price: 1 })))).toEqual([
      { product: 'p1', price: 2 },
    ]);
  });

  it('inside a condition `any item` and `every item` look at its entries', () => {
    const rule = (condition: string): string =>
      `rule: r\ncategory: promotional\nstart: { event: A, where: { customer.cart: ${condition} } }\nsteps: [{ send: yes-it-is }]`;
    const holds = (condition: string, ...events: TrialEvent[]): boolean => {
      const shop = new Trial([rule(condition), `computed: { customer.cart: ${cart} }`]);
      shop.apply(...events, { at: '+1h', event: 'A' });
      return shop.sent.length > 0;
    };
    const dear = '{ any item: { item.price: { at least: 50 } } }';
    expect(holds(dear, added('+0m', 1, { price: 60 }), added('+1m', 2, { price: 5 }))).toBe(true);
    expect(holds(dear, added('+1m', 2, { price: 5 }))).toBe(false);
    expect(holds(dear)).toBe(false);
    expect(
      holds(
        '{ every item: { item.price: { at least: 50 } } }',
        added('+0m', 1, { price: 60 }),
        added('+1m', 2, { price: 5 }),
      ),
    ).toBe(false);
    expect(holds('{ exists: false }')).toBe(true);
  });
});

describe('`where` narrows any of them', () => {
  it('judged when the event happens, with the profile of then', () => {
    const dear = '{ count: Order Completed, where: { event.total: { at least: 50 }, customer.city: Berlin } }';
    const events: TrialEvent[] = [
      ordered('+0m', { total: 60 }),
      { at: '+1m', traits: { city: 'Berlin' } },
      ordered('+2m', { total: 60 }),
      ordered('+3m', { total: 40 }),
      { at: '+4m', traits: { city: 'Paris' } },
      ordered('+5m', { total: 60 }),
    ];
    expect(valueOf(dear, '+1h', ...events)).toBe(1);
    expect(
      valueOf(dear.replace('count: Order Completed', 'list: event.total, of: Order Completed'), '+1h', ...events),
    ).toEqual([{ total: 60 }]);
  });

  it('may lean on another computed attribute, which has taken in the event before', () => {
    const shop = new Trial([
      'computed:\n  customer.a_late: { sum: event.total, of: Order Completed, where: { customer.orders: { at least: 2 } } }\n  customer.orders: { count: Order Completed }\n',
    ]);
    shop.apply(ordered('+0m', { total: 1 }), ordered('+1m', { total: 2 }), ordered('+2m', { total: 4 }));
    expect(shop.valueAt('+1h', 'a_late')).toBe(6);
  });
});

describe('late events', () => {
  it('a `last` never moves backwards, a `first` does', () => {
    const events = [ordered('+1h', { total: 1 }), ordered('+0m', { total: 2, received: '+2h' })];
    expect(valueOf('{ last: event.total, of: Order Completed }', '+3h', ...events)).toBe(1);
    expect(valueOf('{ first: event.total, of: Order Completed }', '+3h', ...events)).toBe(2);
    expect(valueOf('{ last time: Order Completed }', '+3h', ...events)).toBe(
      new Date(Date.parse('2026-03-02T10:00:00Z')).toISOString(),
    );
  });

  it('imported history fills computed attributes', () => {
    expect(
      valueOf(
        '{ sum: event.total, of: Order Completed }',
        '+1h',
        ordered('-9d', { total: 5, historical: true, received: '+0m' }),
      ),
    ).toBe(5);
  });

  it('a copy of an event is not taken in twice', () => {
    const once = ordered('+0m', { total: 5, id: 'same' });
    for (const kind of ['sum', 'average', 'max', 'last'])
      expect(valueOf(`{ ${kind}: event.total, of: Order Completed }`, '+1h', once, once)).toBe(5);
    expect(valueOf('{ count: Order Completed, within: 1 day }', '+1h', once, once)).toBe(1);
  });
});

describe('of windows: `within: D` holds what is younger than D', () => {
  it('exactly D ago is outside', () => {
    const sum = '{ sum: event.total, of: Order Completed, within: 7 days }';
    expect(valueOf(sum, '+6d23h59m', ordered('+0m', { total: 5 }))).toBe(5);
    expect(valueOf(sum, '+7d', ordered('+0m', { total: 5 }))).toBe(0);
  });

  it('sums over more than 7 days use whole UTC days', () => {
    const sum = '{ sum: event.total, of: Order Completed, within: 8 days }';
    const events = [ordered('+0m', { total: 5 }), ordered('+1d', { total: 1 })];
    expect(valueOf(sum, '+8d14h59m', ...events)).toBe(6);
    expect(valueOf(sum, '+8d15h', ...events)).toBe(1);
  });
});

describe('wherever a value is wanted', () => {
  it('a computed attribute is read as of the present moment of the run', () => {
    const rule = `rule: r\ncategory: promotional\nstart: { event: Order Completed }\nwhile running: ignore\nsteps: [{ if: { customer.recent: 1 }, then: [{ send: now }] }, { wait: 2 days }, { if: { customer.recent: 0 }, then: [{ send: later }] }]`;
    const shop = new Trial([rule, 'computed: { customer.recent: { count: Order Completed, within: 1 day } }']);
    shop.apply(ordered('+0m'));
    expect(shop.until('+3d').sent).toEqual(['+0m now', '+2d later']);
  });

  it('may stand on the right side of a comparison', () => {
    const rule = `rule: r\ncategory: promotional\nstart: { event: Order Completed, where: { event.total: { more than: customer.usual } } }\nsteps: [{ send: generous }]`;
    const shop = new Trial([rule, 'computed: { customer.usual: { average: event.total, of: Order Completed } }']);
    shop.apply(ordered('+0m', { total: 10 }), ordered('+1h', { total: 20 }));
    expect(shop.sent).toEqual(['+1h generous']);
  });

  it('hides a trait of its name, also where it is missing', () => {
    const shop = trial('{ last: event.total, of: Order Completed }');
    shop.apply({ at: '+0m', traits: { x: 'a trait', y: 'another' } });
    expect([shop.valueAt('+1h', 'x'), shop.valueAt('+1h', 'y')]).toEqual([undefined, 'another']);
  });
});

describe('what is kept', () => {
  it('costs nothing for events that concern nothing', () => {
    const shop = trial('{ sum: event.total, of: Order Completed }');
    expect(shop.rulesets.concerns('track', 'Order Completed')).toBe(true);
    expect(shop.rulesets.concerns('track', 'Page Seen')).toBe(false);
    expect(shop.apply(ordered('+0m'))).toBe(false);
    expect(shop.apply({ at: '+1m', event: 'Page Seen' })).toBe(false);
    expect(shop.state.computed.kept.size).toBe(0);
  });

  it('is shared by what means the same', () => {
    const shop = new Trial([
      'computed:\n  customer.a: { sum: event.total, of: Order Completed }\n  customer.b: { average: event.total, of: Order Completed }\n  customer.n: { count: Order Completed }\n',
      `rule: r\ncategory: promotional\nstart: { event: Order Completed, where: { has done: { event: Order Completed, at least: 2 } } }\nsteps: [{ send: again }]`,
    ]);
    shop.apply(ordered('+0m', { total: 1 }), ordered('+1m', { total: 3 }));
    expect([shop.state.computed.kept.size, shop.state.counters.size]).toEqual([1, 1]);
    expect(['a', 'b', 'n'].map((name) => shop.valueAt('+1h', name))).toEqual([4, 2, 2]);
  });

  it('stays while the definition does, and goes with it', () => {
    const shop = trial('{ sum: event.total, of: Order Completed }');
    shop.apply(ordered('+0m', { total: 1 }));
    const next = (number: number, definition: string): void => {
      const workspace = workspaceOf([`computed:\n  customer.x: ${definition}\n`]);
      shop.rulesets = rulesetsOf(compileRuleset(workspace, number, {}));
    };
    next(2, '{ average: event.total, of: Order Completed }');
    shop.apply(ordered('+1m', { total: 3 }));
    expect(shop.valueAt('+1h', 'x')).toBe(2);
    next(3, '{ sum: event.total, of: Order Completed, where: { event.total: { at least: 2 } } }');
    shop.apply(ordered('+2m', { total: 5 }));
    expect(shop.valueAt('+1h', 'x')).toBe(5);
    expect(shop.state.computed.kept.size).toBe(1);
  });
});

describe('until the history of a new definition is filled', () => {
  const files = [
    'computed: { customer.spent: { sum: event.total, of: Order Completed } }\nsegments: { vip: { customer.spent: { at least: 100 } } }',
    `rule: leans\ncategory: promotional\nstart: { event: A }\nwho: { segment: vip }\nsteps: [{ send: leaning }]`,
    `rule: listens\ncategory: promotional\nstart: { enters: vip }\nsteps: [{ send: listening }]`,
    `rule: free\ncategory: promotional\nstart: { event: A }\nsteps: [{ send: not-leaning }]`,
  ];

  it('rules that need it start nothing, and say so', () => {
    const workspace = workspaceOf(files);
    const before = compileRuleset(workspace, 1, {});
    expect(before.history.size).toBe(1);
    const warming = compileRuleset(workspace, 1, {}, { warming: before.history });
    const shop = new Trial(rulesetsOf(warming));
    shop.apply(ordered('+0m', { total: 200 }), { at: '+1m', event: 'A' });
    expect(shop.sent).toEqual(['+1m not-leaning']);
    expect(shop.refusals.map(({ rule, reason }) => `${rule} ${reason}`)).toEqual(['listens warming', 'leans warming']);
    shop.rulesets = rulesetsOf(before);
    shop.apply({ at: '+2m', event: 'A' });
    expect(shop.sent).toEqual(['+1m not-leaning', '+2m not-leaning', '+2m leaning']);
  });
});
