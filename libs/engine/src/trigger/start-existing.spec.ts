import fc from 'fast-check';
import {
  Agenda,
  applyEvent,
  compileRuleset,
  customerIdOf,
  findInside,
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
import { ModelFeed, ModelStream } from './testing/model-stream.js';
import { ModelStore, type CommitFault } from './testing/model-store.js';

const START = Date.UTC(2026, 2, 2, 9);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CUSTOMERS = ['ann', 'ben', 'cleo', 'dora', 'eve', 'finn', 'gus'];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const FILES = {
  'kairos.yaml':
    'time zone: Europe/Berlin\nlocale: en\ngrace: 0 seconds\nchannels: [email]\ncategories: { promotional: { consent: none } }\n',
  'segments.yaml': 'segments: { gold: { customer.tier: gold } }\n',
  'rules/gold.yaml': 'rule: gold\ncategory: promotional\nstart: { enters: gold }\nsteps: [{ send: hello }]\n',
  'rules/quiet.yaml':
    'rule: quiet\ncategory: promotional\nstart: { inactive: 2 hours, since: Viewed }\nsteps: [{ send: hello }]\n',
  'templates/hello/email.hbs': 'hello',
  'templates/hello/subject.hbs': 'hello',
};

function compile(files: { readonly [path: string]: string }, number: number): Rulesets {
  const { workspace, diagnostics } = readWorkspace(
    Object.entries(files).map(([path, text]) => ({ path, bytes: bytes(text) })),
  );
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  return rulesetsOf(compileRuleset(workspace, number, {}));
}
const rulesets = compile(FILES, 1);

const REQUEST = { id: 'start/1/a', rule: 'gold', perHour: 60, counted: [3] };
const record = (offset: number, appendTime: number, value: object | null, kind?: string): StreamRecord => ({
  offset,
  appendTime,
  key: null,
  value: value === null ? null : bytes(JSON.stringify(value)),
  headers: kind === undefined ? null : { 'kairos-kind': kind },
});

interface Call {
  readonly call: 'gold' | 'silver' | 'Viewed';
  readonly customer: string;
  readonly afterMs: number;
}
const aCall: fc.Arbitrary<Call> = fc.record({
  call: fc.constantFrom('gold', 'gold', 'silver', 'Viewed'),
  customer: fc.constantFrom(...CUSTOMERS),
  afterMs: fc.constantFrom(0, 1, MINUTE, 10 * MINUTE, HOUR),
});

function recordOf({ call, customer }: Call, offset: number, appendTime: number): StreamRecord {
  const about = { userId: customer, messageId: `m${offset}`, timestamp: new Date(appendTime).toISOString() };
  return record(
    offset,
    appendTime,
    call === 'Viewed'
      ? { ...about, type: 'track', event: call }
      : { ...about, type: 'identify', traits: { tier: call } },
  );
}

/** Calls with the request among them, and its copy behind it. */
function recordsOf(calls: readonly Call[], askedAt: number): StreamRecord[] {
  const records: StreamRecord[] = [];
  let time = START;
  const ask = () => records.push(record(records.length, time, { start: REQUEST.id }, 'start'));
  for (const [place, call] of calls.entries()) {
    if (place === askedAt) ask();
    time += call.afterMs;
    records.push(recordOf(call, records.length, time));
    if (place === askedAt + 3) ask();
  }
  if (calls.length <= askedAt) ask();
  return records;
}

/** The stream goes on, a tick a minute, as long as somebody waits for it. */
class TickingFeed extends ModelFeed {
  private wake: () => void = () => undefined;

  constructor(
    private readonly all: StreamRecord[],
    sizes: number[],
    onDrained: () => void,
  ) {
    super(all, sizes, onDrained);
  }

  override onAvailable(wake: () => void): void {
    this.wake = wake;
    super.onAvailable(wake);
  }

  tick(): void {
    const { length } = this.all;
    this.all.push(record(length, (this.all.at(-1)?.appendTime ?? START) + MINUTE, null, 'tick'));
    setImmediate(this.wake);
  }
}

class WatchedStore extends ModelStore {
  onCommitted: () => void = () => undefined;
  /** Every run that began. */
  readonly begun: { rule: string; customer: string; at: number }[] = [];

  override async commit(partition: number, commit: PartitionCommit) {
    const { seq } = this.position;
    try {
      return await super.commit(partition, commit);
    } finally {
      if (this.position.seq > seq) this.note(commit);
      this.onCommitted();
    }
  }

  private note({ traces }: PartitionCommit): void {
    for (const { customerId, trace } of traces)
      if (trace.kind === 'started') this.begun.push({ rule: trace.rule, customer: customerId, at: trace.at });
  }
}

interface Pace {
  readonly sizes: readonly number[];
  readonly chunk: number;
}

/** Owners one after the other, each until all is read and every job done, or a commit fails. */
async function ownedRun(records: StreamRecord[], store: WatchedStore, { sizes, chunk }: Pace): Promise<void> {
  for (;;) {
    const stopWhenDone = (): void => {
      if (store.position.nextOffset !== records.length) return;
      if (store.jobs.size === 0) owner.stop();
      else feed.tick();
    };
    const feed: TickingFeed = new TickingFeed(records, [...sizes], stopWhenDone);
    store.onCommitted = stopWhenDone;
    const owner: PartitionOwner = new PartitionOwner(feed, {
      store,
      stream: new ModelStream(),
      deadLetters: null,
      history: null,
      rulesets,
      rulesetsAt: () => Promise.resolve(rulesets),
      clock: { at: (ms) => ms, now: () => START + 100_000 * HOUR },
      observer: new Proxy({}, { get: () => () => undefined }) as EngineObserver,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      owner: 'test',
      partitions: 1,
      cacheBytes: 10_000,
      jobPace: { chunk, events: 10, waitMs: 1 },
    });
    try {
      await owner.run();
      return;
    } catch (error) {
      if ((error as { retryable?: boolean }).retryable !== true) throw error;
    }
  }
}

/** Who is inside the rule where the request stands, who stays so to the end, and when the rule starts whom by itself. */
function insideAt(records: readonly StreamRecord[], rule: string) {
  const states = new Map<string, CustomerState>();
  const agenda = new Agenda();
  const inside = (at: number) =>
    [...states].filter(([, state]) => findInside(rulesets, state, rule, at).inside).map(([id]) => id);
  let then: string[] = [];
  const left = new Set<string>();
  const own: string[] = [];
  let asked = false;
  const effects = noEffects();
  const count = (id: string): void => {
    for (const trace of effects.traces.splice(0))
      if (trace.kind === 'started' && trace.rule === rule) own.push(`${id} ${trace.at}`);
  };
  for (const { appendTime, value, headers } of records) {
    for (let id = agenda.firstBefore(appendTime); id !== null; id = agenda.firstBefore(appendTime)) {
      fireTimers(rulesets, states.get(id)!, appendTime, effects);
      count(id);
      agenda.set(id, nextFire(states.get(id)!));
    }
    if (headers?.['kairos-kind'] === 'start' && !asked) {
      then = inside(appendTime);
      asked = true;
    }
    if (headers === null) {
      const reading = readEvent(JSON.parse(new TextDecoder().decode(value)), {
        append: appendTime,
        fallbackId: '',
        historical: false,
      });
      if (!reading.ok) throw new Error(reading.reason);
      const id = customerIdOf(reading.event.customer);
      const state = states.get(id) ?? newCustomerState(reading.event.customer);
      states.set(id, state);
      applyEvent(rulesets, state, reading.event, appendTime, effects);
      count(id);
      agenda.set(id, nextFire(state));
    }
    const now = inside(appendTime);
    for (const id of then) if (!now.includes(id)) left.add(id);
  }
  return { then, stays: then.filter((id) => !left.has(id)), own };
}

describe('starting those already inside a rule', () => {
  for (const rule of ['gold', 'quiet'])
    it(`starts each of them once and nobody else, whatever happens meanwhile and whoever takes over (${rule})`, async () => {
      const faults = fc.array(fc.constantFrom<CommitFault>('none', 'none', 'refused', 'done but lost'), {
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            calls: fc.array(aCall, { minLength: 3, maxLength: 40 }),
            askedAt: fc.integer({ min: 0, max: 40 }),
            sizes: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 50 }),
            chunk: fc.integer({ min: 1, max: 4 }),
            schedule: faults,
          }),
          async ({ calls, askedAt, sizes, chunk, schedule }) => {
            const records = recordsOf(calls, askedAt);
            const store = new WatchedStore();
            store.requests.push({ ...REQUEST, rule });
            store.faults = [...schedule];
            await ownedRun(records, store, { sizes, chunk });
            const { then, stays, own } = insideAt(records, rule);
            const byJob = store.begun.filter((run) => {
              const place = run.rule === rule ? own.indexOf(`${run.customer} ${run.at}`) : 0;
              if (place >= 0 && run.rule === rule) own.splice(place, 1);
              return place < 0;
            });
            const started = byJob.map(({ customer }) => customer);
            expect([own, new Set(started).size]).toEqual([[], started.length]);
            expect(then).toEqual(expect.arrayContaining(started));
            expect(started).toEqual(expect.arrayContaining(stays));
            expect([...store.jobs.values(), ...store.listedCustomers]).toEqual([]);
            // One a minute; the first may have been late by as much.
            for (const [k, { at }] of byJob.entries())
              expect(at - byJob[0]!.at).toBeGreaterThanOrEqual((k - 1) * MINUTE);
          },
        ),
        { numRuns: 200 },
      );
    });
});
