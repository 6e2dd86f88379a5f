import { partitionFor, type Rulesets } from '#core';
import { HEADER_KIND, type AppendedAt, type AppendRequest, type Log } from '#engine';
import { ModelLog } from './model-log.js';
import { ModelProcess, type Surroundings } from './model-process.js';
import { ModelTables } from './model-tables.js';
import { Operations, type Treatment } from './operations.js';
import { type Random } from './random.js';
import type { Call } from './traffic.js';
import type { VirtualTime } from './virtual-time.js';

export interface WorldOptions {
  readonly partitions: number;
  /** Customers of one commit of a job. */
  readonly jobChunk: number;
  readonly cacheBytes: number;
  /** Records of one batch at most. */
  readonly batch: number;
  /** What is appended goes nowhere: the log is there already. */
  readonly isReplay?: boolean;
}

const encoder = new TextEncoder();

/** Log, tables, group and processes: everything outside the engine, and what may happen to it. */
export class World implements Surroundings {
  readonly log: ModelLog;
  readonly tables: readonly ModelTables[];
  readonly operations: Operations;
  readonly processes: ModelProcess[] = [];
  /** `partition offset`. */
  readonly deadLetters = new Set<string>();
  /** Number of the ruleset published last. */
  published = 1;
  readonly story: string[] = [];
  broken: string | null = null;
  private join = 0;

  constructor(
    readonly random: Random,
    readonly time: VirtualTime,
    readonly options: WorldOptions,
    private readonly versions: readonly Rulesets[],
    log?: ModelLog,
  ) {
    this.log = log ?? new ModelLog(options.partitions);
    this.tables = Array.from({ length: options.partitions }, () => new ModelTables());
    this.operations = new Operations(random);
  }

  rulesets(number: number): Rulesets {
    return this.versions[number - 1]!;
  }

  tell(what: string): void {
    this.story.push(`${this.time.now} ${what}`);
  }

  break(why: string): void {
    this.broken ??= why;
  }

  logOf(process: number): Log {
    const write = (message: string, fields?: object) =>
      this.tell(`${process} says: ${message} ${JSON.stringify(fields ?? {})}`);
    return { info: write, warn: write, error: write };
  }

  batchSize(): number {
    return 1 + this.random.below(this.options.batch);
  }

  append(requests: readonly AppendRequest[]): readonly AppendedAt[] {
    if (this.options.isReplay === true) return requests.map((_, offset) => ({ partition: 0, offset }));
    return this.log.append(requests, this.time.now, this.random.chance(0.1) ? 1 : 0);
  }

  /** A client writes; now and then into the wrong partition, as one whose hash is another does. */
  receive({ key, value, headers, misplaced }: Call): void {
    const home = key === null ? undefined : partitionFor(key, this.log.count);
    const partition = misplaced && home !== undefined ? (home + 1) % this.log.count : home;
    this.append([{ key, value: encoder.encode(value), headers, ...(partition === undefined ? {} : { partition }) }]);
  }

  publish(): void {
    if (this.published === this.versions.length) return;
    const number = ++this.published;
    this.tell(`ruleset ${number} is published`);
    const value = encoder.encode(JSON.stringify({ ruleset: number }));
    for (const [partition, table] of this.tables.entries())
      table.tell({
        recordId: `ruleset/${number}`,
        target: { partition },
        value,
        headers: { [HEADER_KIND]: 'ruleset' },
        hops: 0,
      });
  }

  startProcess(): void {
    const process = new ModelProcess(this.processes.length, this, this.random.pick([0, 0, -3_000, 3_000]));
    this.processes.push(process);
    this.tell(`${process.id} starts`);
    process.start();
  }

  kill(process: ModelProcess): void {
    this.tell(`${process.id} is killed`);
    process.isAlive = false;
    process.setMember(false);
    this.operations.kill(process.id);
    for (const feed of process.feeds.values()) feed.current = false;
  }

  stop(process: ModelProcess): void {
    this.tell(`${process.id} is stopped`);
    process.isStopped = true;
    this.operations.deaf.add(process.id);
  }

  wake(process: ModelProcess): void {
    this.tell(`${process.id} goes on`);
    process.isStopped = false;
    this.operations.deaf.delete(process.id);
  }

  get alive(): ModelProcess[] {
    return this.processes.filter(({ isAlive }) => isAlive);
  }

  /** The group distributes the partitions anew; who lost one hears of it sooner or later. */
  rebalance(members: readonly ModelProcess[]): void {
    if (members.length === 0) return;
    this.join++;
    for (const process of this.processes) process.setMember(members.includes(process));
    for (let partition = 0; partition < this.log.count; partition++) this.give(partition, members);
    this.tell(`the group is ${members.map(({ id }) => id).join(', ')}`);
  }

  private give(partition: number, members: readonly ModelProcess[]): void {
    const before = this.alive.find((process) => process.feeds.has(partition));
    const stays = before !== undefined && members.includes(before) && this.random.chance(0.7);
    const owner = stays ? before : this.random.pick(members);
    if (owner === before && this.random.chance(0.5)) return;
    if (before !== undefined) {
      const feed = before.feeds.get(partition)!;
      before.feeds.delete(partition);
      before.unheard.add(feed);
    }
    for (const feed of owner.unheard) if (feed.partition === partition) owner.hear(feed);
    owner.assign(partition, this.join);
  }

  /** One operation goes on, or something is fetched; false: there was nothing to do. */
  goOn(treatment: Treatment, canFetch = true): boolean {
    const fetch = canFetch && this.random.chance(0.4);
    if (fetch && this.fetchSome()) return true;
    const done = this.operations.step(treatment);
    if (done !== null) this.tell(done);
    return done !== null || (canFetch && this.fetchSome());
  }

  /** A feed that is behind gets some more, or all there is. */
  private fetchSome(): boolean {
    const behind = this.alive
      .filter(({ isStopped }) => !isStopped)
      .flatMap((process) => [...process.feeds.values(), ...process.unheard])
      .filter((feed) => feed.position !== null && feed.position < this.log.end(feed.partition));
    if (behind.length === 0) return false;
    const feed = this.random.pick(behind);
    const end = this.log.end(feed.partition);
    const through = this.random.chance(0.5) ? end : feed.position! + 1 + this.random.below(end - feed.position!);
    return feed.fetch(Math.min(end, through));
  }
}
