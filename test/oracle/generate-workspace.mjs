// Random small workspaces within the scope of the oracle. Objects here have the keys of the YAML files.

export const EVENTS = ['Cart', 'Order', 'View', 'Reply'];
export const CATEGORIES = ['promotional', 'care', 'transactional', 'news'];
export const LENGTHS = [
  '5 minutes',
  '10 minutes',
  '30 minutes',
  '1 hour',
  '2 hours',
  '3 hours',
  '6 hours',
  '12 hours',
  '1 day',
];
const ZONES = ['Europe/Berlin', 'UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Auckland'];
export const TEMPLATES = {
  one: ['email', 'sms'],
  two: ['email', 'sms', 'push'],
  three: ['email'],
  four: ['sms', 'inbox'],
};
export const SCENES = [
  { from: '2026-03-27T12:00:00Z', zones: ['Europe/Berlin', 'UTC', 'Europe/London'] },
  { from: '2026-10-23T12:00:00Z', zones: ['Europe/Berlin', 'UTC', 'Africa/Casablanca'] },
  { from: '2026-03-06T12:00:00Z', zones: ['America/New_York', 'America/Havana', 'Europe/Berlin'] },
  { from: '2026-10-30T12:00:00Z', zones: ['America/New_York', 'America/St_Johns', 'Asia/Kathmandu'] },
  { from: '2026-04-03T12:00:00Z', zones: ['Australia/Lord_Howe', 'Pacific/Auckland', 'Pacific/Kiritimati'] },
  { from: '2026-02-27T12:00:00Z', zones: ZONES },
];
const CAP_SETS = [
  [{ 'at most': 1, per: '1 day' }],
  [{ 'at most': 1, per: '1 day', category: 'promotional' }],
  [
    { 'at most': 1, per: '2 hours' },
    { 'at most': 3, per: '1 day' },
  ],
  [{ 'at most': 2, per: '6 hours' }],
  [{ 'at most': 1, per: 'calendar day' }],
  [
    { 'at most': 2, per: 'calendar week' },
    { 'at most': 1, per: '6 hours', channel: 'email' },
  ],
  [
    { 'at most': 1, per: '1 day', channel: 'sms' },
    { 'at most': 2, per: '1 day' },
  ],
  [
    { 'at most': 1, per: '1 hour', category: 'promotional' },
    { 'at most': 1, per: '2 hours', category: 'care' },
  ],
  [
    { 'at most': 3, per: 'calendar month' },
    { 'at most': 1, per: '3 hours', category: 'promotional', channel: 'email' },
  ],
  [
    { 'at most': 1, per: '30 minutes' },
    { 'at most': 2, per: 'calendar day', category: 'promotional' },
  ],
  [
    { 'at most': 1, per: '5 minutes' },
    { 'at most': 2, per: '1 hour', channel: 'email' },
    { 'at most': 2, per: '1 hour', channel: 'sms' },
  ],
  [
    { 'at most': 1, per: '5 minutes 1 second' },
    { 'at most': 1, per: 'calendar day', category: 'promotional', channel: 'sms' },
    { 'at most': 4, per: '1 week' },
  ],
  [
    { 'at most': 1, per: 'calendar day', category: 'promotional' },
    { 'at most': 1, per: '23 hours', category: 'care' },
    { 'at most': 2, per: 'calendar day' },
    { 'at most': 3, per: '2 days' },
  ],
];
const NIGHTS = [
  ['21:00', '09:00'],
  ['22:30', '06:00'],
  ['01:00', '02:30'],
  ['02:30', '05:00'],
  ['00:00', '08:00'],
  ['09:00', '21:00'],
  ['02:15', '02:45'],
  ['20:00', '00:00'],
];
const ON_CAPPED = ['drop', 'drop', 'defer up to 6 hours', 'defer up to 1 day', 'defer up to 2 hours', 'next channel'];

function quietHours(random) {
  const [from, to] = random.pick(NIGHTS);
  const quiet = { from, to };
  if (random.chance(0.4)) quiet.channels = random.pick([['sms'], ['sms', 'push'], ['email']]);
  if (random.chance(0.2)) quiet.categories = random.pick([['promotional'], ['promotional', 'care']]);
  if (random.chance(0.2))
    quiet.days = random.pick([['friday', 'saturday'], ['sunday'], ['monday', 'saturday'], ['2026-03-28', 'sunday']]);
  if (random.chance(0.2)) quiet['on quiet'] = 'skip';
  return quiet;
}

