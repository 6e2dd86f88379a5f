import type { Rulesets } from '#core';
import type { StartTask } from '../ports/partition-store.js';
import { isReady } from './existing-starts.js';
import type { JobHost } from './job-host.js';
import { FIRST_ID, type OpenJobs, type StartJob } from './open-jobs.js';
import { turnMs, turnOf } from './start-schedule.js';

/** A turn that is so much late was held up by an outage: nothing is made up for, the turns after it move with it. */
const HELD_UP_MS = 60_000;

/**
 * Starts those already inside a rule: writes down who they are, so many a commit, and starts each when the stream's
 * clock has come to her turn. What was done moves with the states, so whoever takes the partition over goes on with the
 * next one.
 */
export class StartWorker {
  /** Next of each job, by its offset; absent: not looked up yet. */
  private readonly ahead = new Map<number, readonly string[]>();

  constructor(
    private readonly host: JobHost,
    private readonly jobs: OpenJobs,
  ) {}

  begin(): void {
    this.ahead.clear();
  }

  get isListing(): boolean {
    return this.jobs.starts.some(({ task }) => task.since === null);
  }

  /** Log time at which there is something to do, ms; Infinity: nothing that time brings. */
  nextTurn(rulesets: Rulesets): number {
    let next = Infinity;
    for (const job of this.jobs.starts)
      if (job.task.since !== null && isReady(job, rulesets)) next = Math.min(next, this.dueOf(job.task, 0));
    return next;
  }

  /** One commit's worth. `waiting`: for the stream's clock, or for what a rule leans on to be filled. */
  async work(rulesets: Rulesets): Promise<'worked' | 'waiting' | 'lost'> {
    for (const job of this.jobs.starts) {
      if (!isReady(job, rulesets)) continue;
      const done = job.task.since === null ? await this.list(job) : await this.startSome(job);
      if (done !== 'waiting') return done;
    }
    return 'waiting';
  }

  private async list(job: StartJob): Promise<'worked' | 'lost'> {
    const { store, partition, pace, log } = this.host;
    const ids = await store.customersAfter(partition, job.cursor, pace.chunk);
    const areMore = ids.length === pace.chunk;
    const stands = await this.host.commit(ids, (evaluation) => {
      evaluation.list(ids);
      if (areMore) evaluation.moveJob(job, ids.at(-1)!);
      else evaluation.moveJob(job, FIRST_ID, { ...job.task, since: evaluation.logTime });
    });
    if (!areMore && stands) log.info('those already inside a rule are known', { partition, rule: job.task.rule });
    return stands ? 'worked' : 'lost';
  }

  private async startSome(job: StartJob): Promise<'worked' | 'waiting' | 'lost'> {
    const { store, partition, pace, position } = this.host;
    const ahead = this.ahead.get(job.offset) ?? (await store.listed(partition, job.offset, pace.chunk));
    this.ahead.set(job.offset, ahead);
    if (ahead.length === 0) return this.end(job);
    const { logTime } = position();
    const late = logTime - this.dueOf(job.task, 0);
    if (late < 0) return 'waiting';
    // The first turn after an outage is that of its partition: not all of them at once.
    if (late > HELD_UP_MS) return this.move(job, late + partition * turnMs(job.task.perHour));
    let count = 1;
    while (count < ahead.length && this.dueOf(job.task, count) <= logTime) count++;
    return this.startThese(job, ahead.slice(0, count), ahead.slice(count));
  }

  private async startThese(
    job: StartJob,
    now: readonly string[],
    later: readonly string[],
  ): Promise<'worked' | 'lost'> {
    const stands = await this.host.commit(now, (evaluation) => {
      const started = job.task.started + evaluation.start(job, now);
      evaluation.moveJob(job, FIRST_ID, { ...job.task, started });
    });
    if (later.length > 0) this.ahead.set(job.offset, later);
    else this.ahead.delete(job.offset);
    return stands ? 'worked' : 'lost';
  }

  private async move(job: StartJob, byMs: number): Promise<'worked' | 'lost'> {
    const since = job.task.since! + byMs;
    const stands = await this.host.commit([], (evaluation) =>
      evaluation.moveJob(job, FIRST_ID, { ...job.task, since }),
    );
    return stands ? 'worked' : 'lost';
  }

  private async end(job: StartJob): Promise<'worked' | 'lost'> {
    const { partition, log } = this.host;
    const { rule, started } = job.task;
    if (!(await this.host.commit([], (evaluation) => evaluation.moveJob(job, null)))) return 'lost';
    this.ahead.delete(job.offset);
    log.info('all who were inside a rule have had their turn', { partition, rule, started });
    return 'worked';
  }

  /** Log time of the turn of the customer who is the `k`-th from now, ms. */
  private dueOf({ counted, since, started, perHour }: StartTask, k: number): number {
    return since! + turnOf(counted, this.host.partition, started + k) * turnMs(perHour);
  }
}
