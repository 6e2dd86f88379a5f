// Paths, values and conditions.
import { momentAt } from './calendar.mjs';
import { duration } from './durations.mjs';
import { readMoment } from './moments.mjs';
import { computedValue, entriesOf } from './computed.mjs';
import { asList } from './read-rule.mjs';
import { instantOf, timeOfDay } from './wall-clock.mjs';

const ROOTS = ['customer', 'start', 'starts', 'event', 'item', 'repeat'];
export const MISSING = undefined;

function stepInto(value, name) {
  if (Array.isArray(value)) return name === 'count' ? value.length : MISSING;
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return MISSING;
  return value[name] === null ? MISSING : value[name];
}

const eventRoot = (event) => ({ ...event.properties, timestamp: new Date(event.time).toISOString() });

function ofCustomer([name, ...names], scope) {
  const computed = scope.workspace.computed[name];
  if (computed?.kind === 'list' && names[0] === 'count') return entriesOf(name, scope).length;
  let value = computed === undefined ? scope.customer.traits.get(name)?.value : computedValue(name, scope);
  if (value === null) value = MISSING;
  for (const each of names) value = stepInto(value, each);
  return value;
}

/** scope: { customer (its state), start, startTime (of the run), starts, names (given by `as`), repeat, event, item, now, zone, defaultTime }; any may be absent. */
export function valueAt(path, scope) {
  const [root, ...names] = path.split('.');
  let value;
  if (root === 'customer') return ofCustomer(names, scope);
  if (root === 'start' || root === 'event') value = scope[root] && eventRoot(scope[root]);
  else if (root === 'starts') value = scope.starts?.map(eventRoot);
  else if (root === 'item' || root === 'repeat') value = scope[root];
  else if (isNamed(root, scope)) value = scope.names[root] && eventRoot(scope.names[root]);
  else throw new Error(`root out of scope: ${path}`);
  for (const name of names) value = stepInto(value, name);
  return value;
}

const isNamed = (root, scope) => Object.hasOwn(scope.names ?? {}, root);

function isPath(text, scope) {
  if (typeof text !== 'string' || !text.includes('.')) return false;
  const [root] = text.split('.');
  return ROOTS.includes(root) || isNamed(root, scope);
}

const isText = (value) =>
  value !== null &&
  typeof value === 'object' &&
  !Array.isArray(value) &&
  Object.keys(value).length === 1 &&
  'text' in value;

/** What stands on the right: a value, a path, or { text: … }. */
function operand(raw, scope) {
  if (isPath(raw, scope)) return valueAt(raw, scope);
  if (isText(raw)) return raw.text;
  return raw === null ? MISSING : raw;
}

/** Values with the paths in them replaced by what stands there; what is missing is left out. */
export function resolve(raw, scope) {
  if (Array.isArray(raw)) return raw.map((each) => resolve(each, scope)).filter((each) => each !== MISSING);
  if (raw === null || typeof raw !== 'object' || isText(raw)) return operand(raw, scope);
  const entries = Object.entries(raw).map(([name, each]) => [name, resolve(each, scope)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== MISSING));
}

export function isEqual(left, right) {
  if (typeof left === 'string' && typeof right === 'string') return left.normalize('NFC') === right.normalize('NFC');
  return (typeof left === 'number' || typeof left === 'boolean') && left === right;
}

function isOneOf(value, raw, scope) {
  const list = asList(raw).flatMap((entry) => asList(operand(entry, scope)));
  return list.some((entry) => isEqual(value, entry));
}

function compareNumbers(value, raw, scope, holds) {
  const limit = operand(raw, scope);
  return typeof value === 'number' && typeof limit === 'number' && holds(value, limit);
}

function compareTexts(value, raw, scope, holds) {
  const other = operand(raw, scope);
  return (
    typeof value === 'string' && typeof other === 'string' && holds(value.normalize('NFC'), other.normalize('NFC'))
  );
}