function settings(random, scene) {
  const kairos = {
    'time zone': random.pick(scene.zones),
    locale: 'en',
    channels: random.shuffled(['email', 'sms', 'push', 'inbox']),
    categories: {
      promotional: { consent: 'opt-in' },
      care: { consent: 'opt-out', ...(random.chance(0.3) ? { 'same content': '1 hour' } : {}) },
      transactional: {
        consent: 'none',
        'ignores caps': true,
        'counts toward caps': false,
        'ignores quiet hours': true,
        'same content': 'off',
      },
      news: {
        consent: random.pick(['opt-in', 'opt-out']),
        ...(random.chance(0.3) ? { 'counts toward caps': false } : {}),
        ...(random.chance(0.3) ? { 'ignores quiet hours': true } : {}),
      },
    },
    'same content': random.pick(['off', 'off', '18 hours', '2 hours', '30 minutes']),
    salt: random.pick(['summer', '', 'winter']),
  };
  if (random.chance(0.75)) kairos.caps = random.pick(CAP_SETS);
  if (random.chance(0.6)) kairos['on capped'] = random.pick(ON_CAPPED);
  if (random.chance(0.7))
    kairos['quiet hours'] = random.chance(0.3)
      ? Array.from({ length: 2 + random.below(2) }, () => quietHours(random))
      : quietHours(random);
  if (random.chance(0.3)) kairos['default time'] = random.pick(['00:00', '02:30', '12:30']);
  return kairos;
}

/** Operators that need their own properties: dates, lists behind paths, lists after `equals` and `not`. */
function rare(random, root) {
  const day = random.pick(random.days);
  const moment = random.pick([
    day,
    day,
    `${day}T12:00:00Z`,
    `${day}T02:30:00+02:00`,
    'customer.since',
    `${root}.timestamp`,
  ]);
  return [
    { [`${root}.day`]: { [random.pick(['before', 'after'])]: moment } },
    { [`${root}.timestamp`]: { [random.pick(['before', 'after'])]: moment } },
    { [`${root}.day`]: { [random.pick(['within last', 'within next'])]: random.pick(LENGTHS) } },
    { 'customer.since': { [random.pick(['within last', 'within next'])]: random.pick(LENGTHS.slice(3)) } },
    {
      [`${root}.kind`]: {
        [random.pick(['equals', 'not', 'in', 'not in'])]: random.pick([['a', 7], ['x', `${root}.cart`], [7]]),
      },
    },
    {
      [`${root}.kind`]: random.pick([
        'customer.liked',
        { not: 'customer.liked' },
        { in: 'customer.liked' },
        { 'not in': ['customer.liked', 'x'] },
      ]),
    },
    { [`${root}.tags`]: random.pick([{ contains: 'new' }, { 'contains any': 'customer.liked' }, { exists: false }]) },
    { [`${root}.products.count`]: { 'at least': 2 } },
    { [`${root}.price`]: { 'less than': 'customer.limit', 'more than': 5 } },
    { [`${root}.price`]: { between: [5, 'customer.limit'] } },
    { [`${root}.cart`]: { 'ends with': '1' } },
    { [`${root}.cart`]: { text: 'c1' } },
    {
      [`${root}.products`]: {
        'any item': { any: [{ 'item.price': `${root}.price` }, { not: { 'item.price': { 'at most': 30 } } }] },
      },
    },
    { [`${root}.products`]: { 'every item': { 'item.price': { 'at least': `${root}.price` } } } },
  ];
}

