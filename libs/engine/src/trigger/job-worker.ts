import {
  fillHistory,
  historyToFill,
  thingFingerprint,
  watchesAnew,
  isMetAnew,
  withWarming,
  type Rulesets,
} from '#core';
import type { PartitionJob, PartitionPosition, PartitionStore } from '../ports/partition-store.js';
import type { Log } from '../ports/observer.js';
import type { BatchEvaluation } from './evaluate-batch.js';
import type { Watchers } from './watch-index.js';
import type { HistoryFiller } from './history-filler.js';
import type { JobPace } from './job-pace.js';
import { FIRST_ID, type ItemJob, type OpenJobs, type RulesetJob } from './open-jobs.js';
import type { Entry } from './record-intake.js';

const MAX_THINGS = 256;

/** What the owner of the partition does for its jobs, always behind its fence. */
export interface JobHost {
  readonly partition: number;
  readonly store: PartitionStore;
  readonly log: Log;
  readonly pace: JobPace;
  readonly position: () => PartitionPosition;
  readonly rulesetsAt: (number: number) => Promise<Rulesets>;
  /** Loads these customers, has them evaluated and commits; false: the partition is lost. */
  readonly commit: (
    customerIds: readonly string[],
    evaluate: (evaluation: BatchEvaluation) => void,
  ) => Promise<boolean>;
}

/**
 * Does what concerns many customers of a partition, so many a commit and beside the stream, whose carts do not wait for
 * it. The cursor moves with the states, so whoever takes the partition over goes on behind it.
 */
export class JobWorker {
  private warming: ReadonlySet<number> = new Set();

  constructor(
    private readonly host: JobHost,
    private readonly jobs: OpenJobs,
    private readonly filler: HistoryFiller,
  ) {}

  /** The rulesets as rules may use them now. */
  async begin(rulesets: Rulesets): Promise<Rulesets> {
    this.warming = new Set();
    this.filler.begin(this.host.position().nextOffset);
    const job = this.jobs.ruleset;
    if (job === null || !this.filler.hasHistory) return rulesets;
    const before = await this.host.rulesetsAt(job.task.from);
    this.warming = historyToFill(before.current, rulesets.current);
    return this.warming.size === 0 ? rulesets : withWarming(rulesets, this.warming);
  }

  get hasWork(): boolean {
    return this.jobs.first !== null;
  }

  /** What is to be done where `next` takes the place of `current`; null: customers meet it when they do something. */
  async jobFor(entry: Entry, logTime: number, current: Rulesets, next: Rulesets): Promise<RulesetJob | null> {
    const open = this.jobs.ruleset?.task ?? null;
    const from = open?.from ?? current.current.number;
    const before = open === null ? current : await this.host.rulesetsAt(from);
    if (open === null && !isMetAnew(before.current, next.current)) return null;
    const listsAnew = (open?.listsAnew ?? false) || watchesAnew(before.current, next.current);
    return { offset: entry.offset, logTime, cursor: FIRST_ID, task: { kind: 'ruleset', from, listsAnew } };
  }

  /** Who of the rows is to be reached by the events about things among these; fewer of them where that would be too many. */
  async watchersOf(entries: readonly Entry[]): Promise<{ length: number; watchers: ReadonlyMap<Entry, Watchers> }> {
    const watchers = new Map<Entry, Watchers>();
    const things = new Map<Entry, number>();
    for (const entry of entries)
      if (entry.asks.kind === 'item') things.set(entry, thingFingerprint(entry.asks.event.item));
    if (things.size === 0) return { length: entries.length, watchers };
    // Not all rows are there: a job finds who watches when they are.
    const later = this.jobs.ruleset?.task.listsAnew ?? false;
    const asked = later ? [] : [...new Set(things.values())].slice(0, MAX_THINGS);
    const rows = await this.host.store.watchers(this.host.partition, asked, FIRST_ID, this.host.pace.chunk);
    let reached = 0;
    for (const [k, entry] of entries.entries()) {
      const thing = things.get(entry);
      if (thing === undefined) continue;
      const customerIds = later ? [] : rows.get(thing);
      if (customerIds === undefined || (reached > 0 && reached + customerIds.length > this.host.pace.chunk))
        return { length: k, watchers };
      reached += customerIds.length;
      watchers.set(entry, { customerIds, areMore: later || customerIds.length === this.host.pace.chunk });
    }
    return { length: entries.length, watchers };
  }

  /** One commit's worth. `waiting`: for the recorder of the history. */
  async work(rulesets: Rulesets): Promise<'worked' | 'done' | 'waiting' | 'lost'> {
    const { ruleset, items } = this.jobs;
    const [item] = items;
    if (item !== undefined && (ruleset === null || !ruleset.task.listsAnew || item.offset < ruleset.offset))
      return (await this.reach(item)) ? 'worked' : 'lost';
    return ruleset === null ? 'worked' : this.adopt(ruleset, rulesets);
  }

  /** Everything about things that lies before the place where the stream stands; false: the partition is lost. */
  async finishItems(): Promise<boolean> {
    for (let [job] = this.jobs.items; job !== undefined; [job] = this.jobs.items)
      if (!(await this.reach(job))) return false;
    return true;
  }

  private async reach(job: ItemJob): Promise<boolean> {
    const thing = thingFingerprint(job.task.event.item);
    const rows = await this.host.store.watchers(this.host.partition, [thing], job.cursor, this.host.pace.chunk);
    const customerIds = rows.get(thing) ?? [];
    return this.host.commit(customerIds, (evaluation) =>
      evaluation.reach(job, { customerIds, areMore: customerIds.length === this.host.pace.chunk }),
    );
  }

  private async adopt(job: RulesetJob, rulesets: Rulesets): Promise<'worked' | 'done' | 'waiting' | 'lost'> {
    const { nextOffset } = this.host.position();
    const fingerprints = this.warming;
    const replays = fingerprints.size > 0;
    const chunk = await this.filler.next({ cursor: job.cursor, replays, nextOffset, rulesets });
    if (chunk === null) return 'waiting';
    const ids = chunk.customers.map(({ customerId }) => customerId);
    const stands = await this.host.commit(ids, (evaluation) => {
      const { logTime } = evaluation;
      for (const { customerId, customer, replayed } of chunk.customers)
        evaluation.adopt(customerId, customer, (state) =>
          replayed === null ? false : fillHistory(rulesets, state, replayed, { fingerprints, logTime }),
        );
      evaluation.moveJob(job, chunk.cursor);
    });
    if (!stands) return 'lost';
    if (chunk.cursor !== null) return 'worked';
    this.warming = new Set();
    this.sayDone(job, replays);
    return 'done';
  }

  private sayDone(job: PartitionJob, replays: boolean): void {
    const { partition, log } = this.host;
    log.info(replays ? 'what is counted anew was filled from the history' : 'all customers have met the ruleset', {
      partition,
      since: job.offset,
    });
  }
}
