import fc from 'fast-check';
import type { Json, JsonObject } from '../event/event.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { isNothingComputed, newComputedState, type ComputedState, type Kept } from './computed-state.js';
import {
  isEmpty,
  newCustomerState,
  nextFire,
  traitsOf,
  type CustomerState,
  type Run,
  type Timer,
} from './customer-state.js';
import { SeenIds } from './seen-ids.js';
import { STATE_OF_VERSION_3 } from './fixtures/state-of-version-3.js';
import { decodeState, encodeState, NOT_ARMED, STATE_VERSION, STATE_VERSION_BEFORE } from './state-codec.js';
import { StateFormatError } from './state-format-error.js';
import { StoredEvent } from './stored-event.js';
import { textHash } from './text-hash.js';
import { Traits } from './traits.js';

const instant = fc.integer({ min: -1e12, max: 4e12 });
const text = fc.oneof(
  fc.string(),
  fc.uuid(),
  fc.string({ unit: 'grapheme', minLength: 30, maxLength: 40 }),
  fc.constant('\ufeffbom'),
);
const whole = fc.nat(Number.MAX_SAFE_INTEGER);
const properties = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<JsonObject>;
const timer: fc.Arbitrary<Timer> = fc.oneof(
  fc.record({ due: instant, fireAt: instant, actsAt: instant }),
  fc.constant({ ...NOT_ARMED }),
);
const stored = fc
  .record({ id: text, name: fc.option(text), time: instant, properties })
  .map((event) => StoredEvent.of(event));

const run: fc.Arbitrary<Run> = fc
  .record({
    rule: fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/),
    version: fc.nat(1e6),
    key: fc.oneof(fc.constant(null), text, fc.array(text, { maxLength: 3 })),
    occurrence: fc.option(text),
    start: stored,
    startedAt: instant,
    starts: fc.option(fc.array(stored, { maxLength: 3 })),
    heldOut: fc.boolean(),
    node: fc.integer({ min: -1, max: 500 }),
    held: fc.boolean(),
    messages: fc.array(fc.record({ id: fc.uuid(), until: instant }), { maxLength: 3 }),
    latest: fc.array(fc.record({ template: text, id: text, gone: fc.boolean() }), { maxLength: 2 }),
    named: fc.option(fc.array(fc.tuple(text, stored), { maxLength: 2 }).map((all) => new Map(all))),
    draws: fc.array(fc.nat(20), { maxLength: 3 }),
    rounds: fc.array(fc.nat(100), { maxLength: 3 }),
    hops: fc.nat(8),
    customer: fc.option(text),
    until: fc.option(fc.record({ reachedAt: instant, moment: fc.option(instant) })),
  })
  .chain((fields) => timer.map((armed) => ({ ...fields, ...armed })));

const sum = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
const kept: fc.Arbitrary<Kept> = fc.record({
  count: fc.nat(1e9),
  sum,
  entries: fc.array(fc.record({ time: instant, id: text, json: text }), { maxLength: 4 }),
  buckets: fc.array(
    fc.record({ index: fc.integer({ min: -1e6, max: 1e6 }), count: fc.nat(1e6), sum, first: instant }),
    {
      maxLength: 3,
    },
  ),
  removals: fc.array(fc.record({ time: instant, id: fc.option(text) }), { maxLength: 3 }),
});
const computed: fc.Arbitrary<ComputedState> = fc.record({
  kept: fc.array(fc.tuple(whole, kept), { maxLength: 3 }).map((all) => new Map(all)),
  memberships: fc
    .array(fc.tuple(whole, fc.record({ inside: fc.boolean(), flipsAt: fc.oneof(instant, fc.constant(Infinity)) })), {
      maxLength: 3,
    })
    .map((all) => new Map(all)),
  flip: timer,
});

