import fc from 'fast-check';
import {
  Agenda,
  applyEvent,
  applyItemEvent,
  compileRuleset,
  customerIdOf,
  decodeState,
  fireTimers,
  newCustomerState,
  nextFire,
  noEffects,
  readEvent,
  readItemEvent,
  readWorkspace,
  rulesetsOf,
  watchedItems,
  type CustomerState,
  type Rulesets,
} from '#core';
import type { StreamRecord } from '../ports/event-stream.js';
import type { EngineObserver } from '../ports/observer.js';
import type { PartitionCommit } from '../ports/partition-store.js';
import { PartitionOwner } from './partition-owner.js';
import { ModelFeed, ModelStream } from './testing/model-stream.js';
import { ModelStore, type CommitFault } from './testing/model-store.js';

const START = Date.UTC(2026, 2, 2, 9);
const MINUTE = 60_000;
const CUSTOMERS = ['ann', 'ben', 'cleo', 'dora', 'eve'];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const FILES = {
  'kairos.yaml':
    'time zone: Europe/Berlin\nlocale: en\ngrace: 0 seconds\nchannels: [email]\ncategories: { promotional: { consent: none } }\n',
  'events.yaml': 'items: { Updated: thing }\n',
  'segments.yaml':
    'computed: { customer.wishes: { list: event.thing, of: Wished, until: [Unwished, Bought], keep: [event.price], within: 3 hours } }\n',
  'rules/drop.yaml': `rule: drop
category: promotional
start: { item event: Updated, in: customer.wishes, where: { event.price: { less than: item.price } } }
again: after 1 hour
stop: { event: Bought }
steps:
  - wait: 20 minutes
  - send: hello
  - if: { has done: { event: Wished, at least: 2 } }
    then: [{ send: hello }]
`,
  'rules/any.yaml':
    'rule: any\ncategory: promotional\nstart: { item event: Updated, in: customer.wishes }\nwhile running: restart\nsteps: [{ wait: 1 minute }, { send: hello }]\n',
  'templates/hello/email.hbs': 'hello',
  'templates/hello/subject.hbs': 'hello',
};
const { workspace } = readWorkspace(Object.entries(FILES).map(([path, text]) => ({ path, bytes: bytes(text) })));
const rulesets = rulesetsOf(compileRuleset(workspace!, 1, {}));
const withoutRules = rulesetsOf(compileRuleset({ ...workspace!, rules: [] }, 2, {}), [rulesets.current]);
const observer = new Proxy({}, { get: () => () => undefined }) as EngineObserver;

interface Call {
  readonly event: 'Wished' | 'Unwished' | 'Bought' | 'Updated';
  readonly customer: string;
  readonly thing: string;
  readonly price: number;
  readonly afterMs: number;
}

const aCall: fc.Arbitrary<Call> = fc.record({
  event: fc.constantFrom('Wished', 'Wished', 'Wished', 'Unwished', 'Bought', 'Updated', 'Updated', 'Updated'),
  customer: fc.constantFrom(...CUSTOMERS),
  thing: fc.constantFrom('p1', 'p1', 'p2'),
  price: fc.constantFrom(5, 7, 9),
  afterMs: fc.constantFrom(0, 1, 0, MINUTE, 10 * MINUTE, 20 * MINUTE, 70 * MINUTE),
});

/** The records of a partition to which the outbox has sent what is about things. */
function recordsOf(calls: readonly Call[]): StreamRecord[] {
  let appendTime = START;
  return calls.map(({ event, customer, thing, price, afterMs }, offset) => {
    appendTime += afterMs;
    const [messageId, timestamp] = [`m${offset}`, new Date(appendTime).toISOString()];
    const isOfThing = event === 'Updated';
    const call = { type: 'track', event, messageId, timestamp, properties: { thing, price } };
    const headers = isOfThing
      ? { 'kairos-kind': 'item', 'kairos-id': messageId, 'kairos-append': String(appendTime), 'kairos-hops': '1' }
      : null;
    const value = bytes(JSON.stringify(isOfThing ? call : { ...call, userId: customer }));
    return { offset, appendTime, key: null, value, headers };
  });
}

interface Outcome {
  readonly planned: readonly string[];
  readonly cancelled: readonly string[];
  readonly runs: { readonly [customer: string]: unknown };
}

