import { Agenda, type Rulesets } from '#core';
import { StoreError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { AppendRequest, EventStream, PartitionFeed } from '../ports/event-stream.js';
import type { EngineObserver, Log } from '../ports/observer.js';
import type { DeadLetter, PartitionPosition, PartitionStore } from '../ports/partition-store.js';
import { BatchEvaluation, PoisonedRecordError } from './evaluate-batch.js';
import { OutboxSender } from './outbox-sender.js';
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
  readonly rulesets: Rulesets;
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
    return new BatchEvaluation(this.use.rulesets, this.cache, this.timers, logTime, firedThrough);
  }

  private async process({ entries, nextOffset, count }: Portion): Promise<boolean> {
    for (let from = 0; from < entries.length || from === 0;) {
      const rest = from === 0 ? entries : entries.slice(from);
      const applied = await this.applySome(rest, nextOffset, count);
      if (applied === 'lost') return false;
      // Begun again behind what is committed.
      if (applied === 'poisoned' || entries.length === 0 || !this.feed.current) return true;
      from += applied;
    }
    return true;
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
    const { store, observer, rulesets, clock } = this.use;
    const started = performance.now();
    const outboxSent = this.outbox.takeAcknowledged();
    const draft = evaluation.draft(nextOffset, rulesets.current.number);
    try {
      await this.publishDeadLetters(draft.deadLetters);
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

  /** Before the commit that steps over them: at least once, told apart by topic, partition and offset. */
  private async publishDeadLetters(letters: readonly DeadLetter[]): Promise<void> {
    const { deadLetters } = this.use;
    if (deadLetters === null || letters.length === 0) return;
    try {
      await deadLetters.append(letters.map((letter) => this.publication(letter)));
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      for (const letter of letters) await this.publishAlone(deadLetters, letter);
    }
  }

  /** What filled its own topic leaves no room for the reason: it is published without its text, which the table has. */
  private async publishAlone(deadLetters: EventStream, letter: DeadLetter): Promise<void> {
    try {
      await deadLetters.append([this.publication(letter)]);
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      await deadLetters.append([this.publication({ ...letter, key: null, value: null, headers: null })]);
    }
  }

  private publication({ offset, reason, detail, key, value, headers }: DeadLetter): AppendRequest {
    const { stream } = this.use;
    const origin = { topic: stream.name, partition: String(this.partition), offset: String(offset), reason, detail };
    return {
      key: key === null ? null : new TextDecoder().decode(key),
      partition: this.partition,
      value,
      headers: { ...headers, ...origin },
    };
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'record_too_large';
}
