import type { Clock } from '#engine';
import { PostgresMessageLedger, PostgresPool } from '#postgres';
import { useDatabase, waitUntil } from '#testkit';
import { atMost, EMPTY } from './ledger-decisions.js';
import { plannedMessage } from './planned-message.js';
import { fixStreamLayout, PostgresPartitionStore } from '#postgres';

const STREAM = 'kairos.events';
const LEASE_MS = 60_000;
const realClock: Clock = { at: (realMs) => realMs, now: () => Date.now() };

describe('a delivery process that is gone', () => {
  const database = useDatabase();
  let pool: PostgresPool;
  let ledger: PostgresMessageLedger;

  beforeAll(async () => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 12, log: () => undefined });
    await fixStreamLayout(pool, STREAM, 24);
    ledger = new PostgresMessageLedger(pool, { stream: STREAM, clock: realClock });
  });
  afterAll(() => pool.end());
  afterEach(() => database.query('truncate message_open, message, message_outcome, contact, delivery_worker'));

  /** Two messages claimed by a worker, the first of them permitted. */
  const claimTwo = async (worker: number) => {
    const store = new PostgresPartitionStore(pool, STREAM);
    const from = await store.takeOver(0, 'test');
    const planned = [plannedMessage(`first of ${worker}`), plannedMessage(`second of ${worker}`)];
    await store.commit(0, { ...EMPTY, from, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0, planned });
    await ledger.claim({ worker, limit: 500, leaseMs: LEASE_MS }, atMost(Infinity));
    const [permitted, reserved] = planned.map(({ message }) => message.id) as [string, string];
    expect(await ledger.permit(worker, [permitted], 1_000)).toEqual(new Set([permitted]));
    return { permitted, reserved };
  };
  /** As `kill -9` ends it: PostgreSQL sees the connection go. */
  const endSessions = () =>
    database.query(`
      select pg_terminate_backend(l.pid) from pg_locks l
       where l.locktype = 'advisory' and l.objsubid = 2 and l.objid in (select worker::oid from delivery_worker)`);
  const outcomeOf = async (id: string) => (await ledger.decision(id))!.listing.outcome;

  it('gives back at once what it had only reserved, and what it was permitted is unknown at the next look', async () => {
    const presence = await ledger.attend(7);
    const { permitted, reserved } = await claimTwo(7);
    expect(await ledger.recover([])).toEqual({ replanned: 0, unknown: 0 });
    await database.query('update delivery_worker set worker = 8');
    await database.query('update message_open set worker = 8');
    await waitUntil('the lock to be gone', async () => (await ledger.recover([])).replanned === 1);
    expect(await outcomeOf(reserved)).toBe('planned');
    expect(await outcomeOf(permitted)).toBe('sending');
    expect(await ledger.permit(8, [reserved], 1_000)).toEqual(new Set());
    expect(await ledger.recover([])).toEqual({ replanned: 0, unknown: 1 });
    expect(await outcomeOf(permitted)).toBe('unknown');
    expect(await database.query('select 1 from delivery_worker')).toEqual([]);
    await presence.leave();
  });

  it('keeps everything while it is there, also when its connection breaks and comes back', async () => {
    const presence = await ledger.attend(9);
    await claimTwo(9);
    const holders = () =>
      database.query<{ pid: number }>(`select pid from pg_locks where locktype = 'advisory' and objid = 9 and granted`);
    const [broken] = await holders();
    await endSessions();
    // A session that was told to end may still hold its lock for a moment.
    await waitUntil('the lock to be taken again', async () => (await holders()).some(({ pid }) => pid !== broken!.pid));
    expect(await ledger.recover([])).toEqual({ replanned: 0, unknown: 0 });
    await presence.leave();
    expect(await database.query('select 1 from delivery_worker')).toEqual([]);
  });

  it('that never said it was there keeps its messages until their leases end', async () => {
    await claimTwo(11);
    expect(await ledger.recover([])).toEqual({ replanned: 0, unknown: 0 });
    expect(await ledger.recover([])).toEqual({ replanned: 0, unknown: 0 });
  });
});
