import { Agenda, STATE_VERSION, type Rulesets } from '#core';
import type { PartitionFeed } from '../ports/event-stream.js';
import type { PartitionProgress } from '../ports/observer.js';
import type { PartitionPosition } from '../ports/partition-store.js';
import { Alarm } from './alarm.js';
import { BatchEvaluation } from './evaluate-batch.js';
import { findPublished } from './find-published.js';
import type { Watchers } from './watch-index.js';
import { HistoryFiller } from './history-filler.js';
import { JOB_PACE, type JobPace } from './job-pace.js';
import { JobWorker } from './job-worker.js';
import { FIRST_ID, OpenJobs, REMEMBERED_ITEMS } from './open-jobs.js';
import { OutboxSender } from './outbox-sender.js';
import type { PartitionOwnerDependencies } from './partition-owner-dependencies.js';
import { PoisonedRecordError } from './poisoned-record-error.js';
import { publishDeadLetters } from './publish-dead-letters.js';
import { customersAsked, RecordReader } from './read-record.js';
import { logTimeAfter, RecordIntake, standsAlone, type Entry, type Portion } from './record-intake.js';
import { reportCommit, sayWhatIsSuspended, type Evaluated } from './report-commit.js';
import { StateCache } from './state-cache.js';
import { faultOf } from './suspended-records.js';

/** Customers whose timers fire in one commit at most; a larger burst commits in chunks. */
const MAX_FIRING = 2048;
/** After so much the event loop gets its turn. */
const [TURN_ENTRIES, TURN_MS] = [256, 10];
const POISONED = -1;

/**
 * Owns one partition for one assignment:
 *
 *   take over (epoch + 1, waits for what is still open) → load timers → seek → [ take → load → evaluate → commit ]*
 *
 * It ends when the feed is no longer current (`closed`), when another owner's commit was noticed (`lost`) or by an
 * error, and keeps nothing: whoever takes over reads everything from the database.
 */
export class PartitionOwner {
  private readonly timers = new Agenda();
  private readonly place: ConstructorParameters<typeof RecordReader>[0];
  private readonly cache: StateCache;
  private readonly reader: RecordReader;
  private readonly intake: RecordIntake;
  private readonly outbox: OutboxSender;
  private readonly jobs = new OpenJobs();
  private readonly filler: HistoryFiller;
  private readonly worker: JobWorker;
  /** As they were published; `rulesets` says besides what is still being filled. */
  private inForce: Rulesets;
  private rulesets: Rulesets;
  private position!: PartitionPosition;
  private applied: number | null = null;
  private loadedUpTo = FIRST_ID;
  /** Event time of the event applied last, ms. */
  private latestEvent: number | null = null;
  /** Records of the intake that are committed. */
  private counted = 0;
  private stopping = false;
  private readonly alarm = new Alarm();

  constructor(
    private readonly feed: PartitionFeed,
    private readonly use: PartitionOwnerDependencies,
  ) {
    this.inForce = this.rulesets = use.rulesets;
    this.cache = new StateCache(use.cacheBytes);
    this.place = { stream: use.stream.name, partition: feed.partition, partitions: use.partitions };
    this.reader = new RecordReader(this.place, use.rulesets, use.clock);
    this.intake = new RecordIntake(feed, this.reader);
    this.outbox = new OutboxSender(feed.partition, use.store, use.stream, use.log, () => this.alarm.wake());
    this.filler = new HistoryFiller(this.place, use.store, use.history, this.pace);
    this.worker = new JobWorker(this.jobHost(), this.jobs, this.filler);
  }

  get partition(): number {
    return this.feed.partition;
  }

  get feedJoin(): number {
    return this.feed.join;
  }

  /** ms; Infinity when no timer is pending. */
  get nextTimer(): number {
    return Math.min(this.timers.earliest, this.worker.nextTurn(this.rulesets));
  }

  /** Offset up to which everything is committed; null before the take-over. */
  get appliedOffset(): number | null {
    return this.applied;
  }

  /** Host's clock at the latest proof that the group still counts this process in, ms. */
  get confirmedAt(): number {
    return this.feed.confirmedAt;
  }

  /** Where it stands; null before the take-over. */
  get progress(): PartitionProgress | null {
    if (this.applied === null) return null;
    const now = this.use.clock.now();
    const { logEnd } = this.feed;
    const lag = logEnd === null ? null : Math.max(0, logEnd - this.applied);
    const eventLagMs = lag === 0 ? 0 : this.latestEvent === null ? null : Math.max(0, now - this.latestEvent);
    return { delayMs: now - this.position.logTime, lag, eventLagMs };
  }

