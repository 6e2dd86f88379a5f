import { newCustomerState } from '../../customer/customer-state.js';
import type { Json, JsonObject } from '../../event/event.js';
import { at, workspaceOf } from '../testing/trial.js';
import { compileCondition } from './compile-condition.js';
import { CounterPlans } from './history.js';

/** Judges a condition written as in a rule, on an event of now. */
function holds(condition: string, event: JsonObject = {}, traits: JsonObject = {}, start: JsonObject = {}): boolean {
  const rule = `rule: r\ncategory: promotional\nstart: { event: A }\nstop: { event: B, where: ${condition} }\nsteps: [{ send: x }]`;
  const state = newCustomerState('ann');
  for (const [name, value] of Object.entries(traits)) state.traits.set(name, value, 0);
  const where = workspaceOf([rule]).rules[0]!.stop[0]!;
  if (where.kind !== 'event' || where.where === null) throw new Error('no where');
  return compileCondition(
    where.where,
    new CounterPlans(),
  )({
    state,
    timeZone: 'Europe/Berlin',
    defaultTime: 600,
    now: at('+0m'),
    event: { time: at('+0m'), properties: event },
    start: { time: at('-1h'), properties: start },
    starts: null,
    startedAt: at('-1h'),
    named: null,
    round: null,
    overlay: null,
    item: undefined,
    entry: undefined,
  });
}

const price = (value: Json | undefined): JsonObject => (value === undefined ? {} : { price: value });

describe('a missing value', () => {
  it.each(['{ not: 5 }', '{ not in: [5, 6] }', '{ exists: false }'])('satisfies %s', (operators) => {
    expect(holds(`{ event.price: ${operators} }`)).toBe(true);
    expect(holds(`{ event.price: ${operators} }`, { price: null })).toBe(true);
  });

  it.each([
    '5',
    '[5, 6]',
    '{ equals: start.price }',
    '{ at least: 0 }',
    '{ at most: 9 }',
    '{ more than: 0 }',
    '{ less than: 9 }',
    '{ between: [0, 9] }',
    '{ contains: a }',
    '{ contains any: [a] }',
    '{ starts with: a }',
    '{ ends with: a }',
    '{ matches: ".*" }',
    '{ exists: true }',
    '{ before: 2030-01-01 }',
    '{ after: 2000-01-01 }',
    '{ within last: 3 days }',
    '{ within next: 3 days }',
    '{ any item: { item.x: 1 } }',
    '{ every item: { item.x: 1 } }',
  ])('does not satisfy %s', (operators) => {
    expect(holds(`{ event.price: ${operators} }`)).toBe(false);
  });

  it('is not equal to another one, so `not` holds', () => {
    expect(holds('{ event.price: start.price }')).toBe(false);
    expect(holds('{ event.price: { not: start.price } }')).toBe(true);
  });
});

describe('values', () => {
  it('compare texts exactly after NFC, capitals count', () => {
    expect(holds('{ event.price: "caf\u00e9" }', price('cafe\u0301'))).toBe(true);
    expect(holds('{ event.price: "cafe\u0301" }', price('caf\u00e9'))).toBe(true);
    expect(holds('{ event.price: Cafe }', price('cafe'))).toBe(false);
    expect(holds('{ event.price: { ends with: "\u00e9" } }', price('cafe\u0301'))).toBe(true);
  });

  it('never hold a text equal to a number or a truth value', () => {
    expect(holds('{ event.price: 5 }', price('5'))).toBe(false);
    expect(holds('{ event.price: "5" }', price(5))).toBe(false);
    expect(holds('{ event.price: true }', price('true'))).toBe(false);
    expect(holds('{ event.price: { not: 5 } }', price('5'))).toBe(true);
    expect(holds('{ event.price: { at least: 5 } }', price('9'))).toBe(false);
  });

  it('may be paths on either side', () => {
    expect(holds('{ event.cart: start.cart }', { cart: 'c' }, {}, { cart: 'c' })).toBe(true);
    expect(holds('{ event.price: { less than: start.price } }', { price: 9 }, {}, { price: 10 })).toBe(true);
    expect(holds('{ event.price: { between: [start.low, 10] } }', { price: 10 }, {}, { low: 10 })).toBe(true);
  });

  it('may be paths to lists, which mean one of these as a written list does', () => {
    const liked = { liked: ['a', 'b'] };
    expect(holds('{ event.kind: customer.liked }', { kind: 'b' }, liked)).toBe(true);
    expect(holds('{ event.kind: { not: customer.liked } }', { kind: 'b' }, liked)).toBe(false);
    expect(holds('{ event.kind: { in: customer.liked } }', { kind: 'c' }, liked)).toBe(false);
    expect(holds('{ event.kinds: { contains any: customer.liked } }', { kinds: ['x', 'b'] }, liked)).toBe(true);
    expect(holds('{ event.kind: customer.liked }', { kind: ['a', 'b'] }, liked)).toBe(false);
  });

  it('are read from own properties only', () => {
    expect(holds('{ event.toString: { exists: true } }')).toBe(false);
    expect(holds('{ customer.valueOf: { exists: true } }')).toBe(false);
    expect(holds('{ event.name.length: { exists: true } }', { name: 'abc' })).toBe(false);
  });

  it('lists have a count', () => {
    expect(holds('{ event.products.count: 2 }', { products: [1, 2] })).toBe(true);
    expect(holds('{ event.products.count: { exists: true } }', { products: 'ab' })).toBe(false);
  });
});

