import {
  compileRuleset,
  customerIdOf,
  decodeState,
  formatInstant,
  newCustomerState,
  partitionFor,
  readWorkspace,
  rulesetsOf,
  type CustomerState,
} from '#core';
import { HEADER_KIND, type AppendRequest, type StreamRecord } from '../../ports/event-stream.js';
import type { EngineObserver } from '../../ports/observer.js';
import { PartitionOwner } from '../partition-owner.js';
import { KIND_TICK } from '../record-headers.js';
import { ModelFeed, ModelStream } from './model-stream.js';
import { ModelStore, type CommitFault } from './model-store.js';

export const START = Date.UTC(2026, 2, 2, 9);
export const MINUTE = 60_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const FILES = {
  'kairos.yaml':
    'time zone: Europe/Berlin\nlocale: en\nchannels: [email]\ncategories: { promotional: { consent: none } }\n',
  'rules/cart.yaml':
    'rule: cart\ncategory: promotional\nstart: { event: Cart, key: event.cart }\nsteps: [{ wait: 30 minutes }, { send: hello }]\ngoal: { event: Order }\n',
  'rules/paid.yaml':
    'rule: paid\ncategory: promotional\nstart: { event: Cart }\nsteps:\n  - wait: { for: { event: Order }, up to: 30 minutes }\n    on timeout: [{ send: hello }]\n',
  'templates/hello/email.hbs': 'hello',
  'templates/hello/subject.hbs': 'hello',
};
const { workspace } = readWorkspace(Object.entries(FILES).map(([path, text]) => ({ path, bytes: bytes(text) })));
const rulesets = rulesetsOf(compileRuleset(workspace!, 1, {}));
const observer = Object.fromEntries(
  [
    'batchCommitted',
    'progress',
    'cacheLookups',
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

/** At home in two partitions of two, in this order of their internal ids where it matters. */
export const [ANN, PHONE, BOB] = ['ann', 'phone', 'bob'].map((name) => idAt(name, name === 'phone' ? 1 : 0)) as [
  string,
  string,
  string,
];

export function idAt(name: string, partition: number): string {
  for (let n = 0; ; n++) if (partitionFor(`${name}-${n}`, 2) === partition) return `${name}-${n}`;
}

/** Both partitions' logs and tables; owners come and go as the test says, each with what was committed before. */
export class TwoPartitions {
  readonly logs: StreamRecord[][] = [[], []];
  readonly stores = [new ModelStore(), new ModelStore()];
  now = START;
  #count = 0;

  append({ key, partition, value, headers }: AppendRequest): void {
    const home = partition ?? partitionFor(key!, 2);
    const record = { offset: this.logs[home]!.length, appendTime: this.now, key: bytes(key ?? ''), value };
    this.logs[home]!.push({ ...record, headers: headers ?? null });
  }

  /** A call of a shop's, as it comes into the stream now. */
  say(ids: { userId?: string; anonymousId?: string; previousId?: string }, event?: string, type = 'track'): void {
    const call = {
      type: event === undefined && type === 'track' ? 'identify' : type,
      event,
      ...ids,
      messageId: `m${++this.#count}`,
      timestamp: formatInstant(this.now),
      properties: { cart: 'c1' },
    };
    this.append({ key: ids.userId ?? ids.anonymousId!, value: bytes(JSON.stringify(call)) });
  }

  /** The clock passes so many minutes; each partition hears of it. */
  pass(minutes: number): void {
    this.now += minutes * MINUTE;
    for (const partition of [0, 1])
      this.append({ key: null, partition, value: null, headers: { [HEADER_KIND]: KIND_TICK } });
  }

  /** An owner takes a partition over and goes on for at most so many records; false: there was nothing to do. */
  async own(partition: number, records: number, faults: CommitFault[] = []): Promise<boolean> {
    const store = this.stores[partition]!;
    const all = this.logs[partition]!;
    const from = store.position.nextOffset;
    if (from >= all.length && store.outbox.length === 0) return false;
    store.faults = faults;
    let ended = false;
    // What the stream has taken from the outbox is deleted by a commit more.
    const stopWhenSettled = (): void => {
      if (owner.isSettled && store.outbox.length === 0) owner.stop();
      else if (!ended) setImmediate(stopWhenSettled);
    };
    const feed = new ModelFeed(all.slice(0, from + records), [], stopWhenSettled);
    Object.defineProperty(feed, 'partition', { value: partition });
    const stream = Object.assign(new ModelStream(), {
      append: (requests: readonly AppendRequest[]) => this.#take(requests),
    });
    const owner = new PartitionOwner(feed, {
      store,
      stream,
      rulesets,
      partitions: 2,
      owner: 'test',
      clock: { now: () => this.now, at: (time: number) => time },
      cacheBytes: 1 << 20,
      observer,
      log,
      deadLetters: null,
      history: null,
      rulesetsAt: () => Promise.resolve(rulesets),
    });
    await owner.run().catch(() => undefined);
    ended = true;
    store.faults = [];
    return true;
  }

  async settle(): Promise<void> {
    for (let busy = true; busy;) {
      busy = false;
      for (const partition of [0, 1]) if (await this.own(partition, 1000)) busy = true;
    }
  }

  state(id: string): CustomerState {
    const stored = this.stores[partitionFor(id, 2)]!.states.get(customerIdOf(id));
    return stored === undefined ? newCustomerState(id) : decodeState(stored.state);
  }

  /** Messages that nothing took back. */
  get reminders(): number {
    const planned = this.stores.flatMap((store) => [...store.plannedFor.keys()]);
    const withdrawn = this.stores.flatMap((store) => store.cancelled).map((text) => text.split(' ')[1]!);
    return new Set(planned.filter((id) => !withdrawn.includes(id))).size;
  }

  copyAll(kind: string): void {
    for (const records of this.logs.map((each) => [...each]))
      for (const record of records)
        if (record.headers?.[HEADER_KIND] === kind)
          this.append({ key: new TextDecoder().decode(record.key), value: record.value, headers: record.headers });
  }

  #take(requests: readonly AppendRequest[]) {
    for (const request of requests) this.append(request);
    return Promise.resolve(requests.map((_, offset) => ({ partition: 0, offset })));
  }
}
