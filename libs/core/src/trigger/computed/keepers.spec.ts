import fc from 'fast-check';
import { newKept, type Kept } from '../../customer/computed-state.js';
import type { CustomerEvent, Json, JsonObject } from '../../event/event.js';
import type { Computed, Path } from '../../rules/model.js';
import { keeperOf } from './read-computed.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-03-02T09:00:00Z');

const path = (...names: string[]): Path => ({ root: 'event', names, text: `event.${names.join('.')}` });
const base = { name: 'x', events: ['A'], where: null };
const PRICE = path('price');

interface Happened {
  readonly time: number;
  readonly properties: JsonObject;
  readonly name: string;
}

function eventOf({ time, properties, name }: Happened, index = 0): CustomerEvent {
  return {
    id: `e${index}`,
    type: 'track',
    name,
    customer: 'ann',
    time,
    properties,
    traits: null,
    consent: null,
    pushToken: null,
    historical: false,
  };
}

/** Events in the order of the stream; some come late. */
const history: fc.Arbitrary<Happened[]> = fc
  .array(
    fc.record({
      gap: fc.constantFrom(0, 1, 6 * HOUR, DAY, 3 * DAY),
      late: fc.constantFrom(0, 0, 0, HOUR, 2 * DAY),
      price: fc.constantFrom(0.1, 0.2, 19.99, 5, -3, 'free', null),
      id: fc.constantFrom('p1', 'p2', '7', 7),
      name: fc.constantFrom('A', 'A', 'A', 'R', 'C', 'O'),
    }),
    { maxLength: 30 },
  )
  .map((items) => {
    let clock = START;
    return items.map(({ gap, late, price, id, name }) => {
      clock += gap;
      const properties: JsonObject =
        name === 'C'
          ? {}
          : name === 'O'
            ? { products: [{ id: 'p1' }, { id: 7 }] }
            : { price, id, sku: `${id}-${price}` };
      return { time: clock - late, properties, name };
    });
  });

function keep(definition: Computed, events: readonly Happened[]): Kept {
  const keeper = keeperOf(definition);
  const kept = newKept();
  let clock = -Infinity;
  events.forEach((each, index) => {
    clock = Math.max(clock, each.time);
    const event = eventOf(each, index);
    if (definition.kind === 'list' && definition.until.includes(each.name)) keeper.takeOut!(kept, event, clock);
    if (each.name === 'A') keeper.take(kept, event, clock);
  });
  return kept;
}

const read = (definition: Computed, kept: Kept, now: number): Json | undefined => keeperOf(definition).read(kept, now);

/** The order that event times say; of one time that of the stream. */
function inOrder(events: readonly Happened[]): Happened[] {
  return [...events].sort((a, b) => a.time - b.time);
}

const whole = (time: number): number => Math.floor(time / DAY);

/** The value by definition, from all events there were. */
function naive(definition: Computed, all: readonly Happened[], now: number): Json | undefined {
  const { withinMs } = definition;
  const counted = inOrder(all).filter(({ name }) => name === 'A');
  const byDays =
    (definition.kind === 'sum' || definition.kind === 'average') && withinMs !== null && withinMs > 7 * DAY;
  const inside = counted.filter(({ time }) =>
    withinMs === null ? true : byDays ? whole(time) >= whole(now - withinMs) : now - time < withinMs,
  );
  const values = inside
    .map(({ properties }) => properties['price'])
    .filter((value) => value !== null && value !== undefined);
  const numbers = values.filter((value) => typeof value === 'number');
  const sum = numbers.reduce((total, value) => total + Math.round(value * 1e6), 0);
  switch (definition.kind) {
    case 'count':
      return inside.length;
    case 'first time':
      return inside.length === 0 ? undefined : new Date(inside[0]!.time).toISOString();
    case 'last time':
      return inside.length === 0 ? undefined : new Date(inside.at(-1)!.time).toISOString();
    case 'average gap':
      return inside.length < 2 ? undefined : (inside.at(-1)!.time - inside[0]!.time) / (inside.length - 1) / DAY;
    case 'sum':
      return sum / 1e6;
    case 'average':
      return numbers.length === 0 ? undefined : sum / 1e6 / numbers.length;
    case 'min':
      return numbers.length === 0 ? undefined : Math.min(...numbers);
    case 'max':
      return numbers.length === 0 ? undefined : Math.max(...numbers);
    case 'first':
      return values[0];
    case 'last':
      return values.at(-1);
    case 'list':
      return naiveList(definition, all, now);
  }
}

function naiveList(definition: Computed & { kind: 'list' }, all: readonly Happened[], now: number): Json | undefined {
  let entries: { id: Json; time: number; value: JsonObject }[] = [];
  for (const { time, properties, name } of inOrder(all)) {
    if (name === 'A') {
      entries = entries.filter((entry) => entry.id !== properties['id']);
      const value = Object.fromEntries(
        ['id', 'price'].flatMap((key) => (properties[key] == null ? [] : [[key, properties[key]]])),
      ) as JsonObject;
      entries.push({ id: properties['id']!, time, value });
    } else if (name === 'C') entries = [];
    else if (name === 'R') entries = entries.filter((entry) => entry.id !== properties['id']);
    else entries = entries.filter((entry) => entry.id !== 'p1' && entry.id !== 7);
  }
  const { withinMs } = definition;
  const inside = entries.filter(({ time }) => withinMs === null || now - time < withinMs);
  return inside.length === 0 ? undefined : inside.map(({ value }) => value);
}

