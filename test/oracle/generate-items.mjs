// Events about things for random workspaces.
import { EVENTS, LENGTHS, send } from './generate-workspace.mjs';
import { use } from './generate-segments.mjs';

const PROPERTIES = { cart: 'text', price: 'number', kind: 'text', products: 'list', day: 'date', tags: 'list' };

/** Every event that rules name stands in the plan, since an unknown one is a finding as soon as there is a plan. */
function addItems(random, workspace) {
  const { rules } = workspace;
  const names = [...EVENTS, 'Done', 'End', 'Restock'];
  workspace.events = {
    events: Object.fromEntries(names.map((name) => [name, PROPERTIES])),
    items: { Restock: 'cart' },
  };
  workspace.segments ??= {};
  workspace.segments.computed ??= {};
  workspace.segments.computed['customer.basket'] ??= {
    list: 'event.cart',
    of: ['Cart', 'View'],
    until: 'Order',
    keep: ['event.price', 'event.kind'],
    ...(random.chance(0.4) ? { within: random.pick(LENGTHS) } : {}),
  };
  const where = random.pick([
    undefined,
    { 'event.price': { 'dropped by': random.pick(['10%', '50%', '12.5%']) } },
    { 'event.price': { 'rose by': random.pick(['10%', '100%']) } },
    { 'event.price': { 'less than': 'item.price' } },
    { 'item.price': { 'at least': 10 }, 'customer.city': { not: 'Bonn' } },
    { 'event.price': { 'at least': 10 }, 'has not done': { event: 'Order', within: '1 hour' } },
  ]);
  const start = { 'item event': 'Restock', in: 'customer.basket', ...(where === undefined ? {} : { where }) };
  rules.push({
    rule: 'restock',
    category: random.pick(['promotional', 'care']),
    start: random.chance(0.15) ? [start, { event: 'Reply', key: 'event.cart' }] : start,
    ...(random.chance(0.4) ? { stop: { event: 'Order', where: { 'event.cart': 'start.cart' } } } : {}),
    ...(random.chance(0.5) ? { 'while running': random.pick(['restart', 'restart wait', 'collect']) } : {}),
    ...(random.chance(0.4) ? { again: random.pick(['never', 'after 2 hours', 'after 1 hour per customer']) } : {}),
    steps: [...(random.chance(0.5) ? [{ wait: random.pick(LENGTHS) }] : []), send(random)],
  });
  if (random.chance(0.3)) use(random, workspace, { 'customer.basket.count': { 'at least': 1 } });
}

/** Most without a customer, some with one who is ignored. */
export function addRestocks(random, events) {
  for (let i = events.length - 1; i >= 0; i--) {
    if (!random.chance(0.12)) continue;
    const { timestamp, receivedAt, userId } = events[i];
    events.splice(i + 1, 0, {
      type: 'track',
      event: 'Restock',
      ...(random.chance(0.2) ? { userId } : {}),
      messageId: `restock ${i}`,
      timestamp,
      receivedAt,
      properties: {
        cart: random.pick(['c1', 'c2', 'c2', 'c9']),
        price: random.pick([2.5, 5, 9, 10, 17.5, 18, 20, 40]),
      },
    });
  }
}

export const ITEM_FEATURES = { items: [0.3, addItems] };
