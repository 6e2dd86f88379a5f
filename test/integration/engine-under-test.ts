import { compileRuleset, readWorkspace, rulesetsOf, STATE_VERSION, type Rulesets, type StateVersion } from '#core';
import {
  HistoryRecorder,
  TriggerEngine,
  type AppendRequest,
  type EngineObserver,
  type EventHistory,
  type PartitionStore,
} from '#engine';
import { PostgresEventHistory, PostgresPartitionStore, PostgresPool } from '#postgres';
import { EmbeddedEventStream, ensureEmbeddedLog } from '#streams';
import { randomName, waitUntil, type DatabaseForTests } from '#testkit';

const observer = new Proxy({}, { get: () => () => undefined }) as EngineObserver;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { at: (ms: number) => ms, now: () => Date.now() };

export type Files = { readonly [path: string]: string };

const SETTINGS =
  'time zone: Europe/Berlin\nlocale: en\ngrace: 0 seconds\nchannels: [email]\ncategories: { promotional: { consent: none } }\n';

/** With settings and a template `hello`. @throws Error where the workspace has errors */
export function compile(files: Files, number: number): Rulesets {
  const all: Files = {
    'kairos.yaml': SETTINGS,
    'templates/hello/email.hbs': 'hello',
    'templates/hello/subject.hbs': 'hello',
    ...files,
  };
  const { workspace, diagnostics } = readWorkspace(
    Object.entries(all).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
  );
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  return rulesetsOf(compileRuleset(workspace, number, {}));
}

/** Engines and recorders on one embedded log and one database: what they leave there is what counts. */
export class EngineUnderTest {
  readonly store: PostgresPartitionStore;
  readonly history: PostgresEventHistory;
  private readonly name = randomName('events');
  private readonly pool: PostgresPool;
  private readonly sending: EmbeddedEventStream;
  private readonly closing: (() => Promise<unknown>)[] = [];

  private constructor(
    private readonly database: DatabaseForTests,
    private readonly partitions: number,
    private readonly rulesets: readonly Rulesets[],
  ) {
    this.pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 6, log: () => undefined });
    this.closing.push(() => this.pool.end());
    this.store = new PostgresPartitionStore(this.pool, this.name);
    this.history = new PostgresEventHistory(this.pool, this.name);
    this.sending = this.stream('test');
  }

  /** @param rulesets by number, from 1 */
  static async open(
    database: DatabaseForTests,
    partitions: number,
    rulesets: readonly Rulesets[],
  ): Promise<EngineUnderTest> {
    const opened = new EngineUnderTest(database, partitions, rulesets);
    await ensureEmbeddedLog(database.url, opened.name, partitions);
    return opened;
  }

  private stream(group: string): EmbeddedEventStream {
    const { name, partitions, database } = this;
    const stream = new EmbeddedEventStream({
      name,
      group,
      partitions,
      connectionString: database.url,
      clock,
      log: silent,
    });
    this.closing.push(() => stream.close());
    return stream;
  }

  /** Stopped with the test, or by hand. */
  async engine({
    store = this.store,
    history = this.history,
    stateVersion = STATE_VERSION,
  }: {
    readonly store?: PartitionStore;
    readonly history?: EventHistory | null;
    readonly stateVersion?: StateVersion;
  } = {}): Promise<TriggerEngine> {
    const engine = new TriggerEngine({
      store,
      stream: this.stream('engine'),
      deadLetters: null,
      history,
      rulesets: this.rulesets[0]!,
      rulesetsAt: (number) => {
        const rulesets = this.rulesets[number - 1];
        return rulesets === undefined ? Promise.reject(new RangeError('never published')) : Promise.resolve(rulesets);
      },
      clock,
      observer,
      log: silent,
      owner: randomName('engine'),
      cacheBytes: 1_000_000,
      stateVersion,
    });
    await engine.start();
    this.closing.push(() => engine.stop());
    return engine;
  }

  async recorder(): Promise<HistoryRecorder> {
    const { history } = this;
    const recorder = new HistoryRecorder({ stream: this.stream('history'), history, log: silent, clock, keptDays: 90 });
    await recorder.start();
    this.closing.push(() => recorder.stop());
    return recorder;
  }

  async send(...requests: readonly AppendRequest[]): Promise<void> {
    await this.sending.append(requests);
  }

  /** From here on this ruleset holds, in every partition. */
  async publish(ruleset: number): Promise<void> {
    const value = Buffer.from(JSON.stringify({ ruleset }));
    const headers = { 'kairos-kind': 'ruleset' };
    await this.send(
      ...Array.from({ length: this.partitions }, (_, partition) => ({ key: null, partition, value, headers })),
    );
    await waitUntil(`ruleset ${ruleset} in every partition`, async () => {
      const { rows } = await this.query('select 1 from stream_partition where stream = $1 and ruleset = $2', [
        this.name,
        ruleset,
      ]);
      return rows.length === this.partitions;
    });
  }

  async openJobs(): Promise<number> {
    const { rows } = await this.query('select 1 from partition_job where stream = $1', [this.name]);
    return rows.length;
  }

  query(text: string, parameters: readonly (string | number)[] = []): Promise<{ rows: { [name: string]: unknown }[] }> {
    return this.pool.run({ text }, [...parameters]);
  }

  async close(): Promise<void> {
    while (this.closing.length > 0) await this.closing.pop()!();
  }
}

/** An event of a customer. */
export function sent(customer: string, event: string, properties: object = {}): AppendRequest {
  const call = { type: 'track', event, userId: customer, properties };
  return { key: customer, value: Buffer.from(JSON.stringify(call)) };
}

/** An event about a thing, as the collector writes it. */
export function ofThing(event: string, properties: object): AppendRequest {
  return { key: null, value: Buffer.from(JSON.stringify({ type: 'track', event, properties })) };
}
