// Random recordings for a workspace: instants that coincide with due times, window ends and quiet-hour boundaries; late, future, repeated lines.
import { CATEGORIES, daysOf, EVENTS } from './generate-workspace.mjs';
import { duration } from './durations.mjs';
import { DAY, HOUR, instantOf, MINUTE, timeOfDay } from './wall-clock.mjs';

const iso = (instant) => new Date(instant).toISOString();

function lengthsIn(workspace) {
  const texts = JSON.stringify(workspace).match(/\d+ (?:minute|hour|day)s?/g) ?? [];
  return [...new Set(texts)].map(duration).filter((length) => length <= DAY);
}

function boundariesOf(workspace, from, zones) {
  const entries = [workspace.kairos['quiet hours'] ?? []].flat();
  const placed = JSON.stringify(workspace.rules).match(/(?<=")\d\d:\d\d(?=")/g) ?? [];
  const times = [...entries.flatMap((quiet) => [quiet.from, quiet.to]), ...placed];
  const boundaries = [];
  for (let day = 0; day < 4; day++) {
    const midnight = Date.parse(iso(from).slice(0, 10)) + day * DAY;
    for (const zone of zones) for (const time of times) boundaries.push(instantOf(midnight + timeOfDay(time), zone));
  }
  return boundaries;
}

/** Instants of events: on a grid, at boundaries, or one length of the workspace after an earlier one; now and then a millisecond off. */
function randomInstants(random, workspace, from, zones, count) {
  const lengths = [...lengthsIn(workspace), 5 * MINUTE],
    boundaries = boundariesOf(workspace, from, zones);
  const span = random.pick([6 * HOUR, DAY, 3 * DAY]);
  const instants = [];
  for (let i = 0; i < count; i++) {
    const die = random.below(10);
    let at = from + random.below(span / (10 * MINUTE)) * 10 * MINUTE;
    if (die < 5 && instants.length > 0) at = random.pick(instants) + random.pick(lengths);
    else if (die < 7 && boundaries.length > 0) at = random.pick(boundaries);
    else if (die === 7 && instants.length > 0) at = random.pick(instants);
    if (random.chance(0.12)) at += random.pick([-1, 1, -5 * MINUTE, 5 * MINUTE, -5 * MINUTE - 1]);
    instants.push(Math.min(Math.max(at, from), from + 6 * DAY));
  }
  return instants.sort((a, b) => a - b);
}

const dateOf = (random, days) =>
  random.pick([
    random.pick(days),
    random.pick(days),
    `${random.pick(days)}T12:00:00Z`,
    `${random.pick(days)}T08:00:00`,
    `${random.pick(days)}T23:30:00.001+05:45`,
    'soon',
  ]);

function properties(random, days) {
  const result = { cart: random.pick(['c1', 'c1', 'c2', 3]), price: random.pick([5, 10, 20, 20.5, 30]) };
  if (random.chance(0.1)) delete result.cart;
  if (random.chance(0.4)) result.kind = random.pick(['a', 'b', 'x', 7]);
  if (random.chance(0.3))
    result.products = [{ price: random.pick([5, 15, 16, 40]) }, { price: random.pick([10, 29, 30]) }];
  if (random.chance(0.3)) result.day = dateOf(random, days);
  if (random.chance(0.3)) result.tags = random.some(['new', 'red', 'old'], 0.5);
  return result;
}

function consents(random) {
  const preference = () =>
    random.pick([true, true, true, true, true, false, ['email'], ['sms', 'push'], ['email', 'sms', 'inbox']]);
  return Object.fromEntries(CATEGORIES.filter(() => random.chance(0.9)).map((category) => [category, preference()]));
}

function traitsOf(random, { zones, days }) {
  const traits = {};
  if (random.chance(0.5)) traits.timezone = random.pick([...zones, ...zones, 'Nowhere/Land']);
  if (random.chance(0.3)) traits.since = dateOf(random, days);
  if (random.chance(0.3)) traits.liked = random.pick([['a', 'b'], ['new', 7], [], 'x']);
  if (random.chance(0.3)) traits.limit = random.pick([10, 20, 20.5, '20']);
  if (random.chance(0.1)) traits.email = random.pick(['', null, 'new@shop.test']);
  if (random.chance(0.4)) traits.city = random.pick(['Berlin', 'Bonn', 'Riga']);
  if (random.chance(0.2)) traits.vip = random.pick([true, false, 'yes']);
  if (random.chance(0.4)) traits.preferred_channel = random.pick(['email', 'sms', 'push', 'inbox', 'pigeon']);
  return traits;
}

/** The last of four has no account: what she does stands under her anonymousId. */
const nameOf = (id) => (id === 'ďan' ? { anonymousId: id } : { userId: id });