/** An instant of a date: ISO text, without a zone in the customer's, or a plain date at the workspace's default time in the customer's zone. */
export function instant(value, scope) {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(value)) return NaN;
  if (/T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(value)) return instantOf(Date.parse(`${value}Z`), scope.zone);
  if (/^\d{4}-\d{2}-\d{2}$/.test(value))
    return instantOf(Date.parse(`${value}T00:00:00Z`) + timeOfDay(scope.defaultTime), scope.zone);
  return Date.parse(value);
}

/** A date, a path to one, or a MOMENT. */
function instantOfOperand(raw, scope) {
  const isDate =
    isText(raw) || isPath(raw, scope) || (typeof raw !== 'string' && !Array.isArray(raw)) || /^\d{4}-/.test(raw);
  return isDate ? instant(operand(raw, scope), scope) : (momentAt(readMoment(raw), scope) ?? NaN);
}

function compareInstants(value, raw, scope, holds) {
  const left = instant(value, scope),
    right = instantOfOperand(raw, scope);
  return !Number.isNaN(left) && !Number.isNaN(right) && holds(left, right);
}

function containsValue(value, wanted) {
  if (Array.isArray(value)) return value.some((entry) => isEqual(entry, wanted));
  return (
    typeof value === 'string' && typeof wanted === 'string' && value.normalize('NFC').includes(wanted.normalize('NFC'))
  );
}

function containsAny(value, raw, scope) {
  const list = asList(raw).flatMap((entry) => asList(operand(entry, scope)));
  return list.some((entry) => containsValue(value, entry));
}

const OPERATORS = {
  equals: (value, raw, scope) => isOneOf(value, raw, scope),
  not: (value, raw, scope) => !isOneOf(value, raw, scope),
  in: (value, raw, scope) => isOneOf(value, raw, scope),
  'not in': (value, raw, scope) => !isOneOf(value, raw, scope),
  'at least': (value, raw, scope) => compareNumbers(value, raw, scope, (a, b) => a >= b),
  'at most': (value, raw, scope) => compareNumbers(value, raw, scope, (a, b) => a <= b),
  'more than': (value, raw, scope) => compareNumbers(value, raw, scope, (a, b) => a > b),
  'less than': (value, raw, scope) => compareNumbers(value, raw, scope, (a, b) => a < b),
  between: (value, [low, high], scope) =>
    compareNumbers(value, low, scope, (a, b) => a >= b) && compareNumbers(value, high, scope, (a, b) => a <= b),
  contains: (value, raw, scope) => containsValue(value, operand(raw, scope)),
  'contains any': containsAny,
  'starts with': (value, raw, scope) => compareTexts(value, raw, scope, (a, b) => a.startsWith(b)),
  'ends with': (value, raw, scope) => compareTexts(value, raw, scope, (a, b) => a.endsWith(b)),
  matches: (value, raw, scope) => compareTexts(value, raw, scope, (a, b) => new RegExp(b, 'u').test(a)),
  exists: (value, wanted) => (value !== MISSING) === wanted,
  before: (value, raw, scope) => compareInstants(value, raw, scope, (a, b) => a < b),
  after: (value, raw, scope) => compareInstants(value, raw, scope, (a, b) => a > b),
  'within last': (value, raw, scope) => {
    const at = instant(value, scope);
    return at > scope.now - duration(raw) && at <= scope.now;
  },
  'within next': (value, raw, scope) => {
    const at = instant(value, scope);
    return at >= scope.now && at < scope.now + duration(raw);
  },
  'any item': (value, condition, scope) =>
    Array.isArray(value) && value.some((item) => holds(condition, { ...scope, item })),
  'every item': (value, condition, scope) =>
    Array.isArray(value) && value.every((item) => holds(condition, { ...scope, item })),
};

const millionths = (number) => BigInt(Math.round(number * 1e6));

/** By how much `event.price` fell (or rose, negative) below `item.price`: at least a number, or a percentage of the entry's. */
function hasMoved(path, value, raw, scope, direction) {
  const before = valueAt(`item.${path.split('.').slice(1).join('.')}`, scope);
  if (typeof value !== 'number' || typeof before !== 'number') return false;
  const moved = (millionths(value) - millionths(before)) * direction;
  const amount = operand(raw, scope);
  if (typeof amount === 'number') return moved > 0n && moved >= millionths(amount);
  const share = millionths(parseFloat(amount));
  return moved > 0n && moved * 100_000_000n >= millionths(Math.abs(before)) * share;
}