describe('operators', () => {
  it.each([
    ['{ event.price: 5 }', 5, true],
    ['{ event.price: [4, 5] }', 5, true],
    ['{ event.price: { not in: [4, 5] } }', 5, false],
    ['{ event.price: { at least: 5 } }', 5, true],
    ['{ event.price: { more than: 5 } }', 5, false],
    ['{ event.price: { at most: 5 } }', 5, true],
    ['{ event.price: { less than: 5 } }', 5, false],
    ['{ event.price: { between: [5, 6] } }', 5, true],
    ['{ event.price: { between: [4, 5] } }', 5, true],
    ['{ event.price: { at least: 4, less than: 5 } }', 5, false],
    ['{ event.price: { contains: bc } }', 'abcd', true],
    ['{ event.price: { contains: b } }', ['a', 'b'], true],
    ['{ event.price: { contains: "1" } }', [1], false],
    ['{ event.price: { contains any: [x, b] } }', ['a', 'b'], true],
    ['{ event.price: { starts with: ab } }', 'abcd', true],
    ['{ event.price: { matches: "b.d" } }', 'abcd', true],
    ['{ event.price: { matches: "^b" } }', 'abcd', false],
    ['{ event.price: { any item: { item.x: { at least: 2 } } } }', [{ x: 1 }, { x: 2 }], true],
    ['{ event.price: { every item: { item.x: { at least: 2 } } } }', [{ x: 1 }, { x: 2 }], false],
    ['{ all: [{ event.price: 5 }, { not: { event.price: 6 } }] }', 5, true],
    ['{ any: [{ event.price: 6 }, { event.price: 5 }] }', 5, true],
  ] as const)('%s of %j is %s', (condition, value, expected) => {
    expect(holds(condition, price(value as Json))).toBe(expected);
  });

  it("take dates in the customer's zone, a plain date at the default time", () => {
    // 2026-03-02T09:00Z; Berlin is an hour ahead, Auckland thirteen.
    const before = (day: string, traits: JsonObject = {}): boolean =>
      holds('{ event.day: { before: 2026-03-02 } }', { day }, traits);
    expect(before('2026-03-02T08:59:59Z')).toBe(true);
    expect(before('2026-03-02T09:00:00Z')).toBe(false);
    expect(before('2026-03-02T09:59:59')).toBe(true);
    expect(before('2026-03-01T20:59:59Z', { timezone: 'Pacific/Auckland' })).toBe(true);
    expect(before('2026-03-01T21:00:00Z', { timezone: 'Pacific/Auckland' })).toBe(false);
    expect(before('2026-03-01')).toBe(true);
    expect(before('soon')).toBe(false);
    expect(holds('{ event.day: { after: 2026-03-02 } }', { day: '2026-03-02' })).toBe(false);
    expect(holds('{ event.day: { after: start.timestamp } }', { day: '2026-03-02T09:30:00+01:00' })).toBe(true);
  });

  it('know now as the time of the event, and leave out what is exactly as old as the window', () => {
    expect(holds('{ event.day: { within last: 1 day } }', { day: '2026-03-01T09:00:00Z' })).toBe(false);
    expect(holds('{ event.day: { within last: 1 day } }', { day: '2026-03-01T09:00:00.001Z' })).toBe(true);
    expect(holds('{ event.day: { within last: 1 day } }', { day: '2026-03-02T09:00:00.001Z' })).toBe(false);
    expect(holds('{ event.day: { within next: 1 day } }', { day: '2026-03-03T08:59:59Z' })).toBe(true);
    expect(holds('{ event.day: { within next: 1 day } }', { day: '2026-03-03T09:00:00Z' })).toBe(false);
    expect(holds('{ event.timestamp: { within last: 1 second } }')).toBe(true);
  });
});
