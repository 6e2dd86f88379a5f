import {
  adoptRuleset,
  applyEvent,
  customerIdOf,
  decodeState,
  encodeState,
  isEmpty,
  isSwallowed,
  isTombstone,
  mayPass,
  newAfter,
  newCustomerState,
  newTombstone,
  nextFire,
  type Agenda,
  type CustomerState,
  noEffects,
  readableState,
  thingFingerprint,
  tombstoneAt,
  type Effects,
  type EvaluateOptions,
  type ItemEvent,
  type Rulesets,
} from '#core';
import type {
  ContactMerge,
  DeadLetter,
  ErasedCustomer,
  OutboxRecord,
  PartitionCommit,
  PartitionJob,
  PartitionPosition,
  StateWrite,
  WatchEntry,
} from '../ports/partition-store.js';
import { eraseLinked, type Erase } from './erase-record.js';
import { circleLetter, isGoingRound } from './identity-records.js';
import { clearEffects, CollectedEffects } from './collected-effects.js';
import { DueTimers } from './due-timers.js';
import { IdentityDesk, type IdentityHost, type InHand } from './identity-desk.js';
import type { AskingEvent } from './read-record.js';
import type { Entry } from './record-intake.js';
import { ItemDesk } from './item-desk.js';
import { ExistingStarts } from './existing-starts.js';
import { FIRST_ID, type ItemJob, type OpenJobs, type StartJob } from './open-jobs.js';
import { orPark, poisonLetter } from './poisoned-record-error.js';
import type { StateCache } from './state-cache.js';
import type { Suspension } from './suspended-records.js';
import { WatchIndex, type Watchers } from './watch-index.js';

const ALONE: EvaluateOptions = {};
const JOINED: EvaluateOptions = { joined: true };

/**
 * Draft of one commit: states decoded on first touch, effects in log order. Nothing outside is changed but the timer
 * index, which `undo` sets back; the cache learns the new states only after the commit stands.
 */
export class BatchEvaluation {
  private readonly touched = new Map<string, InHand>();
  private readonly movedTimers = new Map<string, number>();
  private readonly effects: Effects = noEffects();
  private readonly collected = new CollectedEffects(() => this.logTime);
  private readonly deadLetters: DeadLetter[] = [];
  private readonly watch: WatchIndex;
  private readonly staleWatch: WatchEntry[] = [];
  private readonly openJobs = new Map<number, PartitionJob>();
  private readonly doneJobs: number[] = [];
  private readonly items: ItemDesk;
  private readonly identities: IdentityDesk;
  private readonly contactMerges: ContactMerge[] = [];
  private readonly erased: ErasedCustomer[] = [];
  private offset: number;
  private readonly existing: ExistingStarts;
  /** Customers whose rows of `item_watch` are written whole. */
  private readonly adopted = new Set<string>();
  /** Events about things that were applied: each counts once. */
  private readonly heardOf = new Set<string>();
  /** Customers whose states cannot even be read, as they are stored. */
  private readonly unreadable = new Map<string, Uint8Array>();
  private readonly due: DueTimers;
  logTime: number;
  firedThrough: number;
  /** Clients whose records lay in the wrong partition, once a record: for metrics. */
  readonly forwardedFrom: string[] = [];

  constructor(
    private readonly rulesets: Rulesets,
    private readonly cache: StateCache,
    private readonly timers: Agenda,
    private readonly jobs: OpenJobs,
    private readonly from: Pick<PartitionPosition, 'logTime' | 'firedThrough' | 'nextOffset'> &
      Pick<IdentityHost, 'partition' | 'partitions' | 'stateVersion'>,
  ) {
    this.logTime = from.logTime;
    this.firedThrough = from.firedThrough;
    this.offset = from.nextOffset;
    this.watch = new WatchIndex(rulesets);
    const host = {
      rulesets,
      effects: this.effects,
      logTime: () => this.logTime,
      settle: (customerId: string, touched: InHand) => this.settle(customerId, touched),
      send: (record: OutboxRecord) => this.sendOn(record),
    };
    this.items = new ItemDesk(
      {
        ...host,
        takeApart: (customerId, inHand, before) => this.due.takeApart(customerId, inHand, before),
        park: (job, error) => this.park(job, job.task.event, error),
      },
      jobs.items,
    );
    this.identities = new IdentityDesk({
      ...host,
      partition: from.partition,
      partitions: from.partitions,
      stateVersion: from.stateVersion,
      touch: (customerId, customer) => this.touch(customerId, customer)!,
      mergeContacts: (from, to, time) =>
        this.contactMerges.push({ from: customerIdOf(from), to: customerIdOf(to), customer: to, time }),
    });
    this.due = new DueTimers({
      ...host,
      timers,
      offset: () => this.offset,
      stored: (customerId) => this.storedBytes(customerId),
      touch: (customerId, customer) => this.touch(customerId, customer),
      moveTimer: (customerId, fireAt) => this.moveTimer(customerId, fireAt),
      forgetTombstone: (customerId, before) => this.forgetTombstone(customerId, before),
      giveUp: (customerId, bytes) => this.giveUp(customerId, bytes),
      park: (letter) => this.parkOnce(letter),
    });
    this.existing = new ExistingStarts(rulesets, jobs.starts);
  }

