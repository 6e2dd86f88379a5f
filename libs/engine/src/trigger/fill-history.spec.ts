import fc from 'fast-check';
import {
  Agenda,
  applyEvent,
  compileRuleset,
  customerIdOf,
  customerValues,
  decodeState,
  fireTimers,
  newCustomerState,
  nextFire,
  noEffects,
  readEvent,
  readWorkspace,
  rulesetsOf,
  type CustomerState,
  type Rulesets,
} from '#core';
import type { StreamRecord } from '../ports/event-stream.js';
import type { EngineObserver } from '../ports/observer.js';
import type { PartitionCommit } from '../ports/partition-store.js';
import { PartitionOwner } from './partition-owner.js';
import { ModelHistory } from './testing/model-history.js';
import { ModelFeed, ModelStream } from './testing/model-stream.js';
import { ModelStore, type CommitFault } from './testing/model-store.js';

const START = Date.UTC(2026, 2, 2, 9);
const HOUR = 3_600_000;
const CUSTOMERS = ['ann', 'ben', 'cleo', 'dora', 'eve'];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const BASE = {
  'kairos.yaml':
    'time zone: Europe/Berlin\nlocale: en\ngrace: 0 seconds\nchannels: [email]\ncategories: { promotional: { consent: none } }\n',
  'rules/base.yaml':
    'rule: base\ncategory: promotional\nstart: { event: Viewed }\nwhile running: restart\nsteps: [{ wait: 1 hour }, { send: hello }]\n',
  'templates/hello/email.hbs': 'hello',
  'templates/hello/subject.hbs': 'hello',
};
const LATER = {
  ...BASE,
  'segments.yaml': `computed:
  customer.spent: { sum: event.price, of: Bought, within: 3 days }
  customer.orders: { count: Bought, where: { customer.tier: gold } }
  customer.wishes: { list: event.thing, of: Wished, until: Bought, keep: [event.price] }
  customer.gap: { average gap: Bought }
segments:
  spender: { customer.spent: { at least: 10 } }
  loyal: { has done: { event: Wished, at least: 2, within: 2 days } }
`,
  'rules/spender.yaml': 'rule: spender\ncategory: promotional\nstart: { enters: spender }\nsteps: [{ send: hello }]\n',
  'rules/quiet.yaml':
    'rule: quiet\ncategory: promotional\nstart: { inactive: 2 days, since: Wished }\nsteps: [{ send: hello }]\n',
  'rules/loyal.yaml': 'rule: loyal\ncategory: promotional\nstart: { leaves: loyal }\nsteps: [{ send: hello }]\n',
};

function compile(files: { readonly [path: string]: string }, number: number): Rulesets {
  const { workspace, diagnostics } = readWorkspace(
    Object.entries(files).map(([path, text]) => ({ path, bytes: bytes(text) })),
  );
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  return rulesetsOf(compileRuleset(workspace, number, {}));
}
const [first, second] = [compile(BASE, 1), compile(LATER, 2)];

interface Call {
  readonly event: 'Viewed' | 'Wished' | 'Bought' | 'gold' | 'silver';
  readonly customer: string;
  readonly thing: string;
  readonly price: number;
  readonly afterMs: number;
}
const aCall: fc.Arbitrary<Call> = fc.record({
  event: fc.constantFrom('Viewed', 'Wished', 'Wished', 'Bought', 'Bought', 'Bought', 'gold', 'silver'),
  customer: fc.constantFrom(...CUSTOMERS),
  thing: fc.constantFrom('p1', 'p2', 'p3'),
  price: fc.constantFrom(3, 5, 7),
  afterMs: fc.constantFrom(0, 1, HOUR, 10 * HOUR, 30 * HOUR),
});

const RULESET: Partial<StreamRecord> = {
  key: null,
  value: bytes('{"ruleset":2}'),
  headers: { 'kairos-kind': 'ruleset' },
};

/** Events with the record of a ruleset among them. */
function recordsOf(calls: readonly Call[], publishedAt: number): StreamRecord[] {
  let appendTime = START;
  const records = calls.map(({ event, customer, thing, price, afterMs }, i): StreamRecord => {
    appendTime += afterMs;
    const about = { userId: customer, messageId: `m${i}`, timestamp: new Date(appendTime).toISOString() };
    const isTier = event === 'gold' || event === 'silver';
    const call = isTier
      ? { ...about, type: 'identify', traits: { tier: event } }
      : { ...about, type: 'track', event, properties: { thing, price } };
    return { offset: i, appendTime, key: null, value: bytes(JSON.stringify(call)), headers: null };
  });
  const at = Math.min(publishedAt, records.length);
  const ruleset = { ...(records[at - 1] ?? records[0]!), ...RULESET };
  return [...records.slice(0, at), ruleset, ...records.slice(at)].map((record, offset) => ({ ...record, offset }));
}