/** Some have a second line, of a time at which events have come already. */
export function randomCustomers(random, scene) {
  const context = { zones: scene.zones, days: daysOf(scene) };
  const first = ['ann', 'Bob', 'cem', 'ďan'].slice(0, 1 + random.below(4)).map((userId) => ({
    type: 'identify',
    ...nameOf(userId),
    timestamp: '2026-01-01T00:00:00.000Z',
    traits: {
      ...(random.chance(0.9) ? { email: `${userId.toLowerCase()}@shop.test` } : {}),
      ...(random.chance(0.7) ? { phone: '+4915112345678' } : {}),
      ...traitsOf(random, context),
    },
    context: {
      consent: { categoryPreferences: consents(random) },
      ...(random.chance(0.3) ? { device: { token: `token-${userId}`, type: 'ios' } } : {}),
    },
  }));
  const second = random.some(first, 0.2).map(({ type, userId, anonymousId }) => ({
    type,
    userId,
    anonymousId,
    timestamp: iso(Date.parse(scene.from) + random.below(48) * HOUR),
    traits: traitsOf(random, context),
    context: { consent: { categoryPreferences: consents(random) } },
  }));
  return [...first, ...second];
}

function randomLine(random, id, at, context) {
  const line = {
    type: 'track',
    event: random.pick(EVENTS.concat('Cart', 'View')),
    ...nameOf(id),
    timestamp: iso(at),
    properties: properties(random, context.days),
  };
  if (random.chance(0.06))
    return { type: random.pick(['page', 'screen']), name: 'Home', ...nameOf(id), timestamp: iso(at), properties: {} };
  if (random.chance(0.1)) {
    return {
      type: 'identify',
      ...nameOf(id),
      timestamp: iso(at),
      traits: traitsOf(random, context),
      ...(random.chance(0.4) ? { context: { consent: { categoryPreferences: consents(random) } } } : {}),
    };
  }
  if (random.chance(0.05)) line.context = { device: { token: 'token-new', type: 'android' } };
  return line;
}

/** When a line is received, relative to its timestamp: mostly at once, sometimes late, sometimes before it (its clock is fast). */
function delay(random, isLate) {
  const die = isLate ? 8 + random.below(12) : random.below(20);
  if (die < 13) return 0;
  if (die < 16) return random.pick([1, MINUTE, 10 * MINUTE, 30 * MINUTE]);
  if (die < 18) return random.pick([HOUR, HOUR + 1, 2 * HOUR, 6 * HOUR, DAY, DAY + 1]);
  return -random.pick([1, MINUTE, 4 * MINUTE, 5 * MINUTE, 5 * MINUTE + 1, HOUR]);
}

/** plain: as stamped, in order · shuffled: some lines out of order, no receivedAt · received: in the order of receivedAt · mixed: neither. */
function disorder(random, lines) {
  const mode = random.pick(['plain', 'plain', 'received', 'received', 'received', 'shuffled', 'mixed']);
  if (mode === 'plain') return lines;
  if (mode === 'received' || mode === 'mixed') {
    const isLate = random.chance(0.2);
    const burst = random.chance(0.3) ? Date.parse(random.pick(lines).timestamp) : undefined;
    for (const line of lines) {
      const at = Date.parse(line.timestamp);
      let received = at + delay(random, isLate);
      if (burst !== undefined && received < burst && received > burst - 3 * HOUR) received = burst;
      if (mode === 'received' || random.chance(0.7)) line.receivedAt = iso(received);
    }
    if (mode === 'received')
      return lines
        .map((line, i) => ({ line, i }))
        .sort((a, b) => Date.parse(a.line.receivedAt) - Date.parse(b.line.receivedAt) || a.i - b.i)
        .map(({ line }) => line);
  }
  const moved = [...lines];
  for (let n = 0; n < lines.length / 8; n++) {
    const from = random.below(moved.length),
      to = Math.min(moved.length - 1, from + 1 + random.below(8));
    moved.splice(to, 0, ...moved.splice(from, 1));
  }
  return moved;
}

function withRepeats(random, lines) {
  const result = lines.map((line, i) => (random.chance(0.95) ? { ...line, messageId: `m${i}` } : line));
  for (let n = random.below(4); n > 0; n--) {
    const from = random.below(result.length);
    if (!result[from].messageId) continue;
    const copy = random.chance(0.5)
      ? result[from]
      : { ...result[from], event: result[from].event && 'Order', properties: { cart: 'c1' } };
    result.splice(Math.min(result.length, from + 1 + random.below(20)), 0, copy);
  }
  return result;
}

export function randomRecording(random, workspace, scene, customers) {
  const count = random.pick([20, 40, 80, 200]);
  const instants = randomInstants(random, workspace, Date.parse(scene.from), scene.zones, count);
  const ids = [...new Set(customers.map((customer) => customer.userId ?? customer.anonymousId))];
  const context = { zones: scene.zones, days: daysOf(scene) };
  const lines = instants.map((at) => randomLine(random, random.pick(ids), at, context));
  const result = withRepeats(random, disorder(random, lines));
  const clock = Math.max(...result.map((line) => Date.parse(line.receivedAt ?? line.timestamp)));
  if (random.chance(0.7))
    result.push({
      type: 'track',
      event: 'End',
      userId: 'zoe',
      messageId: 'end',
      timestamp: iso(clock + random.pick([HOUR, DAY, 3 * DAY])),
      properties: {},
    });
  return result;
}