  /** How much of its timers is loaded, 0 to 1: their ids are evenly spread, and loaded in order. */
  get loaded(): number {
    return this.applied === null ? parseInt(this.loadedUpTo.slice(0, 8), 16) / 0x1_0000_0000 : 1;
  }

  get pendingTimers(): number {
    return this.timers.size;
  }

  /** Nothing is on its way but what the stream still holds. Before the take-over nobody knows. */
  get isSettled(): boolean {
    if (this.applied === null) return false;
    return this.worker.looksAgainMs(this.rulesets) === null && this.outbox.isIdle;
  }

  /** Delivery wrote rows into this partition's outbox, or they are to be tried again. */
  lookAtOutbox(): void {
    this.outbox.wake();
  }

  /** Finishes what was taken in and ends `run`. */
  stop(): void {
    this.stopping = true;
    this.intake.close();
    this.alarm.wake();
  }

  async run(): Promise<'closed' | 'lost'> {
    const { store, owner } = this.use;
    this.position = await store.takeOver(this.partition, owner);
    await this.goByPosition();
    await store.loadTimers(this.partition, (customerId, fireAt) => {
      this.timers.set(customerId, fireAt);
      this.loadedUpTo = customerId;
    });
    if (!this.going) return 'closed';
    await this.begin();
    this.applied = this.position.nextOffset;
    this.outbox.wake();
    while (this.going) if (!(await this.turn())) return 'lost';
    await this.outbox.settled();
    return 'closed';
  }

  /** What has come, then one commit of what concerns many, so that neither waits for the end of the other. */
  private async turn(): Promise<boolean> {
    const portion = this.intake.take();
    if (portion !== null && !(await this.process(portion))) return false;
    const worked = this.worker.hasWork ? await this.worker.work(this.rulesets) : 'waiting';
    if (worked === 'lost') return false;
    if (worked === 'done') this.rulesets = this.inForce;
    if (portion !== null || worked !== 'waiting') return true;
    if (this.outbox.hasAcknowledged)
      return this.commit(this.evaluation(), this.position.nextOffset, 0, { load: 0, evaluate: 0 });
    await this.alarm.sleep(this.worker.looksAgainMs(this.rulesets));
    return true;
  }

  private jobHost(): ConstructorParameters<typeof JobWorker>[0] {
    const { store, log, rulesetsAt } = this.use;
    return {
      pace: this.pace,
      partition: this.partition,
      store,
      log,
      rulesetsAt,
      position: () => this.position,
      commit: async (customerIds, evaluate) => {
        const { evaluation, phases } = await this.evaluateWith(customerIds, evaluate);
        return this.commit(evaluation, this.position.nextOffset, 0, phases);
      },
    };
  }

  private get pace(): JobPace {
    return this.use.jobPace ?? JOB_PACE;
  }

  private get going(): boolean {
    return this.feed.current && !(this.stopping && !this.intake.hasMore);
  }

  /** The ruleset that held where the partition stands: a later one holds from its own record on (engine.md, Publishing). */
  private async goByPosition(): Promise<void> {
    const { ruleset } = this.position;
    if (ruleset !== 0 && ruleset !== this.inForce.current.number) this.inForce = await this.use.rulesetsAt(ruleset);
    const { store } = this.use;
    this.jobs.begin(await store.openJobs(this.partition), await store.heardItems(this.partition, REMEMBERED_ITEMS));
    this.rulesets = await this.worker.begin(this.inForce);
    this.reader.goBy(this.rulesets);
  }

  private async begin(): Promise<void> {
    this.counted = 0;
    await this.intake.begin(this.position.nextOffset, () => this.alarm.wake());
  }

  private evaluation(): BatchEvaluation {
    const at = { ...this.position, ...this.place, stateVersion: this.use.stateVersion ?? STATE_VERSION };
    return new BatchEvaluation(this.rulesets, this.cache, this.timers, this.jobs, at);
  }

  private async process({ entries, nextOffset, count }: Portion): Promise<boolean> {
    for (let from = 0; from < entries.length || from === 0;) {
      const rest = from === 0 ? entries : entries.slice(from);
      const asks = rest[0]?.asks;
      if (asks?.kind === 'ruleset') return this.changeOver(rest[0]!, asks.number, nextOffset);
      if (asks?.kind === 'erase') return this.erase(rest[0]!, nextOffset);
      if (asks?.kind === 'start') return this.beginStarts(rest[0]!, asks.request, nextOffset);
      const applied = await this.applySome(rest, nextOffset, count);
      if (applied === 'lost') return false;
      // Begun again behind what is committed.
      if (applied === 'poisoned' || entries.length === 0 || !this.feed.current) return true;
      from += applied;
    }
    return true;
  }

