import { Agenda, type Rulesets } from '#core';
import type { Clock } from '../ports/clock.js';
import type { EventStream, PartitionFeed } from '../ports/event-stream.js';
import type { EngineObserver, Log } from '../ports/observer.js';
import type { PartitionPosition, PartitionStore } from '../ports/partition-store.js';
import { BatchEvaluation, PoisonedRecordError } from './evaluate-batch.js';
import { OutboxSender } from './outbox-sender.js';
import { publishDeadLetters } from './publish-dead-letters.js';
import { RecordReader } from './read-record.js';
import { RecordIntake, type Entry, type Portion } from './record-intake.js';
import { StateCache } from './state-cache.js';

/** Customers whose timers fire in one commit at most; a larger burst commits in chunks. */
const MAX_FIRING = 2048;
/** Entries or milliseconds after which the event loop gets its turn. */
const TURN_ENTRIES = 256;
const TURN_MS = 10;
const POISONED = -1;

export interface PartitionOwnerDependencies {
  readonly store: PartitionStore;
  readonly stream: EventStream;
  /** Where parked records are published beside the table; null: nowhere. */
  readonly deadLetters: EventStream | null;
  /** Published last when this process began: for partitions that have run none yet. */
  readonly rulesets: Rulesets;
  /** Throws RangeError where this number was never published. */
  readonly rulesetsAt: (number: number) => Promise<Rulesets>;
  readonly clock: Clock;
  readonly observer: EngineObserver;
  readonly log: Log;
  /** A batch was committed: the partition goes on. */
  readonly onCommitted?: () => void;
  /** Names this process in `stream_partition.owner`. */
  readonly owner: string;
  readonly partitions: number;
  readonly cacheBytes: number;
}

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
  private readonly cache: StateCache;
  private readonly reader: RecordReader;
  private readonly intake: RecordIntake;
  private readonly outbox: OutboxSender;
  private rulesets: Rulesets;
  private position!: PartitionPosition;
  private applied: number | null = null;
  /** Records of the intake that are committed. */
  private counted = 0;
  private stopping = false;
  private wakeUp: () => void = () => undefined;
  private woken = false;

  constructor(
    private readonly feed: PartitionFeed,
    private readonly use: PartitionOwnerDependencies,
  ) {
    this.rulesets = use.rulesets;
    this.cache = new StateCache(use.cacheBytes);
    const place = { stream: use.stream.name, partition: feed.partition, partitions: use.partitions };
    this.reader = new RecordReader(place, use.rulesets, use.clock);
    this.intake = new RecordIntake(feed, this.reader);
    this.outbox = new OutboxSender(feed.partition, use.store, use.stream, use.log, () => this.wake());
  }

  get partition(): number {
    return this.feed.partition;
  }

  get feedJoin(): number {
    return this.feed.join;
  }

  /** ms; Infinity when no timer is pending. */
  get nextTimer(): number {
    return this.timers.earliest;
  }

  /** Offset up to which everything is committed; null before the take-over. */
  get appliedOffset(): number | null {
    return this.applied;
  }

  /** Host's clock at the latest proof that the group still counts this process in, ms. */
  get confirmedAt(): number {
    return this.feed.confirmedAt;
  }

  get pendingTimers(): number {
    return this.timers.size;
  }

  /** Delivery wrote rows into this partition's outbox, or they are to be tried again. */
  lookAtOutbox(): void {
    this.outbox.wake();
  }

  /** Finishes what was taken in and ends `run`. */
  stop(): void {
    this.stopping = true;
    this.intake.close();
    this.wake();
  }

  async run(): Promise<'closed' | 'lost'> {
    const { store, owner } = this.use;
    this.position = await store.takeOver(this.partition, owner);
    await this.goByPosition();
    await store.loadTimers(this.partition, (customerId, fireAt) => this.timers.set(customerId, fireAt));
    if (!this.going) return 'closed';
    await this.begin();
    this.applied = this.position.nextOffset;
    this.outbox.wake();
    while (this.going) {
      const portion = this.intake.take();
      if (portion !== null) {
        if (!(await this.process(portion))) return 'lost';
      } else if (this.outbox.hasAcknowledged) {
        if (!(await this.commit(this.evaluation(), this.position.nextOffset, 0, { load: 0, evaluate: 0 })))
          return 'lost';
      } else await this.sleep();
    }
    await this.outbox.settled();
    return 'closed';
  }

  private get going(): boolean {
    return this.feed.current && !(this.stopping && !this.intake.hasMore);
  }

  /** The ruleset that held where the partition stands: a later one holds from its own record on (engine.md, Publishing). */
  private async goByPosition(): Promise<void> {
    const { ruleset } = this.position;
    if (ruleset !== 0 && ruleset !== this.rulesets.current.number) this.rulesets = await this.use.rulesetsAt(ruleset);
    this.reader.goBy(this.rulesets);
  }

  private async begin(): Promise<void> {
    this.counted = 0;
    await this.intake.begin(this.position.nextOffset, () => this.wake());
  }

  private wake(): void {
    this.woken = true;
    this.wakeUp();
  }

  private async sleep(): Promise<void> {
    if (!this.woken) await new Promise<void>((resolve) => (this.wakeUp = resolve));
    this.woken = false;
  }

  private evaluation(): BatchEvaluation {
    const { logTime, firedThrough } = this.position;
    return new BatchEvaluation(this.rulesets, this.cache, this.timers, logTime, firedThrough);
  }

  private async process({ entries, nextOffset, count }: Portion): Promise<boolean> {
    for (let from = 0; from < entries.length || from === 0;) {
      const rest = from === 0 ? entries : entries.slice(from);
      const asks = rest[0]?.asks;
      if (asks?.kind === 'ruleset') return this.changeOver(rest[0]!, asks.number, nextOffset);
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
    const next = await this.published(number);
    if (next === null) {
      this.reader.park(entry.offset);
      await this.begin();
      return true;
    }
    if (!(await this.fireBurst(this.logTimeAfter([entry], 1)))) return false;
    const started = performance.now();
    await this.load([], this.timers.dueBefore(this.logTimeAfter([entry], 1), MAX_FIRING + 1));
    const loaded = performance.now();
    const evaluation = this.evaluation();
    evaluation.apply(entry, 0);
    this.rulesets = next;
    const phases = { load: loaded - started, evaluate: performance.now() - loaded };
    if (!(await this.commit(evaluation, nextOffset, 1, phases))) return false;
    this.reader.goBy(next);
    this.use.log.info('another ruleset holds from here on', { partition: this.partition, ruleset: number });
    await this.begin();
    return true;
  }

  /** null: nobody published it, and whoever wrote the record is not Kairos. */
  private async published(number: number): Promise<Rulesets | null> {
    try {
      return await this.use.rulesetsAt(number);
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  /** Applies a prefix of these entries in one commit (after commits of their own for a burst of timers): returns its length. */
  private async applySome(
    entries: readonly Entry[],
    nextOffset: number,
    count: number,
  ): Promise<number | 'poisoned' | 'lost'> {
    const started = performance.now();
    if (entries.length > 0 && !(await this.fireBurst(this.logTimeAfter(entries, 1)))) return 'lost';
    // Timers due later in this portion are few now, or it is cut where they become many.
    let length = entries.length;
    if (length > 1 && entries[length - 1]!.asks.kind === 'ruleset') length--;
    let due = this.timers.dueBefore(this.logTimeAfter(entries, length), MAX_FIRING + 1);
    while (due.length > MAX_FIRING && length > 1) {
      length = length >> 1;
      due = this.timers.dueBefore(this.logTimeAfter(entries, length), MAX_FIRING + 1);
    }
    await this.load(length === entries.length ? entries : entries.slice(0, length), due);
    const loaded = performance.now();
    const evaluation = this.evaluation();
    length = await this.evaluate(evaluation, entries, length);
    if (length === POISONED) {
      await this.begin();
      return 'poisoned';
    }
    const phases = { load: loaded - started, evaluate: performance.now() - loaded };
    const end = entries[length];
    const counted = end === undefined ? count : entries[length - 1]!.count;
    const records = counted - this.counted;
    this.counted = counted;
    return (await this.commit(evaluation, end?.offset ?? nextOffset, records, phases)) ? length : 'lost';
  }

  /** The log time when the first `length` of them are applied. */
  private logTimeAfter(entries: readonly Entry[], length: number): number {
    let { logTime } = this.position;
    for (let k = 0; k < length; k++) if (entries[k]!.appendTime > logTime) logTime = entries[k]!.appendTime;
    return logTime;
  }

  /** Fires everything that the next record's append time passes, in commits of bounded size that do not move the offset. */
  private async fireBurst(before: number): Promise<boolean> {
    for (;;) {
      const due = this.timers.dueBefore(before, MAX_FIRING + 1);
      if (due.length <= MAX_FIRING) return true;
      const started = performance.now();
      const chunk = due.slice(0, MAX_FIRING);
      await this.load([], chunk);
      const loaded = performance.now();
      const evaluation = this.evaluation();
      evaluation.fireOnly(chunk, before);
      const phases = { load: loaded - started, evaluate: performance.now() - loaded };
      if (!(await this.commit(evaluation, this.position.nextOffset, 0, phases))) return false;
    }
  }

  private async load(entries: readonly Entry[], due: readonly string[]): Promise<void> {
    const missing = new Set<string>();
    let hits = 0;
    const want = (customerId: string) => {
      if (this.cache.get(customerId) === undefined) missing.add(customerId);
      else hits++;
    };
    for (const { asks } of entries) if (asks.kind === 'event') want(asks.customerId);
    for (const customerId of due) want(customerId);
    this.use.observer.cacheLookups(hits, missing.size);
    if (missing.size === 0) return;
    const states = await this.use.store.loadStates(this.partition, [...missing]);
    for (const customerId of missing) this.cache.set(customerId, states.get(customerId) ?? null);
  }

  /**
   * Returns how many of the first `length` entries were applied: fewer where too many timers would fire, of those too
   * that were armed on the way. POISONED: one could not be evaluated; when it is read again it is a dead letter.
   */
  private async evaluate(evaluation: BatchEvaluation, entries: readonly Entry[], length: number): Promise<number> {
    try {
      let turn = performance.now();
      for (let k = 0; k < length; k++) {
        const entry = entries[k]!;
        if (k > 0 && entry.appendTime > evaluation.logTime && this.burstsAt(entry.appendTime, evaluation)) return k;
        evaluation.apply(entry, k);
        if (k % TURN_ENTRIES === TURN_ENTRIES - 1 || (k % 16 === 15 && performance.now() - turn > TURN_MS)) {
          await new Promise((resolve) => setImmediate(resolve));
          turn = performance.now();
        }
      }
      return length;
    } catch (error) {
      evaluation.undo();
      if (!(error instanceof PoisonedRecordError)) throw error;
      const { offset } = entries[error.index]!;
      this.use.log.error('a record could not be evaluated and was parked', {
        partition: this.partition,
        offset,
        error: error.message,
      });
      this.reader.park(offset);
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
    phases: { load: number; evaluate: number },
  ): Promise<boolean> {
    const { store, observer, clock } = this.use;
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
    for (const write of draft.states) this.cache.set(write.customerId, write.state);
    this.cache.trim();
    if (draft.outbox.length > 0) this.outbox.wake();
    else this.outbox.resume();
    observer.batchCommitted(this.partition, records, { ...phases, commit: performance.now() - started });
    observer.progress(this.partition, clock.now() - this.position.logTime, this.feed.lag);
    observer.timersFired(evaluation.timersFired);
    for (const [rule, count] of evaluation.started) observer.runsStarted(rule, count);
    for (const client of evaluation.forwardedFrom) observer.forwarded(client);
    for (const letter of draft.deadLetters) observer.deadLettered(letter.reason);
    return true;
  }
}
