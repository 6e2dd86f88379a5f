import {
  findInside,
  isFilling,
  rememberStartAsked,
  startExisting,
  wasAsked,
  type CustomerState,
  type Effects,
  type Rulesets,
} from '#core';
import type { ListedCustomer, PartitionCommit } from '../ports/partition-store.js';
import type { StartJob } from './open-jobs.js';

/** Whether the rule of this job can be judged now; a rule that is gone can: nobody is inside. */
export function isReady({ task }: StartJob, { current }: Rulesets): boolean {
  const rule = current.rule(task.rule);
  return rule === undefined || !isFilling(rule, current.warming);
}

/**
 * What one commit does for those already inside a rule. Whoever is touched before the job has come to her is asked
 * first, as she is then: so nobody can tell when the job came by, and who comes inside later is not among them.
 */
export class ExistingStarts {
  private readonly added: ListedCustomer[] = [];
  private readonly removed: ListedCustomer[] = [];
  private readonly listing: readonly StartJob[];

  constructor(
    private readonly rulesets: Rulesets,
    jobs: readonly StartJob[],
  ) {
    this.listing = jobs.filter((job) => job.task.since === null && isReady(job, rulesets));
  }

  get listed(): PartitionCommit['listed'] {
    return { added: this.added, removed: this.removed };
  }

  /** Returns whether the state has changed. */
  ask(customerId: string, state: CustomerState, logTime: number): boolean {
    let changed = false;
    for (const { cursor, offset, task } of this.listing) {
      if (customerId <= cursor || wasAsked(state, task.request)) continue;
      const found = findInside(this.rulesets, state, task.rule, logTime);
      if (found.changed) changed = true;
      if (found.inside) this.added.push({ job: offset, customerId });
    }
    return changed;
  }

  /** A state is written: from now on she is not who she was when it was asked for. */
  remember(customerId: string, state: CustomerState, logTime: number): void {
    for (const { cursor, task } of this.listing)
      if (customerId > cursor) rememberStartAsked(state, task.request, logTime);
  }

  /** Returns whether a run began. Throws what the core throws. */
  start({ task }: StartJob, state: CustomerState, logTime: number, effects: Effects): boolean {
    return startExisting(this.rulesets, state, task.rule, logTime, effects) === 'started';
  }

  strike({ offset }: StartJob, customerId: string): void {
    this.removed.push({ job: offset, customerId });
  }
}
