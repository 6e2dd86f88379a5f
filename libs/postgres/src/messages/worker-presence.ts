import type { Presence } from '#engine';
import type { HeldConnection, PostgresPool, Statement } from '../connect/postgres-pool.js';

/** First half of the advisory locks; the second is the worker. */
const LOCK_SPACE = 0x4b57;
const AGAIN_MS = 1_000;

const TAKE: Statement = { text: `select pg_advisory_lock(${LOCK_SPACE}, $1)` };
const REGISTER: Statement = { text: 'insert into delivery_worker (worker) values ($1) on conflict do nothing' };
const FORGET: Statement = { text: 'delete from delivery_worker where worker = $1' };

/**
 * Workers that have said they are there, and whose session nobody holds any more. Ones of a version that says nothing are
 * never among them.
 */
export const GONE_WORKERS: Statement = {
  name: 'ledger_gone_workers',
  text: `
    select w.worker from delivery_worker w
     where not exists (
       select from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
        where l.locktype = 'advisory' and l.classid = ${LOCK_SPACE} and l.objid = w.worker::oid and l.objsubid = 2)`,
};

export const FORGET_WORKERS: Statement = {
  name: 'ledger_forget_workers',
  text: `
    delete from delivery_worker w
     where worker = any($1::int4[]) and not exists (select from message_open o where o.worker = w.worker and o.state in (1, 2))`,
};

/**
 * A lock of a session of its own: PostgreSQL gives it up the moment the process or its connection ends. One that breaks
 * while the process lives is taken again; what others have taken over meanwhile gets no permit here.
 */
export class WorkerPresence implements Presence {
  private connection: HeldConnection | null = null;
  private again: NodeJS.Timeout | null = null;
  private left = false;

  constructor(
    private readonly pool: PostgresPool,
    private readonly worker: number,
  ) {}

  async begin(): Promise<void> {
    const connection = await this.pool.hold(() => this.beginAgain());
    this.connection = connection;
    await connection.run(TAKE, [this.worker]);
    // Behind the lock: whoever is registered and holds none is gone.
    await connection.run(REGISTER, [this.worker]);
  }

  async leave(): Promise<void> {
    this.left = true;
    if (this.again !== null) clearTimeout(this.again);
    await this.pool.run(FORGET, [this.worker]);
    await this.connection?.end();
  }

  private beginAgain(): void {
    if (this.left || this.again !== null) return;
    this.again = setTimeout(() => {
      this.again = null;
      this.begin().catch(() => this.beginAgain());
    }, AGAIN_MS);
  }
}
