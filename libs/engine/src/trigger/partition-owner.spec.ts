import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  Agenda,
  applyEvent,
  compileRuleset,
  customerIdOf,
  encodeState,
  fireTimers,
  isEmpty,
  newCustomerState,
  nextFire,
  partitionFor,
  readEvent,
  readWorkspace,
  rulesetsOf,
  type CustomerState,
  type Effects,
  noEffects,
} from '#core';
import type { EngineObserver } from '../ports/observer.js';
import type { StreamRecord } from '../ports/event-stream.js';
import { PartitionOwner } from './partition-owner.js';
import { ModelFeed, ModelStream } from './testing/model-stream.js';
import { ModelStore, type CommitFault } from './testing/model-store.js';

const START = Date.UTC(2026, 2, 2, 9);
const MINUTE = 60_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const FILES = {
  'kairos.yaml':
    'time zone: Europe/Berlin\nlocale: en\nchannels: [email]\ncategories: { promotional: { consent: none } }\n',
  'rules/cart.yaml': `rule: cart
category: promotional
start: { event: Cart, key: event.cart }
while running: restart wait
stop: { event: Order, where: { event.cart: start.cart } }
steps:
  - wait: 30 minutes
  - send: hello
  - wait: { for: { event: Order }, up to: 1 hour }
    on timeout:
      - if: { has done: { event: View, at least: 2, within: 2 hours } }
        then: [{ send: again }]
`,
  'rules/silence.yaml':
    'rule: silence\ncategory: promotional\nstart: { inactive: 1 hour, since: View }\nsteps: [{ send: hello }]\n',
  'templates/hello/email.hbs': 'hello',
  'templates/hello/subject.hbs': 'hello',
  'templates/again/email.hbs': 'again',
  'templates/again/subject.hbs': 'again',
};

const { workspace } = readWorkspace(Object.entries(FILES).map(([path, text]) => ({ path, bytes: bytes(text) })));
const rulesets = rulesetsOf(compileRuleset(workspace!, 1, {}));

const observer = Object.fromEntries(
  [
    'batchCommitted',
    'progress',
    'cacheLookups',
    'timersPending',
    'timersFired',
    'runsStarted',
    'deadLettered',
    'forwarded',
    'fenceLost',
    'suspended',
    'released',
    'partitions',
  ].map((name) => [name, () => undefined]),
) as unknown as EngineObserver;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Call {
  readonly customer: string;
  readonly event: string;
  readonly cart: string;
  readonly afterMs: number;
  readonly copyOf: number;
}

const aCall: fc.Arbitrary<Call> = fc.record({
  customer: fc.constantFrom('ann', 'ben', 'cleo'),
  event: fc.constantFrom('Cart', 'Cart', 'Order', 'View', 'Other'),
  cart: fc.constantFrom('a', 'b'),
  afterMs: fc.constantFrom(0, 1, MINUTE, 10 * MINUTE, 30 * MINUTE, 31 * MINUTE),
  copyOf: fc.integer({ min: 0, max: 40 }),
});

/** Records with gaps in the offsets, as transaction markers make them; some are copies of an earlier one. */
function recordsOf(calls: readonly Call[]): StreamRecord[] {
  let appendTime = START;
  const values: string[] = [];
  return calls.map(({ customer, event, cart, afterMs, copyOf }, i) => {
    appendTime += afterMs;
    const timestamp = new Date(appendTime).toISOString();
    values.push(
      values[copyOf] ??
        JSON.stringify({ type: 'track', event, userId: customer, messageId: `m${i}`, timestamp, properties: { cart } }),
    );
    return { offset: i * 2, appendTime, key: bytes(customer), value: bytes(values[i]!), headers: null };
  });
}

/** A straight run of the core over the same log: no batches, no database, no faults. */
function straightRun(records: readonly StreamRecord[]): {
  planned: string[];
  cancelled: string[];
  states: Map<string, string>;
} {
  const effects: Effects = noEffects();
  const states = new Map<string, CustomerState>();
  const agenda = new Agenda();
  let logTime = 0;
  for (const record of records) {
    logTime = Math.max(logTime, record.appendTime);
    for (let id = agenda.firstBefore(logTime); id !== null; id = agenda.firstBefore(logTime)) {
      fireTimers(rulesets, states.get(id)!, logTime, effects);
      agenda.set(id, nextFire(states.get(id)!));
    }
    const reading = readEvent(JSON.parse(new TextDecoder().decode(record.value)), {
      append: record.appendTime,
      fallbackId: '',
      historical: false,
    });
    if (!reading.ok) continue;
    const id = customerIdOf(reading.event.customer);
    const state = states.get(id) ?? newCustomerState(reading.event.customer);
    states.set(id, state);
    applyEvent(rulesets, state, reading.event, logTime, effects);
    agenda.set(id, nextFire(state));
  }
  const kept = [...states].filter(([, state]) => !isEmpty(state));
  return {
    planned: effects.planned.map((message) => message.id),
    cancelled: effects.cancelled.map(({ messageId, reason }) => `${reason} ${messageId}`),
    states: new Map(kept.map(([id, state]) => [id, Buffer.from(encodeState(state)).toString('hex')])),
  };
}

/** Owners one after the other on one partition, each until it has read everything or a commit fails. */
async function ownedRun(
  records: readonly StreamRecord[],
  store: ModelStore,
  sizes: number[],
  stream = new ModelStream(),
): Promise<void> {
  for (let done = false; !done;) {
    const feed: ModelFeed = new ModelFeed(records, sizes, () => {
      done = true;
      owner.stop();
    });
    const owner: PartitionOwner = new PartitionOwner(feed, {
      store,
      stream,
      deadLetters: null,
      history: null,
      rulesets,
      rulesetsAt: () => Promise.resolve(rulesets),
      clock: { at: (ms) => ms, now: () => START + 1_000 * MINUTE },
      observer,
      log,
      owner: 'test',
      partitions: 1,
      cacheBytes: 1_000,
    });
    await owner.run().catch((error: { retryable?: boolean }) => {
      done = false;
      if (error.retryable !== true) throw error;
    });
  }
}

