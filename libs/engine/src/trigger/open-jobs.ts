import type { JobTask, PartitionCommit, PartitionJob } from '../ports/partition-store.js';

/** Before every customer. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';

type JobOf<K extends JobTask['kind']> = PartitionJob & { readonly task: Extract<JobTask, { readonly kind: K }> };
export type ItemJob = JobOf<'item'>;
export type RulesetJob = JobOf<'ruleset'>;

/** How many ids of events about things are remembered, so that a copy is a copy also to those who were not reached. */
export const REMEMBERED_ITEMS = 100_000;
const HOUR_MS = 3_600_000;
/** As long as a client's copies are told apart (events.md), and an hour, since forgetting goes by hours. */
const KEPT_HOURS = 25;

/** Jobs of one partition as its rows say, in their order. */
export class OpenJobs {
  private jobs: readonly PartitionJob[] = [];
  private heard = new Set<string>();
  /** Log hour in which the rows were last swept. */
  private forgotten = -Infinity;

  /** @param heard ids of events about things, the oldest first */
  begin(jobs: readonly PartitionJob[], heard: readonly string[]): void {
    this.jobs = jobs;
    this.heard = new Set(heard);
    this.forgotten = -Infinity;
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

  /** What is due to be forgotten with a commit that says that these were heard; once in an hour of the log. */
  forgetBefore(ids: readonly string[], logTime: number): number | null {
    const hour = Math.floor(logTime / HOUR_MS);
    return ids.length > 0 && hour > this.forgotten ? (hour - KEPT_HOURS) * HOUR_MS : null;
  }

  /** A commit stands. */
  committed({ jobs: { open, done }, heard, logTime }: Pick<PartitionCommit, 'jobs' | 'heard' | 'logTime'>): void {
    if (open.length > 0 || done.length > 0) {
      const byOffset = new Map(this.jobs.map((job) => [job.offset, job]));
      for (const job of open) byOffset.set(job.offset, job);
      for (const offset of done) byOffset.delete(offset);
      this.jobs = [...byOffset.values()].sort((a, b) => a.offset - b.offset);
    }
    for (const id of heard.ids) this.heard.add(id);
    if (heard.forgetBefore !== null) this.forgotten = Math.floor(logTime / HOUR_MS);
    if (this.heard.size > REMEMBERED_ITEMS) this.heard = new Set([...this.heard].slice(-REMEMBERED_ITEMS / 2));
  }
}

export function itemJobsOf(jobs: readonly PartitionJob[]): ItemJob[] {
  return jobs.filter((job): job is ItemJob => job.task.kind === 'item');
}