/** What a simulation does: each event is applied to everybody whom it concerns before the next. */
function straightRun(records: readonly StreamRecord[]): Outcome {
  const effects = noEffects();
  const states = new Map<string, CustomerState>();
  const agenda = new Agenda();
  for (const { appendTime, value, headers } of records) {
    for (let id = agenda.firstBefore(appendTime); id !== null; id = agenda.firstBefore(appendTime)) {
      fireTimers(rulesets, states.get(id)!, appendTime, effects);
      agenda.set(id, nextFire(states.get(id)!));
    }
    const json: unknown = JSON.parse(new TextDecoder().decode(value));
    const position = { append: appendTime, fallbackId: '', historical: false };
    if (headers !== null) {
      const reading = readItemEvent(json, position, rulesets.current.items);
      if (!reading!.ok) throw new Error(reading!.reason);
      for (const [id, state] of states)
        if (watchedItems(rulesets, state).has(reading!.event.item)) {
          applyItemEvent(rulesets, state, reading!.event, appendTime, effects);
          agenda.set(id, nextFire(state));
        }
      continue;
    }
    const reading = readEvent(json, position);
    if (!reading.ok) throw new Error(reading.reason);
    const id = customerIdOf(reading.event.customer);
    const state = states.get(id) ?? newCustomerState(reading.event.customer);
    states.set(id, state);
    applyEvent(rulesets, state, reading.event, appendTime, effects);
    agenda.set(id, nextFire(state));
  }
  return {
    planned: effects.planned.map(({ id }) => id).sort(),
    cancelled: effects.cancelled.map(({ messageId, reason }) => `${reason} ${messageId}`).sort(),
    runs: Object.fromEntries([...states.values()].map((state) => [state.id, runsOf(state)])),
  };
}

function runsOf({ runs, accepted, computed }: CustomerState): unknown {
  return {
    runs: runs.map(({ rule, key, startedAt, node, fireAt }) => [rule, key, startedAt, node, fireAt]),
    accepted: accepted.map(({ rule, key, time }) => `${rule} ${key} ${time}`).sort(),
    lists: [...computed.kept.values()].map(({ entries }) => entries),
  };
}

/** Ends the owner when everything is read and no job is open. */
class WatchedStore extends ModelStore {
  onCommitted: () => void = () => undefined;

  override async commit(partition: number, commit: PartitionCommit) {
    const outcome = await super.commit(partition, commit);
    this.onCommitted();
    return outcome;
  }
}

/** Owners one after the other, each until all is done or a commit fails; returns how many there were. */
async function ownedRun(
  records: readonly StreamRecord[],
  store: WatchedStore,
  {
    sizes,
    jobChunk,
    stream = new ModelStream(),
    published = [rulesets],
  }: { sizes: number[]; jobChunk: number; stream?: ModelStream; published?: readonly Rulesets[] },
): Promise<number> {
  for (let owners = 1; ; owners++) {
    const stopWhenDone = (): void => {
      if (store.position.nextOffset === records.at(-1)!.offset + 1 && store.jobs.size === 0) owner.stop();
    };
    const feed: ModelFeed = new ModelFeed(records, [...sizes], stopWhenDone);
    store.onCommitted = stopWhenDone;
    const owner: PartitionOwner = new PartitionOwner(feed, {
      store,
      stream,
      deadLetters: null,
      history: null,
      rulesets: published[0]!,
      rulesetsAt: (number) => Promise.resolve(published[number - 1]!),
      clock: { at: (ms) => ms, now: () => START + 100_000 * MINUTE },
      observer,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      owner: 'test',
      partitions: 1,
      cacheBytes: 10_000,
      jobPace: { chunk: jobChunk, events: 1, waitMs: 1 },
    });
    try {
      await owner.run();
      return owners;
    } catch (error) {
      if ((error as { retryable?: boolean }).retryable !== true) throw error;
    }
  }
}

function outcomeOf(store: ModelStore): Outcome {
  const states = [...store.states.values()].map(({ state }) => decodeState(state));
  return {
    planned: [...store.planned].sort(),
    cancelled: [...store.cancelled].sort(),
    runs: Object.fromEntries(states.map((state) => [state.id, runsOf(state)])),
  };
}