const hexStates = (store: ModelStore): Map<string, string> =>
  new Map([...store.states].map(([id, { state }]) => [id, Buffer.from(state).toString('hex')]));

describe('the owner of a partition', () => {
  it('leaves what a straight run of the core leaves, however the log is cut into batches and whichever commit fails', async () => {
    const faults = fc.array(fc.constantFrom<CommitFault>('none', 'none', 'refused', 'done but lost'), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(aCall, { minLength: 1, maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }),
        faults,
        async (calls, sizes, schedule) => {
          const records = recordsOf(calls);
          const expected = straightRun(records);
          const store = new ModelStore();
          store.faults = schedule;
          await ownedRun(records, store, sizes);
          expect(store.planned.sort()).toEqual(expected.planned.sort());
          expect(store.cancelled.sort()).toEqual(expected.cancelled.sort());
          expect(hexStates(store)).toEqual(expected.states);
          expect(store.position.nextOffset).toBe(records.at(-1)!.offset + 1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('fires a burst of timers in several commits of bounded size, none lost and none twice', async () => {
    const carts: StreamRecord[] = Array.from({ length: 5_000 }, (_, i) => ({
      offset: i,
      appendTime: START,
      key: null,
      value: bytes(
        JSON.stringify({
          type: 'track',
          event: 'Cart',
          userId: `c${i}`,
          messageId: `m${i}`,
          timestamp: new Date(START).toISOString(),
          properties: { cart: 'a' },
        }),
      ),
      headers: null,
    }));
    const tick: StreamRecord = {
      offset: 5_000,
      appendTime: START + 40 * MINUTE,
      key: null,
      value: null,
      headers: { 'kairos-kind': 'tick' },
    };
    const store = new ModelStore();
    await ownedRun([...carts, tick], store, [5_000, 1]);
    expect(new Set(store.planned).size).toBe(5_000);
    expect(store.planned).toHaveLength(5_000);
    expect(store.commits).toBeGreaterThan(3);
  });

  it('gives up when another owner has written, and writes nothing', async () => {
    const store = new ModelStore();
    const records = recordsOf([{ customer: 'ann', event: 'Cart', cart: 'a', afterMs: 0, copyOf: 40 }]);
    const feed = new ModelFeed(records, [], () => undefined);
    const owner = new PartitionOwner(feed, {
      store,
      stream: new ModelStream(),
      deadLetters: null,
      history: null,
      rulesets,
      rulesetsAt: () => Promise.resolve(rulesets),
      clock: { at: (ms) => ms, now: () => START },
      observer,
      log,
      owner: 'zombie',
      partitions: 1,
      cacheBytes: 1_000,
    });
    const poll = feed.poll.bind(feed);
    feed.poll = () => {
      // Between reading and committing somebody else takes the partition over.
      void store.takeOver();
      return poll();
    };
    expect(await owner.run()).toBe('lost');
    expect(store.states.size).toBe(0);
    expect(store.position.seq).toBe(0);
  });

  it('parks what cannot be read with its place and reason, and goes on', async () => {
    const store = new ModelStore();
    const value = (text: string, offset: number): StreamRecord => ({
      offset,
      appendTime: START,
      key: null,
      value: bytes(text),
      headers: null,
    });
    const [good] = recordsOf([{ customer: 'ann', event: 'Cart', cart: 'a', afterMs: 0, copyOf: 40 }]);
    await ownedRun(
      [
        value('not json', 0),
        value('{"type":"track","event":"Cart"}', 1),
        value('{"type":"sing"}', 2),
        { ...good!, offset: 3 },
      ],
      store,
      [4],
    );
    expect(store.deadLetters).toEqual([
      { offset: 0, reason: 'unreadable' },
      { offset: 1, reason: 'no_key' },
      { offset: 2, reason: 'unreadable' },
    ]);
    expect(store.states.size).toBe(1);
  });

  it('forwards a record that another hash put here, with its id and time unchanged, and forgets it once acknowledged', async () => {
    const customer = ['ann', 'ben', 'cleo', 'dan', 'eve'].find((name) => partitionFor(name, 7) !== 0)!;
    const [record] = recordsOf([{ customer, event: 'Cart', cart: 'a', afterMs: 0, copyOf: 40 }]);
    const store = new ModelStore();
    const stream = new ModelStream();
    const feed = new ModelFeed([record!], [], () => {
      if (store.outbox.length === 0 && stream.appended.length > 0) owner.stop();
    });
    const owner: PartitionOwner = new PartitionOwner(feed, {
      store,
      stream,
      deadLetters: null,
      history: null,
      rulesets,
      rulesetsAt: () => Promise.resolve(rulesets),
      clock: { at: (ms) => ms, now: () => START },
      observer,
      log,
      owner: 'test',
      partitions: 7,
      cacheBytes: 1_000,
    });
    await owner.run();
    expect(stream.appended).toHaveLength(1);
    expect(stream.appended[0]).toMatchObject({
      key: customer,
      value: record!.value,
      headers: { 'kairos-kind': 'forward', 'kairos-id': 'm0', 'kairos-append': String(START), 'kairos-hops': '1' },
    });
    expect(store.states.size).toBe(0);
    expect(store.outbox).toEqual([]);
  });
});
