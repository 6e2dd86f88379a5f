// Computed attributes, lists and segments for random workspaces, the conditions that use them, and the events that fill them.
import { condition, LENGTHS, send, steps } from './generate-workspace.mjs';
import { insert, stepsOf } from './generate-steps.mjs';

const WINDOWS = ['30 minutes', '1 hour', '2 hours', '3 hours', '6 hours', '1 day', '2 days'];

const namesOf = ({ segments }) => Object.keys(segments?.segments ?? {});

function addToFile(workspace, part, entries) {
  workspace.segments ??= {};
  workspace.segments[part] = { ...workspace.segments[part], ...entries };
}

/** Puts a condition where rules judge: `if`, `who`, `while`, and, where there is no run needed, `where` of a start. */
export function use(random, { rules }, made, inStart = !JSON.stringify(made).includes('start.')) {
  const rule = random.pick(rules);
  const place = random.below(10);
  const whiles = stepsOf(rule).filter((step) => step.repeat !== undefined);
  if (place < 2) rule.who = rule.who === undefined ? made : { all: [rule.who, made] };
  else if (place < 3 && inStart && !Array.isArray(rule.start) && rule.start.event !== undefined)
    rule.start.where = rule.start.where === undefined ? made : { all: [rule.start.where, made] };
  else if (place < 4 && whiles.length > 0) random.pick(whiles).repeat.while = made;
  else
    insert(random, rule, { if: made, then: [send(random)], ...(random.chance(0.4) ? { else: [send(random)] } : {}) });
}

const within = (random, share = 0.5) => (random.chance(share) ? { within: random.pick(WINDOWS) } : {});

const narrowed = (random) =>
  random.chance(0.3)
    ? { where: random.pick([{ 'event.price': { 'at least': 10 } }, { 'event.kind': 'a' }, { 'customer.vip': true }]) }
    : {};

/** Name → [definition, conditions that use it]. */
function attributes(random) {
  const of = random.pick(['Order', 'Cart', ['Cart', 'View'], 'View']);
  const property = () => ({ of, ...narrowed(random), ...within(random) });
  return {
    'customer.orders': [
      { count: of, ...narrowed(random), ...within(random) },
      [{ 'customer.orders': { 'at least': 2 } }, { 'customer.orders': 0 }, { 'customer.orders': { 'less than': 2 } }],
    ],
    'customer.spent': [
      { sum: 'event.price', ...property() },
      [
        { 'customer.spent': { 'at least': 30 } },
        { 'customer.spent': 0 },
        { 'start.price': { 'less than': 'customer.spent' } },
      ],
    ],
    'customer.mean': [
      { average: 'event.price', ...property() },
      [{ 'customer.mean': { 'more than': 15 } }, { 'customer.mean': { exists: false } }],
    ],
    'customer.least': [
      { min: 'event.price', ...property() },
      [{ 'customer.least': 5 }, { 'customer.least': 'start.price' }],
    ],
    'customer.most': [{ max: 'event.price', ...property() }, [{ 'customer.most': { 'at least': 20.5 } }]],
    'customer.first_kind': [
      { first: 'event.kind', ...property() },
      [{ 'customer.first_kind': ['a', 7] }, { 'customer.first_kind': { not: 'start.kind' } }],
    ],
    'customer.last_cart': [
      { last: 'event.cart', ...property() },
      [{ 'customer.last_cart': 'start.cart' }, { 'customer.last_cart': { exists: true } }],
    ],
    'customer.first_seen': [
      { 'first time': of, ...narrowed(random), ...within(random) },
      [
        { 'customer.first_seen': { 'within last': random.pick(WINDOWS) } },
        { 'customer.first_seen': { before: 'start.timestamp' } },
      ],
    ],
    'customer.last_seen': [
      { 'last time': of, ...narrowed(random), ...within(random) },
      [{ 'customer.last_seen': { 'within last': random.pick(WINDOWS) } }, { 'customer.last_seen': { exists: false } }],
    ],
  };
}

function addComputed(random, workspace) {
  const all = Object.entries(attributes(random));
  for (const [name, [definition, conditions]] of random.shuffled(all).slice(0, 2 + random.below(3))) {
    addToFile(workspace, 'computed', { [name]: definition });
    workspace.conditions = [...(workspace.conditions ?? []), ...conditions];
    for (let n = 1 + random.below(2); n > 0; n--) use(random, workspace, random.pick(conditions));
  }
}