function pathHolds(path, wanted, scope) {
  const value = valueAt(path, scope);
  if (wanted === null || typeof wanted !== 'object' || Array.isArray(wanted) || isText(wanted))
    return isOneOf(value, wanted, scope);
  return Object.entries(wanted).every(([operator, raw]) => {
    if (operator === 'dropped by') return hasMoved(path, value, raw, scope, -1n);
    if (operator === 'rose by') return hasMoved(path, value, raw, scope, 1n);
    if (!OPERATORS[operator]) throw new Error(`operator out of scope: ${operator}`);
    return OPERATORS[operator](value, raw, scope);
  });
}

const namesTheRun = (where, scope) =>
  ['start', 'starts', 'repeat', ...Object.keys(scope.names ?? {})].some((root) =>
    JSON.stringify(where).includes(`"${root}.`),
  );

/** The scope of an event as it was when the event was read. */
function pastOf(event, scope) {
  const events = scope.customer.events.slice(0, scope.customer.events.indexOf(event) + 1);
  return { ...scope, event, now: event.time, customer: { ...scope.customer, events, traits: event.traitsThen } };
}

/** What happened is judged as it was then (its time, her traits), once; only a comparison with the run can be made no earlier than now. */
export function heldThen(where, event, scope) {
  if (where === undefined) return true;
  if (namesTheRun(where, scope)) return holds(where, { ...scope, event });
  if (!event.judged.has(where)) event.judged.set(where, holds(where, pastOf(event, scope)));
  return event.judged.get(where);
}

/** Whether the number of those that happened in the window, and since the start where that is asked, is right. */
function isCount(happened, raw, scope) {
  const counted = happened.filter(
    ({ time }) =>
      (raw.within === undefined || time > scope.now - duration(raw.within)) &&
      (raw.since !== 'start' || time >= scope.startTime),
  );
  const atLeast = raw['at least'] ?? (raw['at most'] === undefined ? 1 : 0);
  return counted.length >= atLeast && counted.length <= (raw['at most'] ?? Infinity);
}

/** Counts by scanning all that was read of the customer, the event that is being processed included. */
function hasDone(raw, scope) {
  const names = asList(raw.event);
  const done = scope.customer.events.filter((event) => names.includes(event.name) && heldThen(raw.where, event, scope));
  return isCount(done, raw, scope);
}

const VERB_OF = { received: 'sent', opened: 'opened', clicked: 'clicked' };

/** `has received`, `has opened`, `has clicked`: a template, or a map. */
function hasFeedback(word, raw, scope) {
  const asked = typeof raw === 'string' || Array.isArray(raw) ? { template: raw } : raw;
  const isAsked = (name, value) => asked[name] === undefined || asList(asked[name]).includes(value);
  const happened = scope.customer.feedback.filter(
    (each) =>
      each.verb === VERB_OF[word] &&
      ['template', 'category', 'channel', 'rule'].every((name) => isAsked(name, each[name])),
  );
  return isCount(happened, asked, scope);
}

/** Whether a condition holds; none holds always. */
export function holds(condition, scope) {
  if (condition === undefined || condition === null) return true;
  return Object.entries(condition).every(([key, raw]) => {
    if (key === 'all') return raw.every((part) => holds(part, scope));
    if (key === 'any') return raw.some((part) => holds(part, scope));
    if (key === 'not') return !holds(raw, scope);
    if (key === 'segment') return asList(raw).some((name) => holds(scope.workspace.segments[name], scope));
    if (key === 'has done') return hasDone(raw, scope);
    if (key === 'has not done') return !hasDone(raw, scope);
    const [, not, word] = /^has (not )?(received|opened|clicked)$/.exec(key) ?? [];
    if (word !== undefined) return hasFeedback(word, raw, scope) !== (not !== undefined);
    return pathHolds(key, raw, scope);
  });
}
