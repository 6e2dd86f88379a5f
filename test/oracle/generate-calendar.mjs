// Moments, calendar starts and durations of a customer for random workspaces.
import { condition, LENGTHS, send, steps } from './generate-workspace.mjs';
import { insert, stepsOf } from './generate-steps.mjs';

const TIMES = ['10:00', '02:30', '00:00', '12:30', '23:59'];
const DAY_NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const PATHS = ['start.day', 'customer.since', 'customer.since'];

/** { until } or { until, at }: a time of day has no `at`. */
function moment(random) {
  const length = random.pick(['1 hour', '30 minutes', '1 day', '2 days', '1 week', '1 day 3 hours']);
  const day = random.pick(random.days);
  const until = random.pick([
    random.pick(TIMES),
    random.pick(DAY_NAMES),
    random.shuffled(DAY_NAMES).slice(0, 2),
    'weekday',
    day,
    `${day}T12:00:00Z`,
    random.pick(PATHS),
    random.pick(PATHS),
    `${length} before ${random.pick(PATHS)}`,
    `${length} after ${random.pick(PATHS)}`,
    `${length} later`,
  ]);
  return { until, ...(!/^\d\d:/.test(until) && random.chance(0.5) ? { at: random.pick(TIMES) } : {}) };
}

function addMoments(random, { rules }) {
  for (let n = 1 + random.below(2); n > 0; n--) {
    insert(random, random.pick(rules), {
      wait: moment(random),
      ...(random.chance(0.6) ? { then: steps(random, 2, false) } : {}),
      ...(random.chance(0.5) ? { 'on past': [send(random)] } : {}),
    });
  }
  for (const { wait } of rules.flatMap(stepsOf)) {
    if (wait?.for === undefined || !random.chance(0.4)) continue;
    delete wait['up to'];
    Object.assign(wait, moment(random));
  }
  if (random.chance(0.3)) {
    const until = random.pick(['12:30', 'monday', '1 day later', 'customer.since']);
    insert(random, random.pick(rules), { pause: { category: 'promotional', until } });
  }
  if (random.chance(0.4)) {
    const limit = random.pick([
      '1 day later',
      '12:30',
      '6 hours after customer.since',
      '1 hour before start.timestamp',
    ]);
    const operator = random.pick(['before', 'after']);
    insert(random, random.pick(rules), { if: { 'start.day': { [operator]: limit } }, then: [send(random)] });
  }
}

function calendarStart(random) {
  const at = random.chance(0.7) ? { at: random.pick(TIMES) } : {};
  const day = random.pick(random.days);
  const path = 'customer.since';
  return random.pick([
    { every: random.pick(['day', 'weekday', random.pick(DAY_NAMES), random.shuffled(DAY_NAMES).slice(0, 3)]), ...at },
    { every: 'month', ...at },
    { date: day, ...at },
    { date: path, ...at },
    { date: `${random.pick(['1 hour', '1 day', '2 hours'])} ${random.pick(['before', 'after'])} ${path}`, ...at },
    { date: path, every: random.pick(['day', 'week', 'month', 'year']), ...at },
    {
      date: `${random.pick(['1 day', '6 hours', '3 days'])} before ${path}`,
      every: random.pick(['day', 'week']),
      ...at,
    },
  ]);
}

/** Its rule writes and emits nothing. A customer is known by what is in her file or her lines. */
function addCalendar(random, { rules }) {
  rules.push({
    rule: 'calendar',
    category: random.pick(['promotional', 'care', 'news']),
    start: random.chance(0.25) ? [calendarStart(random), calendarStart(random)] : calendarStart(random),
    ...(random.chance(0.3) ? { stop: { event: 'Order' } } : {}),
    ...(random.chance(0.3) ? { again: random.pick(['never', 'after 1 day']) } : {}),
    ...(random.chance(0.4) ? { 'while running': random.pick(['restart', 'restart wait']) } : {}),
    ...(random.chance(0.3) ? { who: condition(random, 'customer') } : {}),
    ...(random.chance(0.2) ? { holdout: '30%' } : {}),
    steps: [...(random.chance(0.4) ? [{ wait: random.pick(LENGTHS) }] : []), send(random)],
  });
}

function addGaps(random, workspace) {
  const { rules } = workspace;
  const event = random.pick(['Order', 'Cart', 'View']);
  workspace.segments ??= {};
  workspace.segments.computed = { ...workspace.segments.computed, 'customer.gap': { 'average gap': event } };
  const gap = () =>
    `${random.pick(['', '0.5 x ', '0.9 x ', '2 x '])}customer.gap${random.chance(0.7) ? ` or ${random.pick(LENGTHS)}` : ''}`;
  insert(random, random.pick(rules), { wait: gap() });
  for (const step of rules.flatMap(stepsOf)) {
    if (typeof step.wait === 'string' && random.chance(0.2)) step.wait = gap();
    if (step.wait?.['up to'] !== undefined && random.chance(0.3)) step.wait['up to'] = gap();
  }
  if (random.chance(0.6))
    rules.push({
      rule: 'quiet',
      category: random.pick(['promotional', 'care']),
      start: { inactive: gap(), since: event },
      ...(random.chance(0.3) ? { 'while running': 'restart' } : {}),
      steps: [send(random)],
    });
}

export const CALENDAR_FEATURES = {
  moments: [0.4, addMoments],
  calendar: [0.35, addCalendar],
  gaps: [0.3, addGaps],
};
