import { StoreError } from '../../errors.js';
import type {
  CommitOutcome,
  ContactMerge,
  ErasedCustomer,
  PartitionCommit,
  PartitionJob,
  PartitionPosition,
  PartitionStore,
  PendingOutboxRecord,
  StartRequest,
} from '../../ports/partition-store.js';

/** What the next commit does: stands, fails before it was done, or is done while its answer is lost. */
export type CommitFault = 'none' | 'refused' | 'done but lost';

/** The tables of one partition in memory, with the fence of engine.md and faults on demand. */
export class ModelStore implements PartitionStore {
  position: PartitionPosition = { epoch: 0, seq: 0, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0 };
  readonly states = new Map<string, { state: Uint8Array; nextFire: number | null }>();
  readonly planned: string[] = [];
  /** Open messages with their customers: those of whoever is erased go. */
  readonly plannedFor = new Map<string, string>();
  readonly cancelled: string[] = [];
  readonly consents: PartitionCommit['consents'][number][] = [];
  readonly contactMerges: ContactMerge[] = [];
  readonly erased: ErasedCustomer[] = [];
  readonly deadLetters: { offset: number; reason: string }[] = [];
  outbox: PendingOutboxRecord[] = [];
  readonly jobs = new Map<number, PartitionJob>();
  /** `thing customer`. */
  readonly watch = new Set<string>();
  readonly heard = new Set<string>();
  /** `job customer`. */
  readonly listedCustomers = new Set<string>();
  readonly requests: StartRequest[] = [];
  faults: CommitFault[] = [];
  commits = 0;

  takeOver(): Promise<PartitionPosition> {
    this.position = { ...this.position, epoch: this.position.epoch + 1 };
    return Promise.resolve(this.position);
  }

  loadTimers(_partition: number, visit: (customerId: string, nextFire: number) => void): Promise<void> {
    for (const [customerId, { nextFire }] of this.states) if (nextFire !== null) visit(customerId, nextFire);
    return Promise.resolve();
  }

  loadStates(_partition: number, customerIds: readonly string[]): Promise<Map<string, Uint8Array>> {
    const found = customerIds.flatMap((id) => (this.states.has(id) ? [[id, this.states.get(id)!.state] as const] : []));
    return Promise.resolve(new Map(found));
  }

  async commit(_partition: number, commit: PartitionCommit): Promise<CommitOutcome> {
    await new Promise((resolve) => setImmediate(resolve));
    const fault = this.faults.shift() ?? 'none';
    if (fault === 'refused') throw new StoreError('the database is away', 'unreachable', true);
    const { epoch, seq } = this.position;
    if (commit.from.epoch !== epoch || commit.from.seq !== seq) return { kind: 'lost' };
    this.write(commit);
    if (fault === 'done but lost') throw new StoreError('the connection broke', 'connection_lost', true);
    return { kind: 'committed', position: this.position };
  }

  partitionsWithOutbox(partitions: readonly number[]): Promise<readonly number[]> {
    return Promise.resolve(this.outbox.length > 0 ? partitions : []);
  }

  pendingOutbox(_partition: number, limit: number): Promise<readonly PendingOutboxRecord[]> {
    return Promise.resolve(this.outbox.slice(0, limit));
  }

  heardItems(_partition: number, limit: number): Promise<readonly string[]> {
    return Promise.resolve([...this.heard].slice(-limit));
  }

  openJobs(): Promise<readonly PartitionJob[]> {
    return Promise.resolve([...this.jobs.values()].sort((a, b) => a.offset - b.offset));
  }

  watchers(_partition: number, things: readonly number[], after: string, limit: number) {
    const found = things.map((thing) => {
      const all = [...this.watch].filter((entry) => entry.startsWith(`${thing} `)).map((entry) => entry.split(' ')[1]!);
      const behind = all.filter((id) => id > after).sort();
      return [thing, behind.slice(0, limit)] as const;
    });
    return Promise.resolve(new Map(found));
  }

  customersAfter(_partition: number, after: string, limit: number): Promise<readonly string[]> {
    return Promise.resolve(
      [...this.states.keys()]
        .sort()
        .filter((id) => id > after)
        .slice(0, limit),
    );
  }

  listed(_partition: number, job: number, limit: number): Promise<readonly string[]> {
    const of = [...this.listedCustomers].filter((entry) => entry.startsWith(`${job} `));
    return Promise.resolve(
      of
        .map((entry) => entry.split(' ')[1]!)
        .sort()
        .slice(0, limit),
    );
  }

  startRequest(id: string): Promise<StartRequest | null> {
    return Promise.resolve(this.requests.find((request) => request.id === id) ?? null);
  }

  private write(commit: PartitionCommit): void {
    const { from, nextOffset, logTime, firedThrough, ruleset } = commit;
    this.commits++;
    this.position = { epoch: from.epoch, seq: from.seq + 1, nextOffset, logTime, firedThrough, ruleset };
    for (const { customerId, state, nextFire } of commit.states) {
      if (state === null) this.states.delete(customerId);
      else this.states.set(customerId, { state, nextFire });
    }
    const erased = commit.erased ?? [];
    this.erased.push(...erased);
    for (const { customerId } of erased)
      for (const [id, owner] of this.plannedFor) if (owner === customerId) this.plannedFor.delete(id);
    for (const { customerId, message } of commit.planned) this.plannedFor.set(message.id, customerId);
    this.planned.push(...commit.planned.map(({ message }) => message.id));
    this.cancelled.push(...commit.cancelled.map(({ messageId, reason }) => `${reason} ${messageId}`));
    this.consents.push(...commit.consents);
    this.contactMerges.push(...(commit.contactMerges ?? []));
    this.deadLetters.push(...commit.deadLetters.map(({ offset, reason }) => ({ offset, reason })));
    for (const { thing, customerId } of commit.watch.added) this.watch.add(`${thing} ${customerId}`);
    for (const { thing, customerId } of commit.watch.removed) this.watch.delete(`${thing} ${customerId}`);
    for (const id of commit.heard.ids) this.heard.add(id);
    for (const { job, customerId } of commit.listed.added) this.listedCustomers.add(`${job} ${customerId}`);
    for (const { job, customerId } of commit.listed.removed) this.listedCustomers.delete(`${job} ${customerId}`);
    for (const offset of commit.jobs.done)
      for (const entry of [...this.listedCustomers])
        if (entry.startsWith(`${offset} `)) this.listedCustomers.delete(entry);
    for (const job of commit.jobs.open) this.jobs.set(job.offset, job);
    for (const offset of commit.jobs.done) this.jobs.delete(offset);
    this.outbox = this.outbox.filter(
      (row) => !commit.outboxSent.some((sent) => sent.seq === row.seq && sent.n === row.n),
    );
    this.outbox.push(...commit.outbox.map((record, n) => ({ ...record, seq: from.seq + 1, n })));
  }
}
