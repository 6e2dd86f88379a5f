import { STATE_VERSION, STATE_VERSION_BEFORE, type Rulesets } from '#core';
import {
  TriggerEngine,
  type AppendedAt,
  type AppendRequest,
  type Clock,
  type EngineObserver,
  type EventStream,
  type Log,
  type OwnershipListener,
  type PartitionStore,
} from '#engine';
import { ModelFeed } from './model-feed.js';
import type { ModelLog } from './model-log.js';
import type { ModelTables } from './model-tables.js';
import type { Operations } from './operations.js';
import type { VirtualTime } from './virtual-time.js';

const silent = new Proxy({}, { get: () => () => undefined }) as EngineObserver;

/** What a process has of the world. */
export interface Surroundings {
  readonly log: ModelLog;
  readonly tables: readonly ModelTables[];
  readonly operations: Operations;
  readonly time: VirtualTime;
  readonly options: { readonly jobChunk: number; readonly cacheBytes: number };
  readonly published: number;
  readonly deadLetters: Set<string>;
  rulesets(number: number): Rulesets;
  append(requests: readonly AppendRequest[]): readonly AppendedAt[];
  batchSize(): number;
  logOf(process: number): Log;
  tell(what: string): void;
  kill(process: ModelProcess): void;
}

/** A process that runs the real engine; all it has of the world is what its surroundings answer. */
export class ModelProcess {
  readonly feeds = new Map<number, ModelFeed>();
  /** What it lost without having heard of it yet. */
  readonly unheard = new Set<ModelFeed>();
  isAlive = true;
  isStopped = false;
  isMember = false;
  private lastMember = 0;
  private listener: OwnershipListener | null = null;
  readonly engine: TriggerEngine;

  constructor(
    readonly id: number,
    private readonly world: Surroundings,
    private readonly clockSkewMs: number,
  ) {
    this.engine = new TriggerEngine({
      store: this.store(),
      stream: this.stream(),
      deadLetters: this.deadLetters(),
      history: null,
      rulesets: world.rulesets(world.published),
      rulesetsAt: (number) => this.ask(`ruleset ${number}`, () => this.known(number)),
      clock: this.clock(),
      observer: silent,
      log: world.logOf(id),
      owner: `process ${id}`,
      cacheBytes: world.options.cacheBytes,
      // As while a new version is rolled out: every other process is of the one before.
      stateVersion: id % 2 === 0 ? STATE_VERSION : STATE_VERSION_BEFORE,
      jobPace: { chunk: world.options.jobChunk, events: 10, waitMs: 50 },
    });
  }

  start(): void {
    // Whoever started it starts another.
    this.engine.start().catch((error: unknown) => {
      this.world.tell(`${this.id} did not start: ${String(error)}`);
      this.world.kill(this);
    });
  }

  get isJoined(): boolean {
    return this.isAlive && this.listener !== null;
  }

  assign(partition: number, join: number): void {
    const feed = new ModelFeed(partition, join, {
      log: this.world.log,
      confirmedAt: () => (this.isMember ? this.world.time.now : this.lastMember),
      ask: (name, execute) => this.ask(name, execute),
      batchSize: () => this.world.batchSize(),
    });
    this.feeds.set(partition, feed);
    this.listener!.assigned(feed);
  }

  /** It hears that these are its own no longer. */
  hear(feed: ModelFeed): void {
    this.unheard.delete(feed);
    if (this.feeds.get(feed.partition) === feed) this.feeds.delete(feed.partition);
    feed.close();
    this.listener!.revoked(feed);
  }

  setMember(isMember: boolean): void {
    if (this.isMember && !isMember) this.lastMember = this.world.time.now;
    this.isMember = isMember;
  }

  private ask<T>(name: string, execute: () => T): Promise<T> {
    return this.world.operations.ask(this.id, name, execute);
  }

  private known(number: number): Rulesets {
    if (number > this.world.published) throw new RangeError(`ruleset ${number} was never published`);
    return this.world.rulesets(number);
  }

  private clock(): Clock {
    return { at: (ms) => ms, now: () => this.world.time.now + this.clockSkewMs };
  }

  private stream(): EventStream {
    const { log } = this.world;
    return {
      name: 'kairos.events',
      partitionCount: () => this.ask('partition count', () => log.count),
      append: (requests) => this.ask('append', () => this.world.append(requests)),
      own: async (listener) => {
        await this.ask('join', () => (this.listener = listener));
        return { leave: () => Promise.resolve() };
      },
      close: () => Promise.resolve(),
    };
  }

  private deadLetters(): EventStream {
    return {
      ...this.stream(),
      append: (requests) =>
        this.ask('append dead letters', () => {
          for (const { headers } of requests)
            this.world.deadLetters.add(`${headers!['partition']} ${headers!['offset']}`);
          return requests.map((_, offset) => ({ partition: 0, offset }));
        }),
    };
  }

  private store(): PartitionStore {
    const { tables } = this.world;
    const ask = <T>(name: string, partition: number, execute: (of: (typeof tables)[number]) => T) =>
      this.ask(`${name} ${partition}`, () => execute(tables[partition]!));
    return {
      takeOver: (p) => ask('take over', p, (of) => of.takeOver()),
      loadTimers: async (p, visit) => {
        const rows = await ask('timers', p, (of) =>
          [...of.states].map(([id, { nextFire }]) => [id, nextFire] as const),
        );
        for (const [id, nextFire] of rows) if (nextFire !== null) visit(id, nextFire);
      },
      loadStates: (p, ids) =>
        ask(
          'states',
          p,
          (of) => new Map(ids.flatMap((id) => (of.states.has(id) ? [[id, of.states.get(id)!.state]] : []))),
        ),
      commit: (p, commit) => ask('commit', p, (of) => of.commit(commit)),
      partitionsWithOutbox: (ps) => this.ask('outboxes', () => ps.filter((p) => tables[p]!.outbox.length > 0)),
      pendingOutbox: (p, limit) => ask('outbox', p, (of) => of.pendingOutbox(limit)),
      heardItems: (p, limit) => ask('heard', p, (of) => of.heardItems(limit)),
      openJobs: (p) => ask('jobs', p, (of) => of.openJobs()),
      watchers: (p, things, after, limit) => ask('watchers', p, (of) => of.watchers(things, after, limit)),
      customersAfter: (p, after, limit) => ask('customers', p, (of) => of.customersAfter(after, limit)),
      // Nobody asks to start those already inside a rule in this world.
      listed: () => Promise.resolve([]),
      startRequest: () => Promise.resolve(null),
    };
  }
}