function addLists(random, workspace) {
  const list = {
    list: 'event.cart',
    of: random.pick(['Cart', 'View', ['Cart', 'View']]),
    ...(random.chance(0.8) ? { until: random.pick([['Order'], ['Order', 'Reply'], 'Reply']) } : {}),
    keep: random.pick([['event.price'], ['event.price', 'event.kind']]),
    ...within(random),
    ...(random.chance(0.2) ? { 'at most': random.pick([1, 2]) } : {}),
    ...(random.chance(0.2) ? { where: { 'event.price': { 'at least': 10 } } } : {}),
  };
  addToFile(workspace, 'computed', { 'customer.basket': list });
  const conditions = [
    { 'customer.basket.count': { 'at least': 2 } },
    { 'customer.basket.count': 0 },
    { 'customer.basket': { exists: true } },
    { 'customer.basket': { 'any item': { 'item.price': { 'at least': 20 } } } },
    { 'customer.basket': { 'any item': { 'item.cart': 'start.cart' } } },
    { 'customer.basket': { 'every item': { 'item.price': { 'less than': 25 } } } },
    { 'customer.basket': { 'any item': { 'item.cart': 'c2', 'item.kind': { exists: false } } } },
  ];
  workspace.conditions = [
    ...(workspace.conditions ?? []),
    ...conditions.filter((each) => !JSON.stringify(each).includes('start.')),
  ];
  for (let n = 2 + random.below(2); n > 0; n--) use(random, workspace, random.pick(conditions));
}

/** Conditions of segments know no run. */
function segment(random, workspace) {
  const known = (workspace.conditions ?? []).filter((each) => !JSON.stringify(each).includes('start.'));
  const own = [
    { 'has done': { event: random.pick(['Cart', 'View', 'Order']), within: random.pick(WINDOWS) } },
    { 'has done': { event: ['Cart', 'View'], 'at least': 2, within: random.pick(WINDOWS) } },
    { 'has not done': { event: 'Order', within: random.pick(WINDOWS) } },
    { 'customer.city': random.pick(['Berlin', 'Bonn']) },
    { 'customer.since': { [random.pick(['within last', 'within next'])]: random.pick(WINDOWS) } },
    { 'customer.vip': true },
    { 'customer.mood': { exists: true } },
  ];
  const one = () => random.pick(known.length > 0 && random.chance(0.6) ? known : own);
  const parts = [one(), one()];
  return random.pick([parts[0], parts[0], { any: parts }, { not: parts[0] }, { all: parts }]);
}

function addSegments(random, workspace) {
  const names = ['vip', 'sleepy', 'fresh'].slice(0, 1 + random.below(3));
  addToFile(workspace, 'segments', Object.fromEntries(names.map((name) => [name, segment(random, workspace)])));
  for (let n = 1 + random.below(2); n > 0; n--)
    use(random, workspace, random.pick([{ segment: names[0] }, { segment: names }, { not: { segment: names[0] } }]));
}

/** Its rule writes and emits nothing, so that no segment makes itself be entered. */
function addEnters(random, workspace) {
  if (namesOf(workspace).length === 0)
    addToFile(workspace, 'segments', { lively: segment(random, workspace), calm: segment(random, workspace) });
  const occasion = () => ({ [random.pick(['enters', 'leaves'])]: random.pick(namesOf(workspace)) });
  const member = {
    rule: 'member',
    category: random.pick(['promotional', 'care']),
    start: random.chance(0.3) ? [occasion(), { event: 'Reply' }] : occasion(),
    ...(random.chance(0.4) ? { stop: occasion() } : {}),
    ...(random.chance(0.3) ? { 'while running': random.pick(['restart', 'restart wait', 'collect']) } : {}),
    ...(random.chance(0.3) ? { again: random.pick(['never', 'after 2 hours']) } : {}),
    ...(random.chance(0.2) ? { who: condition(random, 'start', { start: true }) } : {}),
    steps: [...(random.chance(0.5) ? [{ wait: random.pick(LENGTHS) }] : []), send(random)],
  };
  for (const rule of random.some(workspace.rules, 0.4)) {
    if (random.chance(0.4)) rule.goal = { ...occasion(), within: random.pick(LENGTHS) };
    else if (random.chance(0.5)) rule.stop = [rule.stop ?? [], occasion()].flat();
    else
      insert(random, rule, {
        wait: {
          for: random.chance(0.4) ? [occasion(), { event: 'Order' }] : occasion(),
          'up to': random.pick(LENGTHS),
        },
        ...(random.chance(0.6) ? { then: steps(random, 2, false) } : {}),
      });
  }
  workspace.rules.push(member);
}

export const SEGMENT_FEATURES = {
  computed: [0.35, addComputed],
  lists: [0.3, addLists],
  segments: [0.35, addSegments],
  enters: [0.35, addEnters],
};

/** Orders that name a thing by `products`, or nothing, for the lists. */
export function addProductsOf(random, events) {
  for (const line of events) {
    if (line.type !== 'track' || line.properties === undefined || !random.chance(0.3)) continue;
    delete line.properties.cart;
    if (random.chance(0.6))
      line.properties.products = random.some([{ cart: 'c1', price: 20 }, { cart: 'c2' }, { price: 5 }], 0.6);
  }
}