const within = fc.constantFrom(null, HOUR, DAY, 7 * DAY, 10 * DAY, 30 * DAY + HOUR);
const definition: fc.Arbitrary<Computed> = fc.oneof(
  fc
    .record({
      kind: fc.constantFrom('count' as const, 'first time' as const, 'last time' as const, 'average gap' as const),
      withinMs: within.filter((ms) => ms !== null),
    })
    .map((each) => ({ ...base, ...each })),
  fc
    .record({ kind: fc.constantFrom('first time' as const, 'last time' as const, 'average gap' as const) })
    .map((each) => ({ ...base, ...each, withinMs: null })),
  fc
    .record({
      kind: fc.constantFrom(
        'sum' as const,
        'average' as const,
        'min' as const,
        'max' as const,
        'first' as const,
        'last' as const,
      ),
      withinMs: within,
    })
    .map((each) => ({ ...base, ...each, property: PRICE })),
  within.map((withinMs) => ({
    ...base,
    kind: 'list' as const,
    withinMs,
    property: path('id'),
    until: ['R', 'C', 'O'],
    keep: [PRICE],
    atMost: 50,
  })),
);

describe('a computed attribute', () => {
  it('is at every moment what all events say by definition, however late they came', () => {
    fc.assert(
      fc.property(definition, history, fc.integer({ min: 0, max: 50 * DAY }), (computed, events, age) => {
        const end = events.reduce((latest, { time }) => Math.max(latest, time), START);
        const now = end + age;
        expect(read(computed, keep(computed, events), now)).toEqual(naive(computed, events, now));
      }),
      { numRuns: 2000 },
    );
  });

  it('says no later than it happens when its value changes by itself', () => {
    fc.assert(
      fc.property(definition, history, (computed, events) => {
        const kept = keep(computed, events);
        const keeper = keeperOf(computed);
        let now = events.reduce((latest, { time }) => Math.max(latest, time), START);
        for (let looks = 0; looks < 40; looks++) {
          const next = keeper.changesAt(kept, now);
          expect(next).toBeGreaterThan(now);
          const until = Math.min(next, now + 60 * DAY);
          for (const moment of [now + 1, Math.floor((now + until) / 2), until - 1].filter(
            (at) => at > now && at < until,
          ))
            expect(keeper.read(kept, moment)).toEqual(keeper.read(kept, now));
          if (next === Infinity) return;
          now = next;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the bounds of what is kept', () => {
  const many = (count: number, gap: number): Happened[] =>
    Array.from({ length: count }, (_, index) => ({ time: START + index * gap, properties: { price: 1 }, name: 'A' }));

  it('counts exactly up to a hundred, beyond by whole UTC days where the window is longer than 7 days', () => {
    const count: Computed = { ...base, kind: 'count', withinMs: 10 * DAY };
    const events = many(100, HOUR / 10);
    expect(read(count, keep(count, events), START + 10 * DAY)).toBe(99);
    const more = many(300, HOUR);
    const now = more.at(-1)!.time + 5 * HOUR;
    const days = more.filter(({ time }) => whole(time) >= whole(now - 10 * DAY)).length;
    expect(read(count, keep(count, more), now)).toBe(days);
    expect(days).not.toBe(more.filter(({ time }) => now - time < 10 * DAY).length);
  });

  it('a state stays small whatever a customer does', () => {
    for (const kind of ['count', 'sum', 'max', 'first', 'min'] as const) {
      const computed = { ...base, kind, property: PRICE, withinMs: 365 * DAY } as Computed;
      const falling = many(5000, 5 * HOUR).map((each, index) => ({ ...each, properties: { price: 9000 - index } }));
      const { entries, buckets } = keep(computed, falling);
      expect(entries.length).toBeLessThanOrEqual(101);
      expect(buckets.length).toBeLessThanOrEqual(365 + 8);
    }
  });

  it('a list holds so many entries and so many characters at most, the oldest go', () => {
    const list: Computed = {
      ...base,
      kind: 'list',
      withinMs: null,
      property: path('id'),
      until: [],
      keep: [path('url')],
      atMost: 3,
    };
    const added = (count: number, url: string): Happened[] =>
      Array.from({ length: count }, (_, index) => ({ time: START + index, properties: { id: index, url }, name: 'A' }));
    expect(keep(list, added(5, 'u')).entries.map(({ id }) => id)).toEqual([2, 3, 4].map((id) => `\u0000${id}`));
    const long = keep({ ...list, atMost: 50 }, added(50, 'u'.repeat(1900)));
    expect(long.entries.length).toBeLessThan(10);
    expect(long.entries.at(-1)!.id).toBe('\u000049');
    expect(keep(list, added(1, 'u'.repeat(2001))).entries[0]!.json).toBe('{"id":0}');
  });
});
