import {
  applyItemEvent,
  decodeState,
  encodeState,
  mayPass,
  nextFire,
  rememberItemEvent,
  type CustomerState,
  type Effects,
  type Rulesets,
} from '#core';
import { clearEffects } from './collected-effects.js';
import type { InHand } from './identity-desk.js';
import { itemJobsOf, type ItemJob } from './open-jobs.js';
import type { PartitionJob } from '../ports/partition-store.js';

/** What events about things need of the batch they are met in. */
interface ItemHost {
  readonly rulesets: Rulesets;
  readonly effects: Effects;
  /** Where the log stands, ms. */
  readonly logTime: () => number;
  /** Fires what `before` has passed, one timer after the other. */
  readonly takeApart: (customerId: string, inHand: InHand, before: number) => void;
  /** It cannot be evaluated for somebody: a dead letter, once. */
  readonly park: (job: ItemJob, error: unknown) => void;
}

/** Events about things that are still on their way to customers, each met by her where it stood in the log. */
export class ItemDesk {
  private readonly jobs: ItemJob[];

  constructor(
    private readonly host: ItemHost,
    open: readonly ItemJob[],
  ) {
    this.jobs = [...open];
  }

  open(job: PartitionJob): void {
    this.jobs.push(...itemJobsOf([job]));
  }

  /** What cannot be evaluated is parked, and has not happened to her. */
  apply(inHand: InHand, job: ItemJob): void {
    const { rulesets, effects, logTime, park } = this.host;
    const before = encodeState(inHand.state);
    try {
      if (applyItemEvent(rulesets, inHand.state, job.task.event, logTime(), effects)) inHand.changed = true;
    } catch (error) {
      if (mayPass(error)) throw error;
      clearEffects(effects);
      inHand.state = decodeState(before);
      this.forget(inHand, job);
      park(job, error);
    }
  }

  /**
   * Events about things that were on their way to her come before whatever touches her, each where it stood in the log,
   * and the timers that they have armed and the log has passed since.
   * @param bytes her state as it was stored
   */
  catchUp(customerId: string, inHand: InHand, bytes: Uint8Array, poisonous: readonly ItemJob[] = []): void {
    const jobs = this.jobs.filter(({ cursor }) => customerId > cursor);
    let latest: ItemJob | undefined;
    try {
      for (latest of jobs)
        if (poisonous.includes(latest)) this.forget(inHand, latest);
        else this.meet(customerId, inHand, latest);
      if (jobs.length > 0) this.firePassed(customerId, inHand, this.host.logTime());
    } catch (error) {
      if (latest === undefined || poisonous.includes(latest) || mayPass(error)) throw error;
      // It is that event that cannot be evaluated, and not what touches her now: all others go on.
      clearEffects(this.host.effects);
      inHand.state = decodeState(bytes);
      inHand.changed = false;
      this.host.park(latest, error);
      this.catchUp(customerId, inHand, bytes, [...poisonous, latest]);
    }
  }

  /** From now on she is not what she was when these were sent: they are not applied to her a second time. */
  remember(customerId: string, state: CustomerState): void {
    for (const { cursor, task } of this.jobs)
      if (customerId > cursor) rememberItemEvent(state, task.event, this.host.logTime());
  }

  private meet(customerId: string, inHand: InHand, { logTime, task }: ItemJob): void {
    const { rulesets, effects } = this.host;
    this.firePassed(customerId, inHand, logTime);
    if (applyItemEvent(rulesets, inHand.state, task.event, logTime, effects)) inHand.changed = true;
  }

  private firePassed(customerId: string, inHand: InHand, before: number): void {
    if (inHand.changed && nextFire(inHand.state) < before) this.host.takeApart(customerId, inHand, before);
  }

  private forget(inHand: InHand, { task }: ItemJob): void {
    rememberItemEvent(inHand.state, task.event, this.host.logTime());
    inHand.changed = true;
  }
}