  /**
   * A ruleset's record, which nothing follows in its portion: what it passes still fires by the ruleset before it, and
   * its commit says from which offset on the new one holds. What comes behind it is read anew with other eyes.
   */
  private async changeOver(entry: Entry, number: number, nextOffset: number): Promise<boolean> {
    const next = await findPublished(this.use.rulesetsAt, number);
    if (next === null) {
      this.reader.park(entry.offset);
      await this.begin();
      return true;
    }
    // What happened to things before it is judged by the rules before it.
    if (!(await this.worker.finishItems())) return false;
    const passed = await this.pass(entry);
    if (passed === null) return false;
    const { evaluation, phases } = passed;
    const job = await this.worker.jobFor(entry, evaluation.logTime, this.inForce, next);
    if (this.jobs.ruleset !== null) evaluation.moveJob(this.jobs.ruleset, null);
    if (job !== null) evaluation.openJob(job);
    this.rulesets = this.inForce = next;
    if (!(await this.commit(evaluation, nextOffset, 1, phases))) return false;
    this.rulesets = await this.worker.begin(next);
    this.reader.goBy(this.rulesets);
    this.use.log.info('another ruleset holds from here on', { partition: this.partition, ruleset: number });
    await this.begin();
    return true;
  }

  /** A request to start those already inside a rule, which nothing follows in its portion either. */
  private async beginStarts(entry: Entry, id: string, nextOffset: number): Promise<boolean> {
    const request = await this.use.store.startRequest(id);
    if (request === null) this.reader.park(entry.offset);
    else {
      const passed = await this.pass(entry);
      if (passed === null) return false;
      this.worker.openStarts(passed.evaluation, entry.offset, request);
      if (!(await this.commit(passed.evaluation, nextOffset, 1, passed.phases))) return false;
    }
    await this.begin();
    return true;
  }

  /**
   * In a commit of its own: what earlier ones have written of her goes, and nothing of what comes behind it. That is read
   * anew, since ids that were known to be hers are anybody's now.
   */
  private async erase(entry: Entry, nextOffset: number): Promise<boolean> {
    if (!(await this.fireBurst(logTimeAfter(this.position, [entry], 1), 0))) return false;
    const passed = await this.pass(entry);
    if (passed === null) return false;
    const records = entry.count - this.counted;
    if (!(await this.commit(passed.evaluation, nextOffset, records, passed.phases))) return false;
    this.reader.forgetPairs();
    if (this.jobs.ruleset !== null) this.filler.note([entry]);
    await this.begin();
    return true;
  }

  /** Fires what a record that is no customer's passes; null: the partition is lost. */
  private async pass(entry: Entry): Promise<Evaluated | null> {
    const logTime = logTimeAfter(this.position, [entry], 1);
    if (!(await this.fireBurst(logTime))) return null;
    const ids = [...this.timers.dueBefore(logTime, MAX_FIRING + 1), ...customersAsked(entry.asks)];
    return this.evaluateWith(ids, (evaluation) => evaluation.apply(entry, 0));
  }

  private async evaluateWith(
    customerIds: readonly string[],
    evaluate: (evaluation: BatchEvaluation) => void,
  ): Promise<Evaluated> {
    const started = performance.now();
    await this.load([], customerIds);
    const loaded = performance.now();
    const evaluation = this.evaluation();
    evaluate(evaluation);
    return { evaluation, phases: { load: loaded - started, evaluate: performance.now() - loaded } };
  }

  /** Applies a prefix of these entries in one commit (after commits of their own for a burst of timers): returns its length. */
  private async applySome(
    entries: readonly Entry[],
    nextOffset: number,
    count: number,
  ): Promise<number | 'poisoned' | 'lost'> {
    const started = performance.now();
    if (entries.length > 0 && !(await this.fireBurst(logTimeAfter(this.position, entries, 1)))) return 'lost';
    // Timers due later in this portion are few now, or it is cut where they become many.
    let length = entries.length;
    if (length > 1 && standsAlone(entries[length - 1]!)) length--;
    let due = this.timers.dueBefore(logTimeAfter(this.position, entries, length), MAX_FIRING + 1);
    while (due.length > MAX_FIRING && length > 1) {
      length = length >> 1;
      due = this.timers.dueBefore(logTimeAfter(this.position, entries, length), MAX_FIRING + 1);
    }
    const reached = await this.worker.watchersOf(length === entries.length ? entries : entries.slice(0, length));
    length = reached.length;
    await this.load(length === entries.length ? entries : entries.slice(0, length), [...due, ...reached.customerIds]);
    const loaded = performance.now();
    const evaluation = this.evaluation();
    length = await this.evaluate(evaluation, entries, length, reached.watchers);
    if (length === POISONED) {
      await this.begin();
      return 'poisoned';
    }
    const phases = { load: loaded - started, evaluate: performance.now() - loaded };
    const end = entries[length];
    const counted = end === undefined ? count : entries[length - 1]!.count;
    const records = counted - this.counted;
    const latest = entries.findLast(({ asks }, k) => k < length && asks.kind === 'event')?.asks;
    if (latest?.kind === 'event') this.latestEvent = latest.event.time;
    this.counted = counted;
    if (!(await this.commit(evaluation, end?.offset ?? nextOffset, records, phases))) return 'lost';
    this.reader.noteApplied(entries, length);
    if (this.jobs.ruleset !== null) this.filler.note(entries.slice(0, length));
    return length;
  }