const state: fc.Arbitrary<CustomerState> = fc.record({
  id: text,
  ruleset: fc.nat(1e9),
  traits: fc.array(fc.tuple(text, fc.jsonValue(), instant), { maxLength: 6 }).map((all) => {
    const traits = new Traits();
    for (const [name, value, time] of all) traits.set(name, value as Json, time);
    return traits;
  }),
  runs: fc.array(run, { maxLength: 3 }),
  ended: fc.array(run, { maxLength: 2 }),
  accepted: fc.array(fc.record({ rule: text, key: whole, time: instant }), { maxLength: 3 }),
  counters: fc
    .array(
      fc.tuple(
        whole,
        fc.record({
          total: whole,
          times: fc.array(instant, { maxLength: 5 }),
          events: fc.array(stored, { maxLength: 2 }),
        }),
      ),
      { maxLength: 3 },
    )
    .map((all) => new Map(all)),
  silences: fc
    .array(fc.tuple(whole, stored, fc.boolean(), timer), { maxLength: 3 })
    .map((all) => new Map(all.map(([id, last, over, armed]) => [id, { last, over, ...armed }]))),
  calendar: fc.record({
    ruleset: fc.nat(1e9),
    timers: fc
      .array(fc.tuple(whole, whole, fc.integer(), fc.boolean(), timer), { maxLength: 3 })
      .map((all) => new Map(all.map(([id, value, next, done, armed]) => [id, { value, next, done, ...armed }]))),
  }),
  written: fc.array(fc.record({ name: text, value: fc.jsonValue() as fc.Arbitrary<Json>, time: instant, run: whole }), {
    maxLength: 2,
  }),
  pauses: fc.array(fc.record({ category: text, until: instant, run: whole }), { maxLength: 2 }),
  seen: fc.array(fc.tuple(text, instant), { maxLength: 5 }).map((all) => {
    const seen = new SeenIds();
    for (const [id, time] of all) seen.add(textHash(id), time);
    return seen;
  }),
  computed,
  identity: fc.record({
    merged: fc.array(text, { maxLength: 3 }),
    asked: fc.array(text, { maxLength: 2 }),
    redirect: fc.option(text),
    glued: fc.boolean(),
    named: fc.boolean(),
    ring: fc.array(stored, { maxLength: 3 }),
  }),
});

function armed(timer: Timer): Timer {
  return timer.fireAt === Infinity ? { ...NOT_ARMED } : timer;
}

/** Everything the state can be asked, as plain data. */
function asked(subject: CustomerState): unknown {
  const event = (each: StoredEvent): unknown => ({ ...each.snapshot(), properties: JSON.stringify(each.properties) });
  const asRun = ({ start, starts, named, ...rest }: Run): unknown => ({
    ...rest,
    start: event(start),
    starts: starts?.map(event) ?? null,
    named: named === null ? null : [...named].map(([name, each]) => [name, event(each)]),
  });
  return {
    id: subject.id,
    ruleset: subject.ruleset,
    traits: JSON.stringify(Object.entries(traitsOf(subject))),
    runs: subject.runs.map(asRun),
    ended: subject.ended.map(asRun),
    accepted: subject.accepted,
    counters: [...subject.counters].map(([id, { total, times, events }]) => [id, total, times, events.map(event)]),
    silences: [...subject.silences].map(([id, { last, over, ...timer }]) => [id, event(last), over, armed(timer)]),
    calendar: [
      subject.calendar.ruleset,
      ...[...subject.calendar.timers].map(([id, { value, next, done, ...timer }]) => [
        id,
        value,
        done,
        timer.fireAt === Infinity ? null : next,
        armed(timer),
      ]),
    ],
    written: JSON.stringify(subject.written),
    // Where nothing is kept and no membership known, the rest means nothing.
    computed: isNothingComputed(subject.computed)
      ? newComputedState()
      : { ...subject.computed, flip: armed(subject.computed.flip) },
    nextFire: isNothingComputed(subject.computed)
      ? nextFire({ ...subject, computed: newComputedState() })
      : nextFire(subject),
    pauses: subject.pauses,
    identity: { ...subject.identity, ring: subject.identity.ring.map(event) },
  };
}