/** A condition on paths under `root`, on traits and, where asked for, on history. */
export function condition(random, root, { history = true, start = false } = {}) {
  const simple = [
    { [`${root}.price`]: { 'at least': 20 } },
    { [`${root}.price`]: { between: [10, 20] } },
    { [`${root}.price`]: { not: 10 } },
    { [`${root}.cart`]: ['c1', 'c2'] },
    { [`${root}.kind`]: { exists: true } },
    { [`${root}.kind`]: { 'not in': ['a', 'b'] } },
    { 'customer.city': 'Berlin' },
    { 'customer.city': { 'starts with': 'B' } },
    { not: { 'customer.vip': true } },
    { [`${root}.products`]: { 'any item': { 'item.price': { 'more than': 15 } } } },
    { [`${root}.products`]: { 'every item': { 'item.price': { 'less than': 30 } } } },
    { [`${root}.kind`]: { matches: '^[ab]$' } },
    { [`${root}.tags`]: { 'contains any': ['new', 'red'] } },
    ...rare(random, root),
  ];
  const past = [
    { 'has not done': { event: 'Order', within: random.pick(LENGTHS) } },
    { 'has done': { event: ['Cart', 'View'], 'at least': 2, within: random.pick(LENGTHS) } },
    { 'has done': { event: 'View', where: { 'event.price': { 'at least': 20 } } } },
    { 'has not done': { event: 'Reply', 'at least': 2 } },
    { 'has done': { event: random.pick(EVENTS), 'at most': 1, within: random.pick(LENGTHS) } },
    { 'has done': { event: ['Cart', 'Order'], 'at least': 1, 'at most': 3 } },
    { 'has not done': { event: 'Cart', where: { 'customer.vip': true }, within: random.pick(LENGTHS) } },
    ...(start
      ? [
          { 'has not done': { event: 'Order', since: 'start' } },
          { 'has done': { event: 'View', where: { 'event.cart': 'start.cart' }, since: 'start' } },
          { 'has done': { event: EVENTS, 'at most': 2, since: 'start', within: random.pick(LENGTHS) } },
          {
            'has not done': {
              event: ['Cart', 'View'],
              where: { 'event.price': { 'less than': 'start.price' } },
              within: random.pick(LENGTHS),
            },
          },
        ]
      : []),
  ];
  const one = () => random.pick(history && random.chance(0.4) ? past : simple);
  if (random.chance(0.05)) return { all: [{ any: [one(), one()] }, { not: { ...one(), ...one() } }] };
  if (random.chance(0.15)) return { any: [one(), one()] };
  if (random.chance(0.1)) return { not: one() };
  return random.chance(0.2) ? { all: [one(), one()] } : one();
}

export function occasion(random, names, { matching = 0.5 } = {}) {
  const result = { event: random.chance(0.2) ? random.shuffled(names).slice(0, 2) : random.pick(names) };
  if (random.chance(matching))
    result.where = random.chance(0.15) ? condition(random, 'event', { start: true }) : { 'event.cart': 'start.cart' };
  return result;
}

/** A night in which sms is held, mails are not, and both want the same slots. */
const NIGHT = {
  'quiet hours': { from: '21:00', to: '09:00', channels: ['sms'] },
  caps: [
    [{ 'at most': 1, per: '1 day' }],
    [{ 'at most': 2, per: '12 hours' }],
    [{ 'at most': 1, per: 'calendar day' }],
    [
      { 'at most': 1, per: '1 day', channel: 'sms' },
      { 'at most': 2, per: '1 day' },
    ],
  ],
};

function nightSend(random) {
  const channel = random.pick(['sms', 'email']);
  const body = {
    template: random.pick(['one', 'two']),
    channels: [channel],
    priority: channel === 'sms' ? random.pick([50, 90, 90]) : random.pick([10, 50, 60]),
  };
  if (random.chance(0.3)) body['on capped'] = random.pick(ON_CAPPED);
  if (random.chance(0.15)) body.expires = random.pick(LENGTHS.slice(4));
  return { send: body };
}

export function send(random) {
  if (random.isNight && random.chance(0.8)) return nightSend(random);
  const template = random.pick(Object.keys(TEMPLATES));
  if (random.chance(0.35)) return { send: template };
  const body = { template };
  if (random.chance(0.4)) body.channels = random.shuffled(TEMPLATES[template]).slice(0, 1 + random.below(2));
  if (random.chance(0.4)) body.priority = random.pick([0, 10, 50, 50, 60, 90, 100]);
  if (random.chance(0.2)) body.category = random.pick(CATEGORIES);
  if (random.chance(0.25)) body.expires = random.pick(LENGTHS.slice(2));
  if (random.chance(0.3)) body['on capped'] = random.pick(ON_CAPPED);
  return { send: body };
}

