import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { customerIdOf } from '#core';
import type { PartitionCommit, PartitionPosition } from '#engine';
import { PostgresPartitionStore, PostgresPool } from '#postgres';
import { TcpProxy, useDatabase, waitUntil } from '#testkit';
import { plannedMessage } from './planned-message.js';

const STREAM = 'kairos.events';

/** A batch that writes nothing but the position, one record further. */
function batch(from: PartitionPosition, changes: Partial<PartitionCommit> = {}): PartitionCommit {
  return {
    from,
    nextOffset: from.nextOffset + 1,
    logTime: from.logTime,
    firedThrough: from.firedThrough,
    ruleset: from.ruleset,
    states: [],
    planned: [],
    cancelled: [],
    consents: [],
    traces: [],
    outbox: [],
    outboxSent: [],
    deadLetters: [],
    watch: { added: [], removed: [] },
    heard: { ids: [], forgetBefore: null },
    jobs: { open: [], done: [] },
    ...changes,
  };
}

const state = (customer: string, text: string, nextFire: number | null = null) => ({
  customerId: customerIdOf(customer),
  nextFire,
  state: Buffer.from(text),
});

describe('PostgresPartitionStore', () => {
  const database = useDatabase();
  const pools: PostgresPool[] = [];
  let store: PostgresPartitionStore;
  let partition = 0;

  const connect = (url: string): PostgresPool => {
    const pool = new PostgresPool({ url, applicationName: 'test', max: 4, log: () => undefined });
    pools.push(pool);
    return pool;
  };

  beforeAll(() => {
    store = new PostgresPartitionStore(connect(database.url), STREAM);
  });
  beforeEach(() => {
    partition++;
  });
  afterEach(async () => {
    await Promise.all(pools.splice(1).map((pool) => pool.end()));
  });
  afterAll(() => Promise.all(pools.map((pool) => pool.end())));

  const text = async (customer: string) =>
    (await store.loadStates(partition, [customerIdOf(customer)])).get(customerIdOf(customer))?.toString();

  it('begins a new partition at offset 0 and raises the epoch with every take-over', async () => {
    const first = await store.takeOver(partition, 'a');
    expect(first).toEqual({ epoch: 1, seq: 0, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0 });
    expect(await store.takeOver(partition, 'b')).toEqual({ ...first, epoch: 2 });
  });

  it('writes everything of a batch in one commit, and the next owner finds it', async () => {
    const from = await store.takeOver(partition, 'a');
    const { customerId, message } = plannedMessage('ann');
    const outcome = await store.commit(
      partition,
      batch(from, {
        nextOffset: 40,
        logTime: 5_000,
        firedThrough: 4_000,
        ruleset: 3,
        states: [state('ann', 'one', 99), state('bob', 'two')],
        planned: [{ customerId, message }],
        cancelled: [{ messageId: message.id, reason: 'run_stopped', at: 4_500 }],
        consents: [{ customerId, change: { eventId: 'e1', time: 4_000, preferences: { promotional: ['email'] } } }],
        traces: [
          {
            customerId,
            trace: {
              kind: 'planned',
              rule: 'abandoned-cart',
              key: null,
              occurrence: 'x',
              at: 4_500,
              step: '2',
              messageId: message.id,
            },
          },
        ],
        outbox: [
          { recordId: 'r1', target: { key: 'ann' }, value: Buffer.from('{}'), headers: { a: 'b\0' }, hops: 1 },
          { recordId: 'r2', target: { partition: 7 }, value: Buffer.from('x'), headers: {}, hops: 0 },
        ],
        deadLetters: [
          {
            offset: 12,
            reason: 'unreadable',
            detail: 'no JSON\0',
            key: null,
            value: Buffer.from([0, 1]),
            headers: { h: '\ud800' },
          },
        ],
      }),
    );
    expect(outcome).toEqual({
      kind: 'committed',
      position: { epoch: 1, seq: 1, nextOffset: 40, logTime: 5_000, firedThrough: 4_000, ruleset: 3 },
    });

    const timers: [string, number][] = [];
    await store.loadTimers(partition, (id, at) => timers.push([id, at]));
    expect(timers).toEqual([[customerIdOf('ann'), 99]]);
    expect([await text('ann'), await text('bob'), await text('eve')]).toEqual(['one', 'two', undefined]);
    const pending = await store.pendingOutbox(partition, 10);
    expect(pending).toMatchObject([
      { seq: 1, n: 0, recordId: 'r1', target: { key: 'ann' }, headers: { a: 'b\0' }, hops: 1 },
      { seq: 1, n: 1, recordId: 'r2', target: { partition: 7 } },
    ]);
    expect(await store.partitionsWithOutbox([partition, partition + 100])).toEqual([partition]);
    expect(
      await database.query('select ruleset::int, log_offset::int from ruleset_activation where partition = $1', [
        partition,
      ]),
    ).toEqual([{ ruleset: 3, log_offset: 0 }]);
    expect(
      await database.query('select reason, detail, value from dead_letter where partition = $1', [partition]),
    ).toEqual([{ reason: 'unreadable', detail: 'no JSON\ufffd', value: Buffer.from([0, 1]) }]);
    const [open] = await database.query(
      'select rule, run_key, state, partition from message_open where message_id = $1',
      [message.id],
    );
    expect(open).toEqual({ rule: 'abandoned-cart', run_key: 'cart-1', state: 0, partition });
    expect(await store.takeOver(partition, 'b')).toMatchObject({ epoch: 2, seq: 1, nextOffset: 40 });
  });

  it('removes states and outbox rows that were sent', async () => {
    let position = await store.takeOver(partition, 'a');
    const record = { recordId: 'r', target: { key: 'ann' }, value: Buffer.from('{}'), headers: {}, hops: 0 };
    const first = await store.commit(
      partition,
      batch(position, { states: [state('ann', 'one', 1)], outbox: [record, record] }),
    );
    if (first.kind === 'lost') throw new Error('nobody else was there');
    position = first.position;
    await store.commit(
      partition,
      batch(position, {
        states: [{ customerId: customerIdOf('ann'), nextFire: null, state: null }],
        outboxSent: [{ seq: 1, n: 0 }],
      }),
    );
    expect(await text('ann')).toBeUndefined();
    expect(await store.pendingOutbox(partition, 10)).toMatchObject([{ seq: 1, n: 1 }]);
  });

  it('refuses the commit of an owner that lost the partition, and nothing of it stands', async () => {
    const zombie = await store.takeOver(partition, 'zombie');
    await store.takeOver(partition, 'heir');
    const { customerId, message } = plannedMessage('ann');
    const outcome = await store.commit(
      partition,
      batch(zombie, { states: [state('ann', 'old')], planned: [{ customerId, message }] }),
    );
    expect(outcome).toEqual({ kind: 'lost' });
    expect(await text('ann')).toBeUndefined();
    expect(await database.query('select 1 from message_open where message_id = $1', [message.id])).toEqual([]);
  });

  it('keeps its connections fit for use after a lost fence', async () => {
    const zombie = await store.takeOver(partition, 'zombie');
    const heir = await store.takeOver(partition, 'heir');
    for (let round = 0; round < 8; round++) expect((await store.commit(partition, batch(zombie))).kind).toBe('lost');
    expect((await store.commit(partition, batch(heir, { states: [state('ann', 'new')] }))).kind).toBe('committed');
    expect(await text('ann')).toBe('new');
  });

  it('waits with the take-over for a transaction that is still open, and loads what it wrote', async () => {
    const from = await store.takeOver(partition, 'a');
    const open = new pg.Client({ connectionString: database.url });
    await open.connect();
    await open.query('begin');
    await open.query(
      'update stream_partition set seq = seq + 1, next_offset = 77 where partition = $1 and epoch = $2 and seq = $3',
      [partition, from.epoch, from.seq],
    );
    const taking = store.takeOver(partition, 'b');
    await waitUntil('the take-over waits for the row', () =>
      database
        .query(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%taken_at = clock%'`)
        .then((rows) => rows.length),
    );
    await open.query('commit');
    await open.end();
    expect(await taking).toMatchObject({ epoch: 2, seq: 1, nextOffset: 77 });
  });

  it('recognizes its own commit when only the reply was lost', async () => {
    const proxy = await TcpProxy.to(database.url);
    const behind = new PostgresPartitionStore(connect(proxy.through(database.url)), STREAM);
    const from = await behind.takeOver(partition, 'a');
    await behind.loadStates(partition, [randomUUID()]);
    proxy.pause('replies');
    const committing = behind.commit(partition, batch(from, { states: [state('ann', 'written')] }));
    await waitUntil('the commit is in the database', () => text('ann'));
    proxy.breakAll();
    proxy.resume();
    expect(await committing).toEqual({ kind: 'committed', position: { ...from, seq: 1, nextOffset: 1 } });
    await proxy.stop();
  });

  it('reports an error, not a loss, when the commit surely did not happen', async () => {
    const proxy = await TcpProxy.to(database.url);
    const behind = new PostgresPartitionStore(connect(proxy.through(database.url)), STREAM);
    const from = await behind.takeOver(partition, 'a');
    proxy.pause('everything');
    const committing = behind.commit(partition, batch(from, { states: [state('ann', 'never')] }));
    proxy.breakAll();
    proxy.resume();
    await expect(committing).rejects.toMatchObject({ name: 'StoreError', retryable: true });
    expect(await text('ann')).toBeUndefined();
    expect(await behind.commit(partition, batch(from))).toMatchObject({ kind: 'committed' });
    await proxy.stop();
  });

  it('does not take the commit of somebody else for its own', async () => {
    const proxy = await TcpProxy.to(database.url);
    const behind = new PostgresPartitionStore(connect(proxy.through(database.url)), STREAM);
    const from = await behind.takeOver(partition, 'a');
    const heir = await store.takeOver(partition, 'heir');
    proxy.pause('replies');
    const committing = behind.commit(partition, batch(from));
    await store.commit(partition, batch(heir));
    proxy.breakAll();
    proxy.resume();
    expect(await committing).toEqual({ kind: 'lost' });
    await proxy.stop();
  });

  it('updates states in place: nearly all updates are HOT', async () => {
    const pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 1, log: () => undefined });
    const writer = new PostgresPartitionStore(pool, STREAM);
    let position = await writer.takeOver(partition, 'a');
    const write = async (customers: readonly string[], round: number) => {
      const states = customers.map((customer) => state(customer, `${round}`.padEnd(350, 'x'), round));
      const outcome = await writer.commit(partition, batch(position, { states }));
      if (outcome.kind === 'lost') throw new Error('nobody else was there');
      position = outcome.position;
    };
    const customers = Array.from({ length: 2_000 }, (_, n) => `hot-${n}`);
    await write(customers, 0);
    // One customer in twenty comes back within a batch, as shoppers do.
    for (let round = 1; round <= 100; round++)
      await write(
        customers.filter((_, n) => (n * 7 + round) % 20 === 0),
        round,
      );
    // A session reports what it did when it ends.
    await pool.end();
    const [states] = await updatesOf('customer_state', 10_000);
    expect(states!.hot / states!.n).toBeGreaterThan(0.9);
    const [positions] = await updatesOf('stream_partition', 100);
    expect(positions!.hot / positions!.n).toBeGreaterThan(0.95);
  });

  const updatesOf = (table: string, atLeast: number) =>
    waitUntil(`the statistics of ${table} are there`, async () => {
      const rows = await database.query<{ n: number; hot: number }>(
        'select n_tup_upd::int as n, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = $1',
        [table],
      );
      return rows[0]!.n >= atLeast && rows;
    });
});
