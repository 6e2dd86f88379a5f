import type { CommitOutcome, PartitionCommit, PartitionJob, PartitionPosition, PendingOutboxRecord } from '#engine';

/** What one transaction wrote, kept for the judge. */
export interface Written {
  readonly commit: PartitionCommit;
  readonly position: PartitionPosition;
}

/** The rows of one partition. Every method is one statement or one transaction: all of it happens, or nothing. */
export class ModelTables {
  /** The first ruleset held from the beginning. */
  position: PartitionPosition = { epoch: 0, seq: 0, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 1 };
  readonly states = new Map<string, { readonly state: Uint8Array; readonly nextFire: number | null }>();
  readonly jobs = new Map<number, PartitionJob>();
  /** `thing customer`. */
  readonly watch = new Set<string>();
  /** Id of an event about a thing → log time. */
  private readonly heard = new Map<string, number>();
  readonly written: Written[] = [];
  outbox: PendingOutboxRecord[] = [];
  private ofDelivery = 0;

  takeOver(): PartitionPosition {
    this.position = { ...this.position, epoch: this.position.epoch + 1 };
    return this.position;
  }

  commit(commit: PartitionCommit): CommitOutcome {
    const { epoch, seq } = this.position;
    if (commit.from.epoch !== epoch || commit.from.seq !== seq) return { kind: 'lost' };
    return { kind: 'committed', position: this.write(commit) };
  }

  /** Delivery tells the stream something, in a transaction of its own and without the fence. */
  tell(record: Omit<PendingOutboxRecord, 'seq' | 'n'>): void {
    this.outbox.push({ ...record, seq: 0, n: this.ofDelivery++ });
  }

  pendingOutbox(limit: number): readonly PendingOutboxRecord[] {
    return [...this.outbox].sort((a, b) => a.seq - b.seq || a.n - b.n).slice(0, limit);
  }

  heardItems(limit: number): readonly string[] {
    return [...this.heard.keys()].slice(-limit);
  }

  openJobs(): readonly PartitionJob[] {
    return [...this.jobs.values()].sort((a, b) => a.offset - b.offset);
  }

  watchers(things: readonly number[], after: string, limit: number): ReadonlyMap<number, readonly string[]> {
    const all = [...this.watch].map((entry) => entry.split(' ') as [string, string]);
    const of = (thing: number) =>
      all.filter(([watched, id]) => watched === String(thing) && id > after).map(([, id]) => id);
    return new Map(things.map((thing) => [thing, of(thing).sort().slice(0, limit)]));
  }

  customersAfter(after: string, limit: number): readonly string[] {
    return [...this.states.keys()]
      .filter((id) => id > after)
      .sort()
      .slice(0, limit);
  }

  private write(commit: PartitionCommit): PartitionPosition {
    const { from, nextOffset, logTime, firedThrough, ruleset } = commit;
    this.position = {
      epoch: this.position.epoch,
      seq: this.position.seq + 1,
      nextOffset,
      logTime,
      firedThrough,
      ruleset,
    };
    for (const { customerId, state, nextFire } of commit.states)
      if (state === null) this.states.delete(customerId);
      else this.states.set(customerId, { state, nextFire });
    for (const { thing, customerId } of commit.watch.removed) this.watch.delete(`${thing} ${customerId}`);
    for (const { thing, customerId } of commit.watch.added) this.watch.add(`${thing} ${customerId}`);
    const { ids, forgetBefore } = commit.heard;
    for (const [id, at] of this.heard) if (forgetBefore !== null && at < forgetBefore) this.heard.delete(id);
    for (const id of ids) this.heard.set(id, logTime);
    for (const job of commit.jobs.open) this.jobs.set(job.offset, job);
    for (const offset of commit.jobs.done) this.jobs.delete(offset);
    const sent = new Set(commit.outboxSent.map(({ seq, n }) => `${seq} ${n}`));
    this.outbox = this.outbox.filter(({ seq, n }) => !sent.has(`${seq} ${n}`));
    this.outbox.push(...commit.outbox.map((record, n) => ({ ...record, seq: from.seq + 1, n })));
    this.written.push({ commit, position: this.position });
    return this.position;
  }
}
