import {
  applyEvent,
  decodeState,
  encodeState,
  fireTimers,
  isEmpty,
  newCustomerState,
  nextFire,
  type Agenda,
  type CustomerEvent,
  type CustomerState,
  type Effects,
  type Rulesets,
  noEffects,
} from '#core';
import type { DeadLetter, OutboxRecord, PartitionCommit, StateWrite } from '../ports/partition-store.js';
import { emittedRecord } from './emitted-record.js';
import type { Entry } from './record-intake.js';
import type { StateCache } from './state-cache.js';

/** The core threw on this record: the batch is evaluated again with it parked. */
export class PoisonedRecordError extends Error {
  readonly code = 'poison';

  constructor(
    readonly index: number,
    options: { cause: unknown },
  ) {
    super(options.cause instanceof Error ? options.cause.message : String(options.cause), options);
    this.name = 'PoisonedRecordError';
  }
}

interface Touched {
  readonly state: CustomerState;
  changed: boolean;
}

/**
 * Draft of one commit: states decoded on first touch, effects in log order. Nothing outside is changed but the timer
 * index, which `undo` sets back; the cache learns the new states only after the commit stands.
 */
export class BatchEvaluation {
  private readonly touched = new Map<string, Touched>();
  private readonly movedTimers = new Map<string, number>();
  private readonly effects: Effects = noEffects();
  private readonly planned: { customerId: string; message: Effects['planned'][number] }[] = [];
  private readonly cancelled: Effects['cancelled'][number][] = [];
  private readonly consents: PartitionCommit['consents'][number][] = [];
  private readonly traces: { customerId: string; trace: Effects['traces'][number] }[] = [];
  private readonly outbox: OutboxRecord[] = [];
  private readonly deadLetters: DeadLetter[] = [];
  timersFired = 0;
  /** Clients whose records lay in the wrong partition, once a record: for metrics. */
  readonly forwardedFrom: string[] = [];
  /** Runs started, by rule: for metrics. */
  readonly started = new Map<string, number>();

  constructor(
    private readonly rulesets: Rulesets,
    private readonly cache: StateCache,
    private readonly timers: Agenda,
    public logTime: number,
    public firedThrough: number,
  ) {}

  /** Fires what the stream has passed, one customer after the other in the order of their timers. */
  fireDue(before: number): void {
    for (
      let customerId = this.timers.firstBefore(before);
      customerId !== null;
      customerId = this.timers.firstBefore(before)
    ) {
      this.fireCustomer(customerId, before);
    }
    this.firedThrough = Math.max(this.firedThrough, before);
  }

  /** Part of a burst: these customers' timers only. Customers do not see each other, so their order is free. */
  fireOnly(customerIds: readonly string[], before: number): void {
    for (const customerId of customerIds) this.fireCustomer(customerId, before);
  }

  /** Applies one record whose append time moves the log on: timers that it passed first, then what it says. */
  apply({ appendTime, asks }: Entry, index: number): void {
    const logTime = Math.max(this.logTime, appendTime);
    this.fireDue(logTime);
    this.logTime = logTime;
    switch (asks.kind) {
      case 'nothing':
      case 'ruleset':
        return;
      case 'event':
        return this.applyEvent(asks.event, asks.customerId, index);
      case 'forward':
        this.outbox.push(asks.record);
        this.forwardedFrom.push(asks.client);
        return;
      case 'dead letter':
        this.deadLetters.push(asks.letter);
        return;
    }
  }

  /** What to write; `from` and the outbox' acknowledgements are the owner's. */
  draft(nextOffset: number, ruleset: number): Omit<PartitionCommit, 'from' | 'outboxSent'> {
    const { planned, cancelled, consents, traces, outbox, deadLetters, logTime, firedThrough } = this;
    return {
      nextOffset,
      logTime,
      firedThrough,
      ruleset,
      states: this.stateWrites(),
      planned,
      cancelled,
      consents,
      traces,
      outbox,
      deadLetters,
    };
  }

  /** The timer index as it was before: the commit did not stand. */
  undo(): void {
    for (const [customerId, fireAt] of this.movedTimers) this.timers.set(customerId, fireAt);
  }

  private applyEvent(event: CustomerEvent, customerId: string, index: number): void {
    const touched = this.touch(customerId, event.customer);
    if (touched === null) return;
    try {
      if (applyEvent(this.rulesets, touched.state, event, this.logTime, this.effects)) touched.changed = true;
    } catch (cause) {
      throw new PoisonedRecordError(index, { cause });
    }
    this.collect(customerId);
    this.rearm(customerId, touched);
  }

  private fireCustomer(customerId: string, before: number): void {
    const touched = this.touch(customerId, null);
    if (touched === null) {
      this.moveTimer(customerId, Infinity);
      return;
    }
    if (fireTimers(this.rulesets, touched.state, before, this.effects)) touched.changed = true;
    this.timersFired++;
    this.collect(customerId);
    this.rearm(customerId, touched);
    if (nextFire(touched.state) < before)
      throw new Error(`a timer of customer ${customerId} did not move when it fired`);
  }

  private touch(customerId: string, customer: string | null): Touched | null {
    let touched = this.touched.get(customerId);
    if (touched !== undefined) return touched;
    const bytes = this.cache.get(customerId);
    if (bytes === undefined) throw new Error(`the state of customer ${customerId} was not loaded`);
    if (bytes === null && customer === null) return null;
    touched = { state: bytes === null ? newCustomerState(customer!) : decodeState(bytes), changed: false };
    this.touched.set(customerId, touched);
    return touched;
  }

  private rearm(customerId: string, touched: Touched): void {
    this.moveTimer(customerId, nextFire(touched.state));
  }

  private moveTimer(customerId: string, fireAt: number): void {
    const before = this.timers.set(customerId, fireAt);
    if (!this.movedTimers.has(customerId)) this.movedTimers.set(customerId, before);
  }

  private collect(customerId: string): void {
    const { planned, cancelled, consents, withdrawals, emitted, traces } = this.effects;
    for (const message of planned) this.planned.push({ customerId, message });
    for (const cancellation of cancelled) this.cancelled.push(cancellation);
    for (const change of consents) this.consents.push({ customerId, change });
    for (const change of withdrawals) this.consents.push({ customerId, change });
    for (const event of emitted) this.outbox.push(emittedRecord(event));
    // Refusals and restarted waits are too many to keep: they are found again from history when somebody asks.
    for (const trace of traces)
      if (trace.kind !== 'not_started' && trace.kind !== 'wait_restarted') this.traces.push({ customerId, trace });
    for (const trace of traces)
      if (trace.kind === 'started') this.started.set(trace.rule, (this.started.get(trace.rule) ?? 0) + 1);
    planned.length = cancelled.length = consents.length = withdrawals.length = emitted.length = traces.length = 0;
  }

  private stateWrites(): StateWrite[] {
    const writes: StateWrite[] = [];
    for (const [customerId, { state, changed }] of this.touched) {
      if (!changed) continue;
      if (isEmpty(state)) writes.push({ customerId, nextFire: null, state: null });
      else {
        const fireAt = nextFire(state);
        writes.push({ customerId, nextFire: fireAt === Infinity ? null : fireAt, state: encodeState(state) });
      }
    }
    return writes;
  }
}
