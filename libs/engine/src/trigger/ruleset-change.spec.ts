import { compileRuleset, readWorkspace, rulesetsOf, type Rulesets } from '#core';
import type { StreamRecord } from '../ports/event-stream.js';
import type { EngineObserver } from '../ports/observer.js';
import type { PartitionCommit } from '../ports/partition-store.js';
import { PartitionOwner } from './partition-owner.js';
import { ModelFeed, ModelStream } from './testing/model-stream.js';
import { ModelStore } from './testing/model-store.js';

const START = Date.UTC(2026, 2, 2, 9);
const HOUR = 3_600_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A ruleset that answers one kind of event. */
function answering(event: string, number: number): Rulesets {
  const files = {
    'kairos.yaml':
      'time zone: Europe/Berlin\nlocale: en\ngrace: 0 seconds\nchannels: [email]\ncategories: { promotional: { consent: none } }\n',
    'rules/answer.yaml': `rule: answer\ncategory: promotional\nstart: { event: ${event} }\nwhile running: restart\nsteps: [{ send: hello }, { wait: 1 hour }, { send: hello }]\n`,
    'templates/hello/email.hbs': 'hello',
    'templates/hello/subject.hbs': 'hello',
  };
  const { workspace } = readWorkspace(Object.entries(files).map(([path, text]) => ({ path, bytes: bytes(text) })));
  return rulesetsOf(
    compileRuleset(workspace!, number, { answer: number }),
    number > 1 ? [answering('A', 1).current] : [],
  );
}
const [first, second] = [answering('A', 1), answering('B', 2)];

const record = (offset: number, value: object, kind?: string): StreamRecord => ({
  offset,
  appendTime: START + offset * 1_000,
  key: null,
  value: bytes(JSON.stringify(value)),
  headers: kind === undefined ? null : { 'kairos-kind': kind },
});
const sends = (offset: number, event: string): StreamRecord =>
  record(offset, { type: 'track', event, userId: `customer ${offset}`, messageId: `m${offset}` });
const LOG = [
  sends(0, 'A'),
  sends(1, 'B'),
  record(2, { ruleset: 2 }, 'ruleset'),
  sends(3, 'A'),
  sends(4, 'B'),
  record(5, { ruleset: 2 }, 'ruleset'),
  record(6, { ruleset: 99 }, 'ruleset'),
  record(7, { ruleset: 'x' }, 'ruleset'),
  sends(8, 'B'),
  { ...record(9, {}, 'tick'), appendTime: START + 2 * HOUR, value: null },
];

const observer = new Proxy({}, { get: () => () => undefined }) as EngineObserver;

class RecordingStore extends ModelStore {
  readonly activations: [ruleset: number, offset: number][] = [];

  override async commit(partition: number, commit: PartitionCommit) {
    const outcome = await super.commit(partition, commit);
    if (outcome.kind === 'committed' && commit.ruleset !== commit.from.ruleset)
      this.activations.push([commit.ruleset, commit.from.nextOffset]);
    return outcome;
  }
}

async function run(log: readonly StreamRecord[], store: ModelStore, sizes: number[], latest: Rulesets): Promise<void> {
  const feed = new ModelFeed(log, sizes, () => owner.stop());
  const owner: PartitionOwner = new PartitionOwner(feed, {
    store,
    stream: new ModelStream(),
    deadLetters: null,
    history: null,
    rulesets: latest,
    rulesetsAt: (number) => {
      if (number > 2) return Promise.reject(new RangeError('never published'));
      return Promise.resolve(number === 1 ? first : second);
    },
    clock: { at: (ms) => ms, now: () => START + 3 * HOUR },
    observer,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    owner: 'test',
    partitions: 1,
    cacheBytes: 1_000,
  });
  await owner.run();
}

describe('a ruleset published while the engine runs', () => {
  it.each([[[10]], [[1]], [[2, 8]], [[3, 7]], [[4, 6]]])(
    'holds from its record on, in batches of %j',
    async (sizes) => {
      const store = new RecordingStore();
      await run(LOG, store, [...sizes], first);
      // A at 0 by the first, B at 4 and 8 by the second; the run of 0 goes on by the version it began with.
      expect(store.planned).toHaveLength(6);
      expect(store.states.size).toBe(3);
      expect(store.activations).toEqual([
        [1, 0],
        [2, 2],
      ]);
      expect(store.position).toMatchObject({ ruleset: 2, nextOffset: 10 });
    },
  );

  it('does not hold for what was published before it, also for an engine that begins after it', async () => {
    const store = new RecordingStore();
    await run(LOG.slice(0, 1), store, [1], first);
    await run(LOG, store, [10], second);
    expect(store.activations).toEqual([
      [1, 0],
      [2, 2],
    ]);
    expect(store.planned).toHaveLength(6);
  });

  it('is what a partition begins with that has run none', async () => {
    const store = new RecordingStore();
    await run(LOG, store, [10], second);
    expect(store.activations).toEqual([[2, 0]]);
    // B at 1, 4 and 8.
    expect(store.planned).toHaveLength(6);
  });

  it('that nobody published, or that has no number, is a dead letter', async () => {
    const store = new RecordingStore();
    await run(LOG, store, [10], first);
    expect(store.deadLetters).toEqual([
      { offset: 6, reason: 'unknown_ruleset' },
      { offset: 7, reason: 'unreadable' },
    ]);
  });
});