  /** Part of a burst: these customers' timers only, in any order: customers do not see each other. */
  fireOnly(customerIds: readonly string[], before: number): void {
    for (const customerId of customerIds) this.due.fire(customerId, before);
  }

  /** Applies one record whose append time moves the log on: timers that it passed first, then what it says. */
  apply({ appendTime, asks, offset }: Entry, index: number, watchers?: Watchers): void {
    const logTime = Math.max(this.logTime, appendTime);
    this.offset = offset;
    this.due.fireBefore(logTime);
    this.firedThrough = Math.max(this.firedThrough, logTime);
    this.logTime = logTime;
    switch (asks.kind) {
      case 'nothing':
      case 'ruleset':
      case 'start':
        return;
      case 'event':
        return orPark(index, () => this.applyEvent(asks));
      case 'link':
        return orPark(index, () => this.identities.answer(asks.link));
      case 'handover':
        return orPark(index, () => this.identities.receive(asks.handover));
      case 'erase':
        return this.erase(asks.erase, asks.customerId);
      case 'timer':
        return orPark(index, () => this.due.resume(asks.suspended, asks.hops));
      case 'item':
        return this.applyItem(asks.event, offset, watchers);
      case 'broadcast':
        this.collected.outbox.push(...asks.records);
        return;
      case 'forward':
        this.collected.outbox.push(asks.record);
        this.forwardedFrom.push(asks.client);
        return;
      case 'dead letter':
        this.deadLetters.push(asks.letter);
        return;
    }
  }

  get timersFired(): number {
    return this.due.fired;
  }

  get timerCounts(): DueTimers['counts'] {
    return this.due.counts;
  }

  /** Runs that were ended while they waited. */
  get cancelledWaits(): number {
    return this.collected.cancelledWaits;
  }

  /** Rules that could not go on for a customer: for the log and metrics. */
  get suspensions(): readonly Suspension[] {
    return this.due.suspensions;
  }

  /** Runs started, by rule: for metrics. */
  get started(): ReadonlyMap<string, number> {
    return this.collected.started;
  }

  /** What to write; `from` and the outbox' acknowledgements are the owner's. */
  draft(nextOffset: number, ruleset: number): Omit<PartitionCommit, 'from' | 'outboxSent'> {
    const { deadLetters, logTime, firedThrough } = this;
    const { planned, cancelled, consents, traces, outbox } = this.collected;
    const jobs = { open: [...this.openJobs.values()], done: this.doneJobs };
    const ids = [...this.heardOf];
    const heard = { ids, forgetBefore: this.jobs.forgetBefore(ids, logTime) };
    return {
      nextOffset,
      logTime,
      firedThrough,
      ruleset,
      ...this.writes(),
      planned,
      cancelled,
      consents,
      traces,
      contactMerges: this.contactMerges,
      erased: this.erased,
      outbox,
      deadLetters,
      heard,
      listed: this.existing.listed,
      jobs,
    };
  }

  /** The timer index as it was before: the commit did not stand. */
  undo(): void {
    for (const [customerId, fireAt] of this.movedTimers) this.timers.set(customerId, fireAt);
  }

  private applyEvent({ event, customerId, onlyIds, origin }: AskingEvent): void {
    const touched = this.touch(customerId, event.customer)!;
    if (isSwallowed(touched.state, event.time, origin.append)) return;
    const { redirect } = touched.state.identity;
    if (redirect !== null) return this.identities.redirect(event, redirect, origin);
    const joined = event.other !== undefined && this.identities.meet(touched, event, event.other);
    const changed =
      onlyIds && !joined
        ? false
        : applyEvent(this.rulesets, touched.state, event, this.logTime, this.effects, joined ? JOINED : ALONE);
    if (changed) touched.changed = true;
    this.settle(customerId, touched);
  }

