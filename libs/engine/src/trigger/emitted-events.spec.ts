import { describe, expect, it } from '@jest/globals';
import { compileRuleset, readWorkspace, rulesetsOf } from '#core';
import type { AppendedAt, AppendRequest, StreamRecord } from '../ports/event-stream.js';
import type { EngineObserver } from '../ports/observer.js';
import { PartitionOwner } from './partition-owner.js';
import { ModelFeed, ModelStream } from './testing/model-stream.js';
import { ModelStore, type CommitFault } from './testing/model-store.js';

const START = Date.UTC(2026, 2, 2, 9);
const HOUR = 3_600_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const CHAIN = {
  'kairos.yaml':
    'time zone: Europe/Berlin\nlocale: en\ngrace: 0 seconds\nchannels: [email]\ncategories: { promotional: { consent: none } }\n',
  'rules/first.yaml': `rule: first
category: promotional
start: { event: Cart, key: event.cart }
steps:
  - wait: 1 hour
  - emit: { event: Cart Forgotten, properties: { cart: start.cart } }
`,
  'rules/second.yaml': `rule: second
category: promotional
start: { event: Cart Forgotten, key: event.cart }
steps:
  - send: hello
`,
  'templates/hello/email.hbs': 'hello',
  'templates/hello/subject.hbs': 'hello',
};

const observer = new Proxy({}, { get: () => () => undefined }) as EngineObserver;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A stream whose records come back to the partition, two seconds after one another. */
class LoopingStream extends ModelStream {
  constructor(private readonly records: StreamRecord[]) {
    super();
  }

  override append(requests: readonly AppendRequest[]): Promise<readonly AppendedAt[]> {
    for (const { key, value, headers } of requests) {
      const last = this.records.at(-1)!;
      this.records.push({
        offset: last.offset + 1,
        appendTime: last.appendTime + 2_000,
        key: key === null ? null : bytes(key),
        value,
        headers: headers ?? null,
      });
    }
    return super.append(requests);
  }
}

const record = (offset: number, appendTime: number, call: object, headers: StreamRecord['headers'] = null) => ({
  offset,
  appendTime,
  key: bytes('ann'),
  value: bytes(JSON.stringify({ type: 'track', userId: 'ann', ...call })),
  headers,
});

const tick = (offset: number, appendTime: number): StreamRecord => ({
  offset,
  appendTime,
  key: null,
  value: null,
  headers: { 'kairos-kind': 'tick' },
});

const CART = {
  event: 'Cart',
  messageId: 'm1',
  timestamp: new Date(START).toISOString(),
  properties: { cart: 'c1' },
};

/** Owners of the partition, one after the other, until everything is read and the outbox is empty. */
async function run(files: object, records: StreamRecord[], faults: CommitFault[] = []) {
  const { workspace, diagnostics } = readWorkspace(
    Object.entries(files).map(([path, text]) => ({ path, bytes: bytes(text as string) })),
  );
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  const rulesets = rulesetsOf(compileRuleset(workspace, 1, {}));
  const store = new ModelStore();
  store.faults = faults;
  const stream = new LoopingStream(records);
  for (let done = false; !done;) {
    const feed: ModelFeed = new ModelFeed(records, [], () => {
      // Records are taken in before those in front of them are committed.
      done = store.outbox.length === 0 && store.position.nextOffset > records.at(-1)!.offset;
      if (done) owner.stop();
    });
    const owner: PartitionOwner = new PartitionOwner(feed, {
      store,
      stream,
      deadLetters: null,
      history: null,
      rulesets,
      rulesetsAt: () => Promise.resolve(rulesets),
      clock: { at: (ms) => ms, now: () => START + 1_000 * HOUR },
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
  return { store, stream };
}

describe('an event that a rule emits', () => {
  it('comes back through the stream and starts another rule, with the time of its step', async () => {
    const { store, stream } = await run(CHAIN, [record(0, START, CART), tick(1, START + HOUR + 1)]);
    expect(stream.appended).toHaveLength(1);
    const [{ key, value, headers }] = stream.appended as [AppendRequest];
    expect(key).toBe('ann');
    expect(headers).toEqual({ 'kairos-kind': 'emitted', 'kairos-emits': '1', 'kairos-append': expect.any(String) });
    expect(JSON.parse(new TextDecoder().decode(value))).toMatchObject({
      type: 'track',
      event: 'Cart Forgotten',
      userId: 'ann',
      timestamp: new Date(START + HOUR).toISOString(),
      properties: { cart: 'c1' },
    });
    expect(store.planned).toHaveLength(1);
    expect(store.outbox).toEqual([]);
  });

  it('is one event, whichever commit fails and however often it is sent', async () => {
    const straight = await run(CHAIN, [record(0, START, CART), tick(1, START + HOUR + 1)]);
    for (const faults of [
      ['none', 'refused'],
      ['none', 'done but lost', 'refused'],
      ['none', 'none', 'refused', 'done but lost'],
    ] as CommitFault[][]) {
      const { store } = await run(CHAIN, [record(0, START, CART), tick(1, START + HOUR + 1)], faults);
      expect(store.planned).toEqual(straight.store.planned);
    }
  });

  it('says how many led to it, also by way of a wait, and is parked after the eighth', async () => {
    const seventh = record(0, START, CART, { 'kairos-kind': 'emitted', 'kairos-emits': '7' });
    const kept = await run(CHAIN, [seventh, tick(1, START + HOUR + 1)]);
    expect(kept.stream.appended[0]!.headers).toMatchObject({ 'kairos-emits': '8' });
    expect(kept.store.planned).toHaveLength(1);

    const eighth = record(0, START, CART, { 'kairos-kind': 'emitted', 'kairos-emits': '8' });
    const parked = await run(CHAIN, [eighth, tick(1, START + HOUR + 1)]);
    expect(parked.store.planned).toEqual([]);
    expect(parked.store.deadLetters).toEqual([{ offset: 2, reason: 'loop' }]);
  });

  it('is believed only with a header that says how many led to it', async () => {
    const forged = record(0, START, { ...CART, event: 'Cart Forgotten' }, { 'kairos-kind': 'emitted' });
    const { store } = await run(CHAIN, [forged]);
    expect(store.deadLetters).toEqual([{ offset: 0, reason: 'unreadable' }]);
    expect(store.planned).toEqual([]);
  });
});

describe('a consent that a rule withdraws', () => {
  it('is written into the inbox of the contact in the same commit, with the rule as its source', async () => {
    const files = {
      ...CHAIN,
      'rules/first.yaml': `rule: first
category: promotional
start: { event: Cart }
steps:
  - unsubscribe: { category: promotional, channels: [email] }
`,
    };
    delete (files as { 'rules/second.yaml'?: string })['rules/second.yaml'];
    const { store } = await run(files, [record(0, START, CART)]);
    expect(store.consents).toMatchObject([
      { change: { category: 'promotional', channels: ['email'], rule: 'first', time: START } },
    ]);
  });
});
