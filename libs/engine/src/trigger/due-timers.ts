import {
  customerIdOf,
  decodeState,
  encodeState,
  fireTimers,
  fireTimersApart,
  mayPass,
  nextFire,
  resumeTimer,
  ruleOfTimer,
  type Agenda,
  type CustomerState,
  type Effects,
  type EvaluateOptions,
  type Rulesets,
} from '#core';
import type { DeadLetter, OutboxRecord } from '../ports/partition-store.js';
import { clearEffects } from './collected-effects.js';
import type { InHand } from './identity-desk.js';
import { faultOf, forwardedSuspended, suspendedLetter, type Suspended, type Suspension } from './suspended-records.js';

/** What firing needs of the batch it happens in. */
interface TimerHost {
  readonly rulesets: Rulesets;
  readonly effects: Effects;
  readonly timers: Agenda;
  /** Of the record that is being applied. */
  readonly offset: () => number;
  /** As it was committed last; null: she has no row. Throws where it was not loaded. */
  readonly stored: (customerId: string) => Uint8Array | null;
  /** null: nobody knows of her. Throws what the core throws. */
  readonly touch: (customerId: string, customer: string | null) => InHand | null;
  readonly settle: (customerId: string, inHand: InHand) => void;
  readonly moveTimer: (customerId: string, fireAt: number) => void;
  /** Nobody is there: she was erased, and what says so may be due to go; or she has no row. */
  readonly forgetTombstone: (customerId: string, before: number) => void;
  /** Her state stays as it is stored, without a timer. */
  readonly giveUp: (customerId: string, bytes: Uint8Array | null) => void;
  /** false: it was parked in this batch already. */
  readonly park: (letter: DeadLetter) => boolean;
  readonly send: (record: OutboxRecord) => void;
}

/**
 * Fires the timers that the stream has passed. One that throws does not stop the partition (engine.md, Poison): the rule
 * to blame is suspended for that customer, in the transaction of the batch, and everything else goes on. Where none is to
 * blame, all that time brings about for her is, and she is held. Both are dead letters; a replay arms them again.
 */
export class DueTimers {
  /** Customers. */
  fired = 0;
  /** Timers. */
  readonly counts = { fired: 0, late: 0 };
  readonly suspensions: Suspension[] = [];

  private readonly options: EvaluateOptions = {
    onTimer: (late) => {
      if (late) this.counts.late++;
      else this.counts.fired++;
    },
  };

  constructor(private readonly host: TimerHost) {}

  /** One customer after the other in the order of their timers. */
  fireBefore(before: number): void {
    const { timers } = this.host;
    for (let customerId = timers.firstBefore(before); customerId !== null; customerId = timers.firstBefore(before))
      this.fire(customerId, before);
  }

  fire(customerId: string, before: number): void {
    const { rulesets, effects, forgetTombstone, settle } = this.host;
    const inHand = this.meet(customerId);
    if (inHand === null) return forgetTombstone(customerId, before);
    const bytes = this.bytesOf(customerId, inHand);
    try {
      if (fireTimers(rulesets, inHand.state, before, effects, this.options)) inHand.changed = true;
      mustHaveFired(inHand.state, before);
    } catch (error) {
      if (mayPass(error)) throw error;
      this.fireApart(customerId, inHand, bytes, before);
    }
    this.fired++;
    settle(customerId, inHand);
  }

  /** Fires one after the other; what throws is suspended. Throws where no rule is to blame. */
  takeApart(customerId: string, inHand: InHand, before: number): void {
    const { rulesets, effects } = this.host;
    const { state, changed, suspended } = fireTimersApart(rulesets, inHand.state, before, effects, this.options);
    inHand.state = state;
    if (changed) inHand.changed = true;
    for (const { timer, error } of suspended) this.suspend({ customerId, customer: state.id, timer }, error);
  }

  /** As `touch`, for what concerns many: it does not end at somebody whose state cannot be used. */
  meet(customerId: string, customer: string | null = null): InHand | null {
    const { effects, giveUp, moveTimer, stored, touch } = this.host;
    const bytes = stored(customerId);
    try {
      return touch(customerId, customer);
    } catch (error) {
      if (mayPass(error)) throw error;
      clearEffects(effects);
      giveUp(customerId, bytes);
      this.suspend({ customerId, customer: null, timer: null }, error);
      moveTimer(customerId, Infinity);
      return null;
    }
  }

  /** Her state as it is now, to come back to. */
  bytesOf(customerId: string, { state, changed }: InHand): Uint8Array {
    return (changed ? null : this.host.stored(customerId)) ?? encodeState(state);
  }

  /** Back to what she was, without a timer. */
  putAside(customerId: string, inHand: InHand, bytes: Uint8Array, error: unknown): void {
    if (mayPass(error)) throw error;
    clearEffects(this.host.effects);
    inHand.state = decodeState(bytes);
    inHand.changed = inHand.aside = true;
    this.suspend({ customerId, customer: inHand.state.id, timer: null }, error);
  }

  /** Somebody wants what was suspended to go on: it fires with the next record, as of when it was due. */
  resume({ customerId, timer }: Suspended, hops: number): void {
    const { send, settle, touch } = this.host;
    const inHand = touch(customerId, null);
    if (inHand === null) return;
    const { redirect } = inHand.state.identity;
    if (redirect !== null) {
      const hers: Suspended = { customerId: customerIdOf(redirect), customer: redirect, timer };
      return send(forwardedSuspended(hers, redirect, hops + 1));
    }
    if (timer !== null && resumeTimer(inHand.state, timer)) inHand.changed = true;
    settle(customerId, inHand);
  }

  private fireApart(customerId: string, inHand: InHand, bytes: Uint8Array, before: number): void {
    clearEffects(this.host.effects);
    try {
      inHand.state = decodeState(bytes);
      this.takeApart(customerId, inHand, before);
      mustHaveFired(inHand.state, before);
    } catch (error) {
      this.putAside(customerId, inHand, bytes, error);
    }
  }

  private suspend(suspended: Suspended, error: unknown): void {
    const offset = this.host.offset();
    if (!this.host.park(suspendedLetter(suspended, offset, error))) return;
    const rule = suspended.timer === null ? null : ruleOfTimer(suspended.timer);
    this.suspensions.push({ rule, offset, fault: faultOf(error) });
  }
}

function mustHaveFired(state: CustomerState, before: number): void {
  if (nextFire(state) < before) throw new Error('a timer did not move when it fired');
}