  /**
   * All that the state knows goes, and with it everything that hangs on her: the ids that were joined to her, and the
   * customer whose id this turned out to be. A copy of the record finds that it was done.
   */
  private erase(erase: Erase, customerId: string): void {
    // One that no version can read goes, too.
    const state = readableState(this.cache.get(customerId) ?? null);
    const erased = state?.identity.erased ?? null;
    if (erased !== null && erased >= erase.at) return;
    const until = Math.max(erase.at, this.logTime);
    if (state !== null) this.watch.begin(customerId, state);
    const touched = { state: newTombstone(until), changed: true };
    this.touched.set(customerId, touched);
    this.settle(customerId, touched);
    this.erased.push({ customerId, customer: erase.id, until });
    for (const record of state === null ? [] : eraseLinked(erase, state)) this.sendOn(record);
  }

  private sendOn(record: OutboxRecord): void {
    if (isGoingRound(record)) this.deadLetters.push(circleLetter(record, this.offset));
    else this.collected.outbox.push(record);
  }

  /**
   * Whoever watches the thing where the record stands: of those in the rows at most one commit's worth. What is left of
   * them have their turn in a job, or with the first thing that happens to them, whichever comes first: so nobody can
   * tell when the job came by.
   */
  private applyItem(event: ItemEvent, offset: number, watchers: Watchers | undefined): void {
    if (this.hear(event.id)) return;
    const reached = new Set([...(watchers?.customerIds ?? []), ...this.watch.of(thingFingerprint(event.item))]);
    const job: ItemJob = { offset, logTime: this.logTime, cursor: FIRST_ID, task: { kind: 'item', event } };
    for (const customerId of [...reached].sort()) this.applyItemTo(customerId, job);
    if (watchers?.areMore === true) this.openJob({ ...job, cursor: watchers.customerIds.at(-1) ?? FIRST_ID });
  }

  private applyItemTo(customerId: string, job: ItemJob): void {
    const touched = this.due.meet(customerId);
    if (touched === null) return;
    this.items.apply(touched, job);
    this.settle(customerId, touched);
  }

  openJob(job: PartitionJob): void {
    this.openJobs.set(job.offset, job);
    this.items.open(job);
  }

  /** A job's next customers: touched, they meet all that is open for them. Rows that say more than is true are dropped. */
  reach(job: ItemJob, { customerIds, areMore }: Watchers): void {
    const thing = thingFingerprint(job.task.event.item);
    for (const customerId of customerIds) {
      this.settle(customerId, this.due.meet(customerId));
      const isReadable = !this.unreadable.has(customerId);
      if (isReadable && !this.watch.watches(customerId, thing)) this.staleWatch.push({ thing, customerId });
    }
    this.moveJob(job, areMore ? customerIds.at(-1)! : null);
  }

  /** The ruleset in force meets a customer, also one to whom nothing has happened since it came. */
  adopt(customerId: string, customer: string | null, fill: (state: CustomerState) => boolean): void {
    // Who was erased begins anew with what she does, not with what the history still has of her.
    const touched = this.due.meet(customerId, this.storedBytes(customerId) === null ? customer : null);
    if (touched === null) return;
    const before = this.due.bytesOf(customerId, touched);
    try {
      if (fill(touched.state)) touched.changed = true;
      if (adoptRuleset(this.rulesets, touched.state, this.logTime)) touched.changed = true;
      this.adopted.add(customerId);
    } catch (error) {
      this.due.putAside(customerId, touched, before, error);
    }
    this.settle(customerId, touched);
  }

  /** Writes down who of these is to be started; touched, they were asked. */
  list(customerIds: readonly string[]): void {
    for (const customerId of customerIds) this.settle(customerId, this.due.meet(customerId));
  }

  /** Starts these, who were written down; returns for how many a run began. */
  start(job: StartJob, customerIds: readonly string[]): number {
    let started = 0;
    for (const customerId of customerIds) {
      const touched = this.due.meet(customerId);
      if (touched !== null && this.tryStart(job, touched)) started++;
      this.settle(customerId, touched);
      this.existing.strike(job, customerId);
    }
    return started;
  }

  private tryStart(job: StartJob, touched: InHand): boolean {
    const before = encodeState(touched.state);
    try {
      touched.changed = true;
      return this.existing.start(job, touched.state, this.logTime, this.effects);
    } catch (error) {
      if (mayPass(error)) throw error;
      clearEffects(this.effects);
      touched.state = decodeState(before);
      this.park(job, { start: job.task.request }, error);
      return false;
    }
  }

  private settle(customerId: string, touched: InHand | null): void {
    if (touched === null) return;
    this.collected.take(customerId, this.effects);
    this.rearm(customerId, touched);
  }

  /** It was asked for: a copy of the record opens nothing. Returns whether it is one. */
  hear(id: string): boolean {
    const isCopy = this.heardOf.has(id) || this.jobs.hasHeardOf(id);
    this.heardOf.add(id);
    return isCopy;
  }