describe('an event about a thing', () => {
  it('does what it does in simulation, however many commits it takes, what comes between them, and whichever fails', async () => {
    const faults = fc.array(fc.constantFrom<CommitFault>('none', 'none', 'refused', 'done but lost'), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(aCall, { minLength: 5, maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        faults,
        async (calls, sizes, jobChunk, schedule) => {
          const records = recordsOf(calls);
          const store = new WatchedStore();
          store.faults = [...schedule];
          await ownedRun(records, store, { sizes, jobChunk });
          const expected = straightRun(records);
          const outcome = outcomeOf(store);
          expect(outcome.planned).toEqual(expected.planned);
          expect(outcome.cancelled).toEqual(expected.cancelled);
          // Who has nothing left has no row.
          for (const [customer, runs] of Object.entries(outcome.runs)) expect(runs).toEqual(expected.runs[customer]);
          expect(store.deadLetters).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('goes on behind the last customer that was committed when its owner dies between two commits', async () => {
    const wished = Array.from({ length: 1_700 }, (_, i) => ({
      event: 'Wished' as const,
      customer: `c${i}`,
      thing: 'p1',
      price: 9,
      afterMs: 0,
    }));
    const updated: Call = { event: 'Updated', customer: '', thing: 'p1', price: 5, afterMs: MINUTE };
    const records = recordsOf([...wished, updated]);
    const store = new WatchedStore();
    await ownedRun(records.slice(0, 1_700), store, { sizes: [1_700], jobChunk: 500 });
    expect(store.watch.size).toBe(1_700);
    // The record itself and its first 500 stand; of those that follow one commit is lost, and another one's answer.
    store.faults = ['none', 'none', 'refused', 'done but lost'];
    const before = store.commits;
    expect(await ownedRun(records, store, { sizes: [1_701], jobChunk: 500 })).toBe(3);
    const states = [...store.states.values()].map(({ state }) => decodeState(state));
    expect(states.map(({ runs }) => runs.map(({ rule }) => rule).join())).toEqual(Array(1_700).fill('any,drop'));
    expect(store.commits - before).toBe(4);
    expect(store.jobs.size).toBe(0);
  });

  it('is sent once into every partition, with its id and time, by whoever finds it in the stream', async () => {
    const value = { type: 'track', event: 'Updated', userId: 'ignored', properties: { thing: 'p1', price: 5 } };
    const store = new WatchedStore();
    const stream = new ModelStream();
    const record = { offset: 4, appendTime: START, key: null, value: bytes(JSON.stringify(value)), headers: null };
    await ownedRun([record], store, { sizes: [1], jobChunk: 500, stream });
    const [copy] = [...stream.appended, ...store.outbox.map(({ value, headers }) => ({ value, headers }))];
    expect(copy).toMatchObject({
      headers: { 'kairos-kind': 'item', 'kairos-id': 'kairos.events/0/4', 'kairos-append': String(START) },
    });
    expect(store.states.size).toBe(0);
  });

  it('ends where it came in if it is imported history, or no rule waits for it', async () => {
    const store = new WatchedStore();
    const stream = new ModelStream();
    const value = bytes(JSON.stringify({ type: 'track', event: 'Updated', properties: { thing: 'p1' } }));
    const headers = { 'kairos-historical': 'true' };
    await ownedRun([{ offset: 0, appendTime: START, key: null, value, headers }], store, {
      sizes: [1],
      jobChunk: 500,
      stream,
    });
    expect([stream.appended, store.outbox, store.deadLetters]).toEqual([[], [], []]);
  });

  const wish = (customer: string): Call => ({ event: 'Wished', customer, thing: 'p1', price: 9, afterMs: 0 });
  const drop: Call = { event: 'Updated', customer: '', thing: 'p1', price: 5, afterMs: 0 };
  const publication = (offset: number, ruleset: number): StreamRecord => ({
    offset,
    appendTime: START,
    key: null,
    value: bytes(JSON.stringify({ ruleset })),
    headers: { 'kairos-kind': 'ruleset' },
  });

  it('is judged for everybody by the rules that held where it stood, also where others come right behind it', async () => {
    const records = [...recordsOf([...CUSTOMERS.map(wish), drop]), publication(6, 2)];
    const store = new WatchedStore();
    await ownedRun(records, store, { sizes: [7], jobChunk: 1, published: [rulesets, withoutRules] });
    const states = [...store.states.values()].map(({ state }) => decodeState(state));
    expect(states.map(({ runs }) => runs.length)).toEqual([2, 2, 2, 2, 2]);
    expect(store.position.ruleset).toBe(2);
  });

  it('reaches also those whose lists a rule looks into from now on only', async () => {
    const [event, ...wishes] = recordsOf([...CUSTOMERS.map(wish), drop]).reverse();
    const records = [...wishes.reverse(), publication(5, 2), { ...event!, offset: 6 }];
    const unwatched = rulesetsOf(compileRuleset({ ...workspace!, rules: [] }, 1, {}));
    const watched = rulesetsOf(compileRuleset(workspace!, 2, {}));
    const store = new WatchedStore();
    await ownedRun(records, store, { sizes: [7], jobChunk: 1, published: [unwatched, watched] });
    const states = [...store.states.values()].map(({ state }) => decodeState(state));
    expect(states.map(({ runs }) => runs.length)).toEqual([2, 2, 2, 2, 2]);
  });

  // Reached with the record itself, or by its job; her own next event may come first.
  it.each([[[8]], [[5, 3]], [[5, 1, 1, 1]]])(
    'that cannot be evaluated for a customer is a dead letter, and all else goes on, in batches of %j',
    async (sizes) => {
      const broken: Rulesets = {
        ...rulesets,
        current: {
          ...rulesets.current,
          itemStartsFor: (name) =>
            rulesets.current.itemStartsFor(name)?.map(({ rule, starts }) => ({
              rule,
              starts: starts.map((start) => ({
                ...start,
                entryOf: (state, item, now) => {
                  if (state.id === 'cleo') throw new Error('cleo is too much for it');
                  return start.entryOf(state, item, now);
                },
              })),
            })),
        },
      };
      const records = recordsOf([...CUSTOMERS.map(wish), drop, wish('cleo'), wish('cleo')]);
      const store = new WatchedStore();
      await ownedRun(records, store, { sizes, jobChunk: 1, published: [broken] });
      const states = [...store.states.values()].map(({ state }) => decodeState(state));
      const runs = Object.fromEntries(states.map((state) => [state.id, state.runs.length]));
      expect(runs).toEqual({ ann: 2, ben: 2, cleo: 0, dora: 2, eve: 2 });
      expect(states.find(({ id }) => id === 'cleo')!.counters.size).toBe(1);
      expect(store.deadLetters).toEqual([{ offset: 5, reason: 'poison' }]);
    },
  );
});
