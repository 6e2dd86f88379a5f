import { Agenda, type Rulesets } from '#core';
import { ClockAheadError, StoreError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { AppendRequest, EventStream, PartitionFeed, StreamBatch, StreamRecord } from '../ports/event-stream.js';
import type { EngineObserver, Log } from '../ports/observer.js';
import type { DeadLetter, PartitionPosition, PartitionStore } from '../ports/partition-store.js';
import { BatchEvaluation, PoisonedRecordError } from './evaluate-batch.js';
import { OutboxSender } from './outbox-sender.js';
import { RecordReader, type ReadRecord } from './read-record.js';
import { StateCache } from './state-cache.js';

/** Records of one commit at most. */
const MAX_RECORDS = 4096;
/** Customers whose timers fire in one commit at most; a larger burst commits in chunks. */
const MAX_FIRING = 2048;
/** Records or milliseconds after which the event loop gets its turn. */
const TURN_RECORDS = 256;
const TURN_MS = 10;

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
 *   take over (epoch + 1, waits for what is still open) → load timers → seek → [ poll → load → evaluate → commit ]*
 *
 * It ends when the feed is no longer current (`closed`), when another owner's commit was noticed (`lost`) or by an
 * error, and keeps nothing: whoever takes over reads everything from the database.
 */
export class PartitionOwner {
  private readonly timers = new Agenda();
  private readonly cache: StateCache;
  private readonly reader: RecordReader;
  private readonly outbox: OutboxSender;
  private readonly poisoned = new Set<number>();
  private position!: PartitionPosition;
  private applied: number | null = null;
  private stopping = false;
  private wakeUp: () => void = () => undefined;
  private woken = false;

  constructor(
    private readonly feed: PartitionFeed,
    private readonly use: PartitionOwnerDependencies,
  ) {
    this.cache = new StateCache(use.cacheBytes);
    this.reader = new RecordReader(use.stream.name, feed.partition, use.partitions);
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

  /** Finishes the batch in hand and ends `run`. */
  stop(): void {
    this.stopping = true;
    this.wake();
  }

  async run(): Promise<'closed' | 'lost'> {
    const { store, owner } = this.use;
    this.position = await store.takeOver(this.partition, owner);
    await store.loadTimers(this.partition, (customerId, fireAt) => this.timers.set(customerId, fireAt));
    if (!this.going) return 'closed';
    await this.feed.seek(this.position.nextOffset);
    this.applied = this.position.nextOffset;
    this.feed.onAvailable(() => this.wake());
    this.outbox.wake();
    while (this.going) {
      const batch = this.feed.poll();
      if (batch !== null) {
        if (!(await this.process(batch))) return 'lost';
      } else if (this.outbox.hasAcknowledged) {
        if (!(await this.commit(this.evaluation(), this.position.nextOffset, 0, { load: 0, evaluate: 0 })))
          return 'lost';
      } else await this.sleep();
    }
    await this.outbox.settled();
    return 'closed';
  }

  private get going(): boolean {
    return this.feed.current && !this.stopping;
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

  private async process(batch: StreamBatch): Promise<boolean> {
    for (let from = 0; from < batch.records.length || from === 0;) {
      const records = batch.records.slice(from, from + MAX_RECORDS);
      const applied = await this.processChunk(records, (count) =>
        from + count >= batch.records.length ? batch.nextOffset : batch.records[from + count]!.offset,
      );
      if (applied === 'lost') return false;
      from += applied;
      if (batch.records.length === 0) break;
      if (!this.going) return true;
    }
    return true;
  }

  /** Applies a prefix of these records in one commit (after commits of their own for a burst of timers). */
  private async processChunk(
    records: readonly StreamRecord[],
    offsetAfter: (count: number) => number,
  ): Promise<number | 'lost'> {
    const started = performance.now();
    const read = this.read(records);
    let logTime = this.position.logTime;
    for (let k = 0; k < read.length; k++) logTime = Math.max(logTime, records[k]!.appendTime);
    if (records.length > 0 && !(await this.fireBurst(Math.max(this.position.logTime, records[0]!.appendTime))))
      return 'lost';
    // Timers due later in this chunk are few now, or the chunk is cut where they become many.
    let count = read.length;
    let due = this.timers.dueBefore(logTime, MAX_FIRING + 1);
    if (due.length > MAX_FIRING) {
      count = 1;
      due = this.timers.dueBefore(Math.max(this.position.logTime, records[0]!.appendTime), MAX_FIRING + 1);
    }
    await this.load(read.slice(0, count), due);
    const loaded = performance.now();
    const evaluation = await this.evaluate(read.slice(0, count), records);
    const phases = { load: loaded - started, evaluate: performance.now() - loaded };
    return (await this.commit(evaluation, offsetAfter(count), count, phases)) ? count : 'lost';
  }

  private read(records: readonly StreamRecord[]): ReadRecord[] {
    const { rulesets, clock } = this.use;
    const now = clock.now();
    const read: ReadRecord[] = [];
    for (const record of records) {
      try {
        const result = this.reader.read(record, rulesets, now);
        read.push(this.poisoned.has(record.offset) ? this.poison(record) : result);
      } catch (error) {
        // What stands before a record from the future is applied; the record itself stops the partition.
        if (error instanceof ClockAheadError && read.length > 0) break;
        throw error;
      }
    }
    return read;
  }

  private poison(record: StreamRecord): ReadRecord {
    const { offset, key, value, headers } = record;
    return {
      kind: 'dead letter',
      letter: { offset, reason: 'poison', detail: 'a rule could not be evaluated on this event', key, value, headers },
    };
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

  private async load(read: readonly ReadRecord[], due: readonly string[]): Promise<void> {
    const missing = new Set<string>();
    let hits = 0;
    const want = (customerId: string) => {
      if (this.cache.get(customerId) === undefined) missing.add(customerId);
      else hits++;
    };
    for (const record of read) if (record.kind === 'event') want(record.customerId);
    for (const customerId of due) want(customerId);
    this.use.observer.cacheLookups(hits, missing.size);
    if (missing.size === 0) return;
    const states = await this.use.store.loadStates(this.partition, [...missing]);
    for (const customerId of missing) this.cache.set(customerId, states.get(customerId) ?? null);
  }

  private async evaluate(read: readonly ReadRecord[], records: readonly StreamRecord[]): Promise<BatchEvaluation> {
    const evaluation = this.evaluation();
    try {
      let turn = performance.now();
      for (let k = 0; k < read.length; k++) {
        evaluation.apply(read[k]!, records[k]!.appendTime, k);
        if (k % TURN_RECORDS === TURN_RECORDS - 1 || (k % 16 === 15 && performance.now() - turn > TURN_MS)) {
          await new Promise((resolve) => setImmediate(resolve));
          turn = performance.now();
        }
      }
      return evaluation;
    } catch (error) {
      evaluation.undo();
      if (!(error instanceof PoisonedRecordError)) throw error;
      this.use.log.error('a record could not be evaluated and was parked', {
        partition: this.partition,
        offset: records[error.index]!.offset,
        error: error.message,
      });
      this.poisoned.add(records[error.index]!.offset);
      return this.evaluate(
        read.map((record, k) => (k === error.index ? this.poison(records[k]!) : record)),
        records,
      );
    }
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