  /** @param cursor null: it is done */
  moveJob(job: PartitionJob, cursor: string | null, task: PartitionJob['task'] = job.task): void {
    if (cursor === null) this.doneJobs.push(job.offset);
    else this.openJobs.set(job.offset, { ...job, cursor, task });
  }

  /** It is time to forget that she was erased; without a row there is nothing to fire. */
  private forgetTombstone(customerId: string, before: number): void {
    const touched = this.touched.get(customerId);
    if (touched === undefined) return void this.moveTimer(customerId, Infinity);
    const left = tombstoneAt(touched.state, before);
    if (left !== touched.state) touched.changed = true;
    touched.state = left;
    this.rearm(customerId, touched);
  }

  private giveUp(customerId: string, bytes: Uint8Array | null): void {
    this.touched.delete(customerId);
    if (bytes !== null) this.unreadable.set(customerId, bytes);
  }

  private storedBytes(customerId: string): Uint8Array | null {
    const bytes = this.cache.get(customerId);
    if (bytes === undefined) throw new Error(`the state of customer ${customerId} was not loaded`);
    return bytes;
  }

  private touch(customerId: string, customer: string | null): InHand | null {
    let touched = this.touched.get(customerId);
    if (touched !== undefined) {
      touched.aside = false;
      return this.revived(touched, customer);
    }
    const bytes = this.storedBytes(customerId);
    if (bytes === null && customer === null) return null;
    touched = { state: bytes === null ? newCustomerState(customer!) : decodeState(bytes), changed: false };
    this.touched.set(customerId, touched);
    this.watch.begin(customerId, touched.state);
    if (bytes === null) return touched;
    if (isTombstone(touched.state)) return this.revived(touched, customer);
    this.items.catchUp(customerId, touched, bytes);
    if (this.existing.ask(customerId, touched.state, this.logTime)) touched.changed = true;
    // It has happened, whatever becomes of what touches her now.
    this.collected.take(customerId, this.effects);
    return touched;
  }

  /** Nothing concerns a customer who was erased; who comes under her id begins anew. */
  private revived(touched: InHand, customer: string | null): InHand | null {
    if (isTombstone(touched.state) && customer !== null) touched.state = newAfter(touched.state, customer);
    return isTombstone(touched.state) ? null : touched;
  }

  private park({ offset }: PartitionJob, json: object, error: unknown): void {
    this.parkOnce(poisonLetter(offset, json, error));
  }

  private parkOnce(letter: DeadLetter): boolean {
    const { offset, reason, about } = letter;
    const isIt = (other: DeadLetter): boolean =>
      other.offset === offset && other.reason === reason && other.about === about;
    if (this.deadLetters.some(isIt)) return false;
    this.deadLetters.push(letter);
    return true;
  }

  private rearm(customerId: string, touched: InHand): void {
    const fireAt = touched.aside === true ? Infinity : nextFire(touched.state);
    // Of one who was put aside the row says that no timer is armed.
    if (this.moveTimer(customerId, fireAt) !== fireAt && touched.aside !== true) touched.changed = true;
    this.watch.update(customerId, touched.state);
  }

  private moveTimer(customerId: string, fireAt: number): number {
    const before = this.timers.set(customerId, fireAt);
    if (!this.movedTimers.has(customerId)) this.movedTimers.set(customerId, before);
    return before;
  }

  private writes(): Pick<PartitionCommit, 'states' | 'watch'> {
    const states: StateWrite[] = [];
    const [added, removed]: [WatchEntry[], WatchEntry[]] = [[], [...this.staleWatch]];
    for (const [customerId, touched] of this.touched) {
      const anew = this.adopted.has(customerId);
      if (!touched.changed && !anew) continue;
      const changes = this.watch.changes(customerId, anew);
      added.push(...changes.added);
      removed.push(...changes.removed);
      if (touched.changed) states.push(this.stateWrite(customerId, touched));
    }
    for (const [customerId, state] of this.unreadable)
      if (!this.touched.has(customerId)) states.push({ customerId, nextFire: null, state });
    return { states, watch: { added, removed } };
  }

  private stateWrite(customerId: string, { state, aside = false }: InHand): StateWrite {
    if (isEmpty(state)) return { customerId, nextFire: null, state: null };
    if (!isTombstone(state)) {
      this.items.remember(customerId, state);
      this.existing.remember(customerId, state, this.logTime);
    }
    const fireAt = aside ? Infinity : nextFire(state);
    const encoded = encodeState(state, this.from.stateVersion);
    return { customerId, nextFire: fireAt === Infinity ? null : fireAt, state: encoded };
  }
}