  /**
   * Fires everything that the next record's append time passes, in commits of bounded size that do not move the offset.
   * @param left so many may be left to fire with the record
   */
  private async fireBurst(before: number, left = MAX_FIRING): Promise<boolean> {
    for (;;) {
      const due = this.timers.dueBefore(before, MAX_FIRING + 1);
      if (due.length <= left) return true;
      const chunk = due.slice(0, MAX_FIRING);
      const { evaluation, phases } = await this.evaluateWith(chunk, (draft) => draft.fireOnly(chunk, before));
      if (!(await this.commit(evaluation, this.position.nextOffset, 0, phases))) return false;
    }
  }

  private async load(entries: readonly Entry[], due: readonly string[]): Promise<void> {
    const ids = [...due];
    for (const { asks } of entries) ids.push(...customersAsked(asks));
    const { hits, misses } = await this.cache.fetch(ids, (missing) =>
      this.use.store.loadStates(this.partition, missing),
    );
    this.use.observer.cacheLookups(hits, misses);
  }

  /**
   * Returns how many of the first `length` entries were applied: fewer where too many timers would fire, of those too
   * that were armed on the way. POISONED: one could not be evaluated; when it is read again it is a dead letter.
   */
  private async evaluate(
    evaluation: BatchEvaluation,
    entries: readonly Entry[],
    length: number,
    watchers: ReadonlyMap<Entry, Watchers>,
  ): Promise<number> {
    try {
      let turn = performance.now();
      for (let k = 0; k < length; k++) {
        const entry = entries[k]!;
        if (k > 0 && entry.appendTime > evaluation.logTime && this.burstsAt(entry.appendTime, evaluation)) return k;
        evaluation.apply(entry, k, watchers.get(entry));
        if (k % TURN_ENTRIES === TURN_ENTRIES - 1 || (k % 16 === 15 && performance.now() - turn > TURN_MS)) {
          await new Promise((resolve) => setImmediate(resolve));
          turn = performance.now();
        }
      }
      return length;
    } catch (error) {
      evaluation.undo();
      if (!(error instanceof PoisonedRecordError)) throw error;
      const { offset, asks } = entries[error.index]!;
      this.use.log.error('a record could not be evaluated and was parked', {
        partition: this.partition,
        offset,
        fault: faultOf(error.cause),
      });
      this.reader.park(offset, customersAsked(asks));
      return POISONED;
    }
  }

  private burstsAt(logTime: number, { timersFired }: BatchEvaluation): boolean {
    const left = MAX_FIRING - timersFired;
    return this.timers.dueBefore(logTime, left + 1).length > left;
  }

  private async commit(
    evaluation: BatchEvaluation,
    nextOffset: number,
    records: number,
    phases: Evaluated['phases'],
  ): Promise<boolean> {
    const { store, observer } = this.use;
    const started = performance.now();
    const outboxSent = this.outbox.takeAcknowledged();
    const draft = evaluation.draft(nextOffset, this.rulesets.current.number);
    try {
      await publishDeadLetters(this.use.deadLetters, this.use.stream.name, this.partition, draft.deadLetters);
      const outcome = await store.commit(this.partition, { ...draft, from: this.position, outboxSent });
      if (outcome.kind === 'lost') {
        observer.fenceLost(this.partition);
        return false;
      }
      this.position = outcome.position;
      this.applied = outcome.position.nextOffset;
    } catch (error) {
      // The owner ends here; the rows stay and are sent again by whoever takes over.
      this.outbox.giveBack(outboxSent);
      throw error;
    }
    this.use.onCommitted?.();
    this.jobs.committed(draft);
    for (const write of draft.states) this.cache.set(write.customerId, write.state);
    this.cache.trim();
    if (draft.outbox.length > 0) this.outbox.wake();
    else this.outbox.resume();
    sayWhatIsSuspended(this.use.log, this.partition, evaluation.suspensions);
    reportCommit(observer, this.partition, {
      evaluation,
      deadLetters: draft.deadLetters,
      records,
      phases: { ...phases, commit: performance.now() - started },
      progress: this.progress!,
    });
    return true;
  }
}