/** As if the later ruleset had been there from the beginning. */
function straightRun(records: readonly StreamRecord[]): Map<string, CustomerState> {
  const states = new Map<string, CustomerState>();
  const agenda = new Agenda();
  for (const { appendTime, value, headers } of records) {
    if (headers !== null) continue;
    for (let id = agenda.firstBefore(appendTime); id !== null; id = agenda.firstBefore(appendTime)) {
      fireTimers(second, states.get(id)!, appendTime, noEffects());
      agenda.set(id, nextFire(states.get(id)!));
    }
    const json: unknown = JSON.parse(new TextDecoder().decode(value));
    const reading = readEvent(json, { append: appendTime, fallbackId: '', historical: false });
    if (!reading.ok) throw new Error(reading.reason);
    const id = customerIdOf(reading.event.customer);
    const state = states.get(id) ?? newCustomerState(reading.event.customer);
    states.set(id, state);
    applyEvent(second, state, reading.event, appendTime, noEffects());
    agenda.set(id, nextFire(state));
  }
  return states;
}

class WatchedStore extends ModelStore {
  onCommitted: () => void = () => undefined;

  override async commit(partition: number, commit: PartitionCommit) {
    const outcome = await super.commit(partition, commit);
    this.onCommitted();
    return outcome;
  }
}

interface Run {
  readonly sizes: readonly number[];
  readonly chunk: number;
  readonly events: number;
  readonly positions: number[];
  readonly later?: Rulesets;
}

/** Owners one after the other, each until all is read and every job done, or a commit fails. */
async function ownedRun(
  records: readonly StreamRecord[],
  store: WatchedStore,
  { sizes, chunk, events, positions, later = second }: Run,
) {
  const history = new ModelHistory(records, positions);
  for (;;) {
    const stopWhenDone = (): void => {
      if (store.position.nextOffset === records.length && store.jobs.size === 0) owner.stop();
    };
    const feed: ModelFeed = new ModelFeed(records, [...sizes], stopWhenDone);
    store.onCommitted = stopWhenDone;
    const owner: PartitionOwner = new PartitionOwner(feed, {
      store,
      stream: new ModelStream(),
      deadLetters: null,
      history,
      rulesets: first,
      rulesetsAt: (number) => Promise.resolve(number === 1 ? first : later),
      clock: { at: (ms) => ms, now: () => START + 100_000 * HOUR },
      observer: new Proxy({}, { get: () => () => undefined }) as EngineObserver,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      owner: 'test',
      partitions: 1,
      cacheBytes: 10_000,
      jobPace: { chunk, events, waitMs: 1 },
    });
    try {
      return await owner.run();
    } catch (error) {
      if ((error as { retryable?: boolean }).retryable !== true) throw error;
    }
  }
}

/** What rules and templates see of a customer at `now`, which silences have lasted, and in which segments she is when what lapses then has lapsed. */
function knownOf(state: CustomerState, now: number): unknown {
  fireTimers(second, state, now + 1, noEffects());
  const inside = second.current.segments.filter(
    ({ fingerprint }) => state.computed.memberships.get(fingerprint)?.inside,
  );
  const values = Object.entries(customerValues(second, state, now)).sort();
  const silences = [...state.silences.values()].map(({ last, over }) => [last.time, over]);
  return { values, segments: inside.map(({ name }) => name), silences };
}

describe('what a new ruleset counts', () => {
  it('is what it would be had it been there from the beginning, whatever happens while it is filled', async () => {
    const faults = fc.array(fc.constantFrom<CommitFault>('none', 'none', 'refused', 'done but lost'), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          calls: fc.array(aCall, { minLength: 5, maxLength: 50 }),
          publishedAt: fc.integer({ min: 1, max: 50 }),
          sizes: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 50 }),
          chunk: fc.integer({ min: 1, max: 4 }),
          events: fc.integer({ min: 1, max: 30 }),
          positions: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 }),
          schedule: faults,
        }),
        async ({ calls, publishedAt, sizes, chunk, events, positions, schedule }) => {
          const records = recordsOf(calls, publishedAt);
          const store = new WatchedStore();
          store.faults = [...schedule];
          await ownedRun(records, store, { sizes, chunk, events, positions: [...positions] });
          const { logTime, ruleset } = store.position;
          expect(ruleset).toBe(2);
          for (const [id, expected] of straightRun(records)) {
            const row = store.states.get(id);
            const state = row === undefined ? newCustomerState(expected.id) : decodeState(row.state);
            expect([expected.id, knownOf(state, logTime)]).toEqual([expected.id, knownOf(expected, logTime)]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('starts nobody who is already inside, and starts by the calendar those who do nothing any more', async () => {
    const calendar = {
      ...LATER,
      'rules/daily.yaml':
        'rule: daily\ncategory: promotional\nstart: { every: day, at: "10:00" }\nsteps: [{ send: hello }]\n',
    };
    const third = compile(calendar, 2);
    const bought = (customer: string): Call => ({ event: 'Bought', customer, thing: 'p1', price: 7, afterMs: HOUR });
    const records = recordsOf([bought('ann'), bought('ann'), bought('ben')], 3);
    const tick = {
      ...records.at(-1)!,
      offset: 4,
      appendTime: START + 30 * HOUR,
      value: null,
      headers: { 'kairos-kind': 'tick' },
    };
    const store = new WatchedStore();
    await ownedRun(records, store, { sizes: [9], chunk: 1, events: 1, positions: [], later: third });
    expect([store.planned, [...store.states.values()].map(({ nextFire }) => nextFire !== null)]).toEqual([
      [],
      [true, true],
    ]);
    await ownedRun([...records, tick], store, { sizes: [9], chunk: 1, events: 1, positions: [], later: third });
    expect(store.planned).toHaveLength(2);
  });
});
