import { customerIdOf } from '#core';
import { fixStreamLayout, OldMessages, PostgresPool } from '#postgres';
import { useDatabase } from '#testkit';
import { messageIdOf } from './planned-message.js';

const DAY_MS = 86_400_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const daysAgo = (days: number): number => Date.now() - days * DAY_MS;
const KEEP = { messageDays: 100, traceDays: 30 };

describe('OldMessages', () => {
  const database = useDatabase();
  let pool: PostgresPool;
  let old: OldMessages;
  beforeAll(async () => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 4, log: () => undefined });
    await fixStreamLayout(pool, 'kairos.events', 24);
    old = new OldMessages(pool, KEEP, silent);
  });
  afterAll(() => pool.end());

  /** Days since 1970 that a table has. */
  const daysOf = async (table: string) =>
    (
      await database.query<{ name: string }>(
        `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass order by 1`,
        [table],
      )
    ).map(({ name }) => name.slice(table.length + 1));
  const dayName = (days: number): string => new Date(daysAgo(days)).toISOString().slice(0, 10).replaceAll('-', '');
  const makeDays = (table: string, ages: readonly number[]) =>
    database.query(`select ensure_days($1, $2::date[])`, [
      table,
      ages.map((age) => new Date(daysAgo(age)).toISOString().slice(0, 10)),
    ]);
  const openMessage = (days: number) =>
    database.query(
      `insert into message_open (message_id, shard, partition, customer_id, customer, rule, version, step, run, run_key, template,
                                 category, priority, planned_at, not_before, plan)
       values ($1, 0, 0, $2, 'ann', 'r', 1, '1', 'run', null, 't', 'promotional', 1, now(), now(), '')`,
      [messageIdOf(daysAgo(days)), customerIdOf('ann')],
    );
  const inInbox = (customer: string, days: number) =>
    database.query(
      `insert into inbox_message (customer_id, message_id, rule, template, category, text, at) values ($1, $2, 'r', 't', 'care', 'x', $3)`,
      [customerIdOf(customer), messageIdOf(daysAgo(days)), new Date(daysAgo(days))],
    );
  const feedback = (customer: string, days: number) =>
    database.query(`insert into contact_feedback values ($1, $2, 'opened', $3)`, [
      customerIdOf(customer),
      messageIdOf(daysAgo(days)),
      new Date(daysAgo(days)),
    ]);

  it('drops whole days of messages, outcomes and traces, each kept as long as it was asked for', async () => {
    for (const table of ['message', 'message_outcome', 'run_trace']) await makeDays(table, [101, 100, 31, 30, 0]);
    const dropped = await old.drop();
    expect(dropped).toMatchObject({ message: 1, message_outcome: 1, run_trace: 3 });
    expect(await daysOf('message')).toEqual([100, 31, 30, 0].map(dayName));
    expect(await daysOf('message_outcome')).toEqual([100, 31, 30, 0].map(dayName));
    expect(await daysOf('run_trace')).toEqual([30, 0].map(dayName));
  });

  it('keeps the day of a message that is still open, since its end is written there', async () => {
    await makeDays('message', [150, 140]);
    await openMessage(140);
    expect(await old.drop()).toMatchObject({ message: 1 });
    expect(await daysOf('message')).toContain(dayName(140));
    await database.query('delete from message_open');
    expect(await old.drop()).toMatchObject({ message: 1 });
  });

  it('deletes what lies in inboxes and what waits to be applied, in portions', async () => {
    await inInbox('ann', 101);
    await inInbox('ann', 99);
    await feedback('ann', 101);
    await feedback('ann', 99);
    await database.query(
      `insert into inbox_message (customer_id, message_id, rule, template, category, text, at)
       select $1, gen_random_uuid(), 'r', 't', 'care', 'x', now() - interval '200 days' from generate_series(1, 5001)`,
      [customerIdOf('bob')],
    );
    expect(await old.drop()).toMatchObject({ inbox_message: 5_002, contact_feedback: 1 });
    expect(await database.query('select 1 from inbox_message')).toHaveLength(1);
    expect(await database.query('select 1 from contact_feedback')).toHaveLength(1);
  });

  it('gives up after two seconds where somebody holds a table, so that nobody waits behind it', async () => {
    await makeDays('message', [120]);
    const session = new PostgresPool({ url: database.url, applicationName: 'holder', max: 1, log: () => undefined });
    await session.transaction(async (held) => {
      await held.run({ name: 'hold', text: 'select from message limit 1' });
      await expect(old.drop()).rejects.toMatchObject({ name: 'StoreError' });
    });
    await session.end();
    expect(await old.drop()).toMatchObject({ message: 1 });
  });
});
