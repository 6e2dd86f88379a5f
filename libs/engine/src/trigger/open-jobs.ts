import type { JobTask, PartitionCommit, PartitionJob } from '../ports/partition-store.js';

/** Before every customer. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';

type JobOf<K extends JobTask['kind']> = PartitionJob & { readonly task: Extract<JobTask, { readonly kind: K }> };
export type ItemJob = JobOf<'item'>;
export type RulesetJob = JobOf<'ruleset'>;

/** How many ids of events about things are remembered, so that a copy is a copy also to those who were not reached. */
const REMEMBERED = 100_000;

/** Jobs of one partition as its rows say, in their order. */
export class OpenJobs {
  private jobs: readonly PartitionJob[] = [];
  private heard = new Set<string>();

  begin(jobs: readonly PartitionJob[]): void {
    this.jobs = jobs;
  }

  get all(): readonly PartitionJob[] {
    return this.jobs;
  }

  get first(): PartitionJob | null {
    return this.jobs[0] ?? null;
  }

  get items(): readonly ItemJob[] {
    return itemJobsOf(this.jobs);
  }

  /** At most one: a later ruleset takes the job of an earlier one over. */
  get ruleset(): RulesetJob | null {
    return this.jobs.find((job): job is RulesetJob => job.task.kind === 'ruleset') ?? null;
  }

  hasHeardOf(eventId: string): boolean {
    return this.heard.has(eventId);
  }

  /** A commit stands. */
  committed({ open, done }: PartitionCommit['jobs'], heardOf: ReadonlySet<string>): void {
    if (open.length > 0 || done.length > 0) {
      const byOffset = new Map(this.jobs.map((job) => [job.offset, job]));
      for (const job of open) byOffset.set(job.offset, job);
      for (const offset of done) byOffset.delete(offset);
      this.jobs = [...byOffset.values()].sort((a, b) => a.offset - b.offset);
    }
    for (const id of heardOf) this.heard.add(id);
    if (this.heard.size > REMEMBERED) this.heard = new Set([...this.heard].slice(-REMEMBERED / 2));
  }
}

export function itemJobsOf(jobs: readonly PartitionJob[]): ItemJob[] {
  return jobs.filter((job): job is ItemJob => job.task.kind === 'item');
}
