import { readItemEvent } from '../../event/read-event.js';
import { Trial, type TrialEvent } from '../testing/trial.js';
import { watchedItems } from './watched-items.js';

const FILES = [
  `items: { Product Updated: product_id }
events:
  Product Saved: { product_id: text, price: number, name: text }
  Product Unsaved: { product_id: text }
  Product Updated: { product_id: text, price: number, stock: number }
`,
  'computed: { customer.wishlist: { list: event.product_id, of: Product Saved, until: Product Unsaved, keep: [event.price, event.name], within: 60 days } }',
];
const rule = (where: string, more = ''): string =>
  `rule: r\ncategory: promotional\nstart: { item event: Product Updated, in: customer.wishlist, where: ${where} }\n${more}\nsteps: [{ send: price-drop }]`;
const saved = (time: string, product: string | number, price?: number): TrialEvent => ({
  at: time,
  event: 'Product Saved',
  product_id: product,
  ...(price === undefined ? {} : { price }),
});
const updated = (time: string, product: string | number, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Product Updated',
  product_id: product,
  ...more,
});

describe('`item event`: an event about a thing, for every customer whose list holds it', () => {
  it('starts a run for the entry, and for nobody else', () => {
    const shop = new Trial([...FILES, rule('{ event.price: { dropped by: 10% } }')]);
    expect(shop.applyItem(updated('+0m', 'p1', { price: 5 }))).toBe(false);
    shop.apply(saved('+1h', 'p1', 100), saved('+2h', 'p2', 100));
    shop.applyItem(updated('+3h', 'p1', { price: 90 }));
    shop.applyItem(updated('+4h', 'p3', { price: 1 }));
    expect(shop.effects.planned.map(({ key, start }) => [key, start.name, start.properties['price']])).toEqual([
      ['p1', 'Product Updated', 90],
    ]);
  });

  it('one run for each entry', () => {
    const shop = new Trial([...FILES, rule('{ event.stock: { at least: 1 } }', 'again: never')]);
    shop.apply(saved('+0m', 'p1'), saved('+1m', 2));
    shop.applyItem(updated('+1h', 'p1', { stock: 1 }));
    shop.applyItem(updated('+2h', '2', { stock: 1 }));
    shop.applyItem(updated('+3h', 'p1', { stock: 1 }));
    expect(shop.effects.planned.map(({ key }) => key)).toEqual(['p1', '2']);
    expect(shop.refusals.map(({ reason, key }) => [reason, key])).toEqual([['again', 'p1']]);
  });

  it('not for an entry that was taken out, or has lapsed', () => {
    const shop = new Trial([...FILES, rule('{ event.stock: 1 }')]);
    shop.apply(saved('+0m', 'p1'), saved('+1m', 'p2'), { at: '+2m', event: 'Product Unsaved', product_id: 'p2' });
    expect([...watchedItems(shop.rulesets, shop.state)]).toEqual(['p1']);
    shop.applyItem(updated('+59d', 'p2', { stock: 1 }));
    shop.applyItem(updated('+60d', 'p1', { stock: 1 }));
    expect(shop.sent).toEqual([]);
  });

  it('`item` is the entry, and `where` may use customer, segments and history', () => {
    const shop = new Trial([
      FILES[0]!,
      `${FILES[1]!}\nsegments: { berlin: { customer.city: Berlin } }`,
      rule(
        '{ event.price: { less than: item.price }, item.name: Lamp, segment: berlin, has done: { event: Product Saved } }',
      ),
    ]);
    shop.apply({ at: '+0m', traits: { city: 'Berlin' } }, { ...saved('+1m', 'p1', 50), name: 'Lamp' });
    shop.applyItem(updated('+1h', 'p1', { price: 50 }));
    shop.applyItem(updated('+2h', 'p1', { price: 49 }));
    expect(shop.sent).toEqual(['+2h price-drop']);
    expect(shop.refusals.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['where_false', 'event.price is 50, not less than item.price (50)'],
    ]);
  });

  it('a copy is the same event; imported history, and one that is too old, start nothing', () => {
    const shop = new Trial([...FILES, rule('{ event.stock: 1 }')]);
    shop.apply(saved('+0m', 'p1'));
    const once = updated('+1h', 'p1', { stock: 1, id: 'same' });
    shop.applyItem(once);
    expect(shop.applyItem(once)).toBe(false);
    shop.applyItem(updated('+2h', 'p1', { stock: 1, historical: true }));
    shop.applyItem(updated('+3h', 'p1', { stock: 1, received: '+2d' }));
    expect(shop.sent).toEqual(['+1h price-drop']);
    expect(shop.refusals.map(({ reason }) => reason)).toEqual(['too_late']);
  });
});

describe('`dropped by` and `rose by`: at least so much against the same property of the entry', () => {
  it.each([
    ['{ dropped by: 10% }', 100, 90, true],
    ['{ dropped by: 10% }', 100, 90.01, false],
    ['{ dropped by: 10% }', 29.9, 26.91, true],
    ['{ dropped by: 12.5% }', 0.8, 0.7, true],
    ['{ dropped by: 5 }', 20, 15, true],
    ['{ dropped by: 5 }', 20, 15.01, false],
    ['{ dropped by: 10% }', 100, 110, false],
    ['{ rose by: 10% }', 100, 110, true],
    ['{ rose by: 10% }', 100, 109.99, false],
    ['{ rose by: 0.3 }', 0.1, 0.4, true],
    ['{ dropped by: 10% }', undefined, 1, false],
    ['{ dropped by: 10% }', 100, undefined, false],
  ])('%s from %s to %s: %s', (operator, before, after, expected) => {
    const shop = new Trial([...FILES, rule(`{ event.price: ${operator} }`)]);
    shop.apply(saved('+0m', 'p1', before));
    shop.applyItem(updated('+1h', 'p1', after === undefined ? {} : { price: after }));
    expect(shop.sent.length > 0).toBe(expected);
  });
});

describe('reading an item event', () => {
  const items = { 'Product Updated': 'product_id' };
  const position = { append: 0, fallbackId: 'f', historical: false };
  const call = (more: object): unknown => ({ type: 'track', event: 'Product Updated', ...more });

  it('a userId it carries is ignored, and it needs none', () => {
    const reading = readItemEvent(call({ userId: 'ann', properties: { product_id: 7, price: 2 } }), position, items);
    expect(reading).toEqual({
      ok: true,
      event: {
        id: 'f',
        name: 'Product Updated',
        item: '7',
        time: 0,
        properties: { product_id: 7, price: 2 },
        historical: false,
      },
    });
    expect(readItemEvent(call({ properties: { product_id: 'p' } }), position, items)).toMatchObject({ ok: true });
  });

  it('is only what events.yaml declares to be one', () => {
    expect(readItemEvent(call({ event: 'Other' }), position, items)).toBeNull();
    expect(readItemEvent(call({ event: 'constructor' }), position, items)).toBeNull();
    expect(readItemEvent(call({ type: 'page' }), position, items)).toBeNull();
    expect(readItemEvent('text', position, items)).toBeNull();
  });

  it('must name the thing', () => {
    expect(readItemEvent(call({ userId: 'ann' }), position, items)).toEqual({
      ok: false,
      field: 'properties.product_id',
      reason: 'is missing: it names the thing the event is about',
    });
    expect(readItemEvent(call({ properties: { product_id: 'p' }, timestamp: 'x' }), position, items)).toMatchObject({
      ok: false,
      field: 'timestamp',
    });
  });
});