describe('a state', () => {
  it.each([STATE_VERSION, STATE_VERSION_BEFORE] as const)('is read as it was written in version %d', (version) => {
    fc.assert(
      fc.property(state, (original) => {
        const bytes = encodeState(original, version);
        const read = decodeState(bytes);
        expect(asked(read)).toEqual(asked(original));
        expect(Buffer.compare(encodeState(read, version), bytes)).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('of the version before, as that has written it, is read, and written again to the byte', () => {
    const bytes = Buffer.from(STATE_OF_VERSION_3, 'base64');
    const read = decodeState(bytes);
    expect(Buffer.compare(encodeState(read, STATE_VERSION_BEFORE), bytes)).toBe(0);
    const now = decodeState(encodeState(read));
    for (const each of [read, now]) {
      expect(traitsOf(each)).toEqual({ email: 'ann@shop.test', city: 'Köln' });
      expect(each.runs.map(({ rule, start }) => [rule, start.id, start.properties])).toEqual([
        ['cart', 'm-4', { cart_id: 'c-1', name: 'Stuhl', price: 90 }],
      ]);
      expect([...each.silences.values()].map(({ last }) => last.id)).toEqual(['m-2', 'm-2']);
    }
  });

  it('has an event that several rules keep once, and it is one when it is read', () => {
    const order = { id: 'o', name: 'Order Completed', time: 1, properties: { note: 'x'.repeat(500) } };
    const known = newCustomerState('ann');
    for (let rule = 1; rule <= 10; rule++)
      known.silences.set(rule, { last: StoredEvent.of(order), over: false, ...NOT_ARMED });
    const bytes = encodeState(known);
    expect(bytes.length).toBeLessThan(700);
    const lasts = [...decodeState(bytes).silences.values()].map(({ last }) => last);
    expect(new Set(lasts).size).toBe(1);
    expect(lasts[9]!.properties).toEqual(order.properties);
    expect(encodeState(known, STATE_VERSION_BEFORE).length).toBeGreaterThan(5_000);
  });

  it('that names an event where none was is an error', () => {
    const known = newCustomerState('ann');
    const last = StoredEvent.of({ id: 'o', name: null, time: 1, properties: {} });
    known.silences.set(1, { last, over: false, ...NOT_ARMED });
    const bytes = encodeState(known);
    // Where it says that the only event was not there before.
    const at = bytes.lastIndexOf(0, bytes.indexOf('o'.charCodeAt(0)));
    expect(() => decodeState(bytes.with(at, 9))).toThrow(StateFormatError);
  });

  it('of another version, cut off or damaged is an error, or at least no endless loop', () => {
    expect(() => decodeState(Uint8Array.of(STATE_VERSION_BEFORE - 1))).toThrow(StateFormatError);
    expect(() => decodeState(Uint8Array.of(STATE_VERSION + 1))).toThrow(StateFormatError);
    expect(() => decodeState(new Uint8Array(0))).toThrow(StateFormatError);
    fc.assert(
      fc.property(state, fc.nat(), (original, length) => {
        const bytes = encodeState(original);
        expect(() => decodeState(bytes.subarray(0, length % bytes.length))).toThrow(StateFormatError);
      }),
    );
  });

  it('of a customer of whom nothing is known is empty', () => {
    expect(isEmpty(newCustomerState('ann'))).toBe(true);
    expect(nextFire(newCustomerState('ann'))).toBe(Infinity);
    const known = newCustomerState('ann');
    known.traits.set('city', 'Berlin', 0);
    expect(isEmpty(known)).toBe(false);
    expect(isEmpty(decodeState(encodeState(known)))).toBe(false);
  });
});

describe('seen ids', () => {
  const HOUR = 3_600_000;

  it('are forgotten between 24 and 25 hours of log time later', () => {
    for (const [age, known] of [
      [24 * HOUR, true],
      [24 * HOUR + 59 * 60_000, true],
      [25 * HOUR, false],
    ] as const) {
      const seen = new SeenIds();
      seen.add(textHash('a'), 1000 * HOUR);
      seen.add(textHash('b'), 1020 * HOUR);
      seen.prune(1000 * HOUR + age);
      expect([seen.has(textHash('a')), seen.has(textHash('b')), seen.has(textHash('c'))]).toEqual([known, true, false]);
    }
  });

  it('work beyond any number, and leave the bytes they were read from alone', () => {
    const seen = new SeenIds();
    for (let id = 0; id < 1000; id++) seen.add(textHash(`id-${id}`), id);
    const writer = new ByteWriter();
    seen.write(writer);
    const bytes = writer.take();
    const before = bytes.slice();
    const copy = new SeenIds(new ByteReader(bytes).block());
    copy.add(textHash('more'), 1);
    expect(Buffer.compare(bytes, before)).toBe(0);
    expect(copy.size).toBe(1001);
    expect(Array.from({ length: 1000 }, (_, id) => copy.has(textHash(`id-${id}`))).every(Boolean)).toBe(true);
    expect(copy.has(textHash('id-1000'))).toBe(false);
  });
});
