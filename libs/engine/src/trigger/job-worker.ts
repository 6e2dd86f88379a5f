import {
  fillHistory,
  historyToFill,
  thingFingerprint,
  watchesAnew,
  isMetAnew,
  withWarming,
  type Rulesets,
} from '#core';
import type { PartitionJob, StartRequest } from '../ports/partition-store.js';
import type { BatchEvaluation } from './evaluate-batch.js';
import type { Watchers } from './watch-index.js';
import type { HistoryFiller } from './history-filler.js';
import type { JobHost } from './job-host.js';
import { FIRST_ID, type ItemJob, type OpenJobs, type RulesetJob } from './open-jobs.js';
import type { Entry } from './record-intake.js';
import { StartWorker } from './start-worker.js';

const MAX_THINGS = 256;

/** How many entries there are, and who is reached by the events about things among them. */
interface Reached {
  readonly length: number;
  readonly watchers: ReadonlyMap<Entry, Watchers>;
  readonly customerIds: readonly string[];
}

/**
 * Does what concerns many customers of a partition, so many a commit and beside the stream, whose carts do not wait for
 * it. The cursor moves with the states, so whoever takes the partition over goes on behind it.
 */
export class JobWorker {
  private warming: ReadonlySet<number> = new Set();
  private readonly starts: StartWorker;

  constructor(
    private readonly host: JobHost,
    private readonly jobs: OpenJobs,
    private readonly filler: HistoryFiller,
  ) {
    this.starts = new StartWorker(host, jobs);
  }

  /** The rulesets as rules may use them now. */
  async begin(rulesets: Rulesets): Promise<Rulesets> {
    this.warming = new Set();
    this.starts.begin();
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

  /** After how long there may be something to do without a word of the stream, real ms; null: never. */
  looksAgainMs(rulesets: Rulesets): number | null {
    const isLeft = this.jobs.all.length > this.jobs.starts.length || this.starts.isListing;
    return isLeft || this.nextTurn(rulesets) <= this.host.position().logTime ? this.host.pace.waitMs : null;
  }

  /** Log time at which somebody already inside a rule has her turn, ms; Infinity: nobody. */
  nextTurn(rulesets: Rulesets): number {
    return this.starts.nextTurn(rulesets);
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

  /** Whoever is to be started for an earlier request for the rule is among those of this one. */
  openStarts(evaluation: BatchEvaluation, offset: number, { id, rule, perHour, counted }: StartRequest): void {
    if (evaluation.hear(id)) return;
    for (const job of this.jobs.starts) if (job.task.rule === rule) evaluation.moveJob(job, null);
    const task = { kind: 'start', request: id, rule, perHour, counted, since: null, started: 0 } as const;
    evaluation.openJob({ offset, logTime: evaluation.logTime, cursor: FIRST_ID, task });
  }

  /** Who of the rows is to be reached by the events about things among these; fewer of them where that would be too many. */
  async watchersOf(entries: readonly Entry[]): Promise<Reached> {
    const watchers = new Map<Entry, Watchers>();
    const things = new Map<Entry, number>();
    for (const entry of entries)
      if (entry.asks.kind === 'item') things.set(entry, thingFingerprint(entry.asks.event.item));
    if (things.size === 0) return reachedBy(entries.length, watchers);
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
        return reachedBy(k, watchers);
      reached += customerIds.length;
      watchers.set(entry, { customerIds, areMore: later || customerIds.length === this.host.pace.chunk });
    }
    return reachedBy(entries.length, watchers);
  }

  /** One commit's worth. `waiting`: for the recorder of the history, or the stream's clock. */
  async work(rulesets: Rulesets): Promise<'worked' | 'done' | 'waiting' | 'lost'> {
    const { ruleset, items } = this.jobs;
    const [item] = items;
    if (item !== undefined && (ruleset === null || !ruleset.task.listsAnew || item.offset < ruleset.offset))
      return (await this.reach(item)) ? 'worked' : 'lost';
    const adopted = ruleset === null ? 'waiting' : await this.adopt(ruleset, rulesets);
    return adopted === 'waiting' ? this.starts.work(rulesets) : adopted;
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

function reachedBy(length: number, watchers: ReadonlyMap<Entry, Watchers>): Reached {
  return { length, watchers, customerIds: [...watchers.values()].flatMap(({ customerIds }) => customerIds) };
}