/** `mayStop`: only one branch of a step may end in `stop`, so that what follows it can be reached. */
export function steps(random, depth, mayStop) {
  const list = [];
  const length = 1 + random.below(depth === 0 ? 4 : 2);
  for (let i = 0; i < length; i++) {
    const die = random.below(10);
    if (die < 4) list.push(send(random));
    else if (die < 7) list.push({ wait: random.pick(LENGTHS) });
    else if (die < 8 && depth < 2) {
      const branch = { if: condition(random, 'start', { start: true }), then: steps(random, depth + 1, true) };
      if (random.chance(0.5)) branch.else = steps(random, depth + 1, false);
      list.push(branch);
    } else if (depth < 2) {
      const wait = { wait: { for: occasion(random, EVENTS), 'up to': random.pick(LENGTHS) } };
      if (random.chance(0.6)) wait.then = steps(random, depth + 1, true);
      if (random.chance(0.6)) wait['on timeout'] = steps(random, depth + 1, false);
      list.push(wait);
    }
  }
  if (mayStop && random.chance(0.15)) list.push('stop');
  return list.length > 0 ? list : [send(random)];
}

export const sends = (list) => JSON.stringify(list).includes('"send"');

function silence(random) {
  const inactive = {
    inactive: random.pick(LENGTHS.slice(2)),
    since: random.pick(['Order', ['Cart', 'View'], 'any event']),
  };
  if (random.chance(0.2)) inactive.where = { 'event.price': { 'at least': 10 } };
  return inactive;
}

function start(random) {
  if (random.chance(0.15)) return random.chance(0.2) ? [silence(random), { event: 'Reply' }] : silence(random);
  const first = { event: random.chance(0.25) ? ['Cart', 'View'] : random.pick(['Cart', 'Cart', 'View', 'Order']) };
  if (random.chance(0.3)) first.where = condition(random, 'event');
  const key = random.pick([
    undefined,
    undefined,
    'event.cart',
    'event.cart',
    ['event.cart'],
    ['event.cart', 'event.price'],
    ['event.kind', 'event.cart'],
  ]);
  if (key) first.key = key;
  if (!random.chance(0.12)) return first;
  return [first, { event: 'Reply', where: { 'event.kind': 'a' }, ...(key ? { key } : {}) }];
}

function rule(random, name) {
  const body = {
    rule: name,
    category: random.pick([
      'promotional',
      'promotional',
      'promotional',
      'care',
      ...(random.isNight ? [] : ['transactional', 'news']),
    ]),
  };
  if (random.chance(0.5)) body.priority = random.pick([10, 50, 60, 90]);
  body.start = start(random);
  if (random.chance(0.3))
    body.who = condition(random, random.pick(['customer', 'customer', 'start']), { start: random.chance(0.5) });
  if (random.chance(0.5))
    body.stop = random.chance(0.2)
      ? [occasion(random, ['Order']), occasion(random, ['Reply'])]
      : occasion(random, ['Order', 'Reply', 'Order']);
  if (random.chance(0.35))
    body.goal = {
      ...occasion(random, ['Order', 'Reply']),
      ...(random.chance(0.7) ? { within: random.pick(LENGTHS) } : {}),
    };
  if (random.chance(0.45))
    body.again = random.pick([
      'always',
      'never',
      'after 1 hour',
      'after 3 hours',
      'after 2 hours per customer',
      'after 1 day per customer',
    ]);
  if (random.chance(0.65)) body['while running'] = random.pick(['ignore', 'restart wait', 'restart wait', 'restart']);
  if (random.chance(0.12)) body.holdout = random.pick(['30%', '12.5%', '60%']);
  if (random.chance(0.4)) body['too late after'] = random.pick(['1 hour', '2 hours', '6 hours', '3 days']);
  do {
    body.steps = steps(random, 0, false);
  } while (!sends(body.steps));
  return body;
}

/** The calendar days of a scene. */
export const daysOf = (scene) =>
  [0, 1, 2, 3].map((day) => new Date(Date.parse(scene.from) + day * 86_400_000).toISOString().slice(0, 10));

export function randomWorkspace(seeded, scene) {
  const random = { ...seeded, isNight: seeded.chance(0.3), days: daysOf(scene) };
  const names = ['cart', 'win-back', 'care', 'zeta'].slice(0, 1 + random.below(4));
  const kairos = settings(random, scene);
  if (random.isNight) Object.assign(kairos, { 'quiet hours': NIGHT['quiet hours'], caps: random.pick(NIGHT.caps) });
  return { kairos, rules: names.map((name) => rule(random, name)), isNight: random.isNight };
}
