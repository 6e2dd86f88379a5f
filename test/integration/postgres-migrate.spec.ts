import { useDatabase } from '#testkit';
import { migrate, pendingMigrations, PostgresUnreachableError } from '#postgres';

describe('migrate', () => {
  const database = useDatabase({ tables: false });

  it('makes all tables once when several processes start at the same time, and changes nothing later', async () => {
    const before = await pendingMigrations(database.url);
    expect(before.length).toBeGreaterThan(0);
    await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)]);
    expect(await pendingMigrations(database.url)).toEqual([]);
    const done = await database.query<{ name: string }>('select name from kairos_migration order by id');
    expect(done.map((row) => row.name)).toEqual(before);
    await migrate(database.url);
    expect(await database.query('select name from kairos_migration order by id')).toEqual(done);
  });

  it('makes the days of a partitioned table once, also when asked by several sessions', async () => {
    const ask = () =>
      database.query<{ made: number }>(
        `select ensure_days('message', array['2016-02-29', '2016-03-01']::date[]) as made`,
      );
    const made = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(
      made
        .flat()
        .map((row) => row.made)
        .sort(),
    ).toEqual([0, 0, 0, 2]);
    const [dropped] = await database.query<{ n: number }>(`select drop_days_before('message', '2016-03-01') as n`);
    expect(dropped).toEqual({ n: 1 });
    const left = await database.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'message'::regclass`,
    );
    expect(left).toEqual([{ name: 'message_20160301' }]);
  });

  it('names the server, the reason and the cure when nobody answers, and never the password', async () => {
    const error = await migrate('postgresql://ann:sekret@127.0.0.1:1/shop').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PostgresUnreachableError);
    const { message } = error as PostgresUnreachableError;
    expect(message).toContain('127.0.0.1:1/shop refuses connections');
    expect(message).toContain('DATABASE_URL');
    expect(message).not.toContain('sekret');
  });

  it('says so when the database does not exist', async () => {
    const url = new URL(database.url);
    url.pathname = '/nobody_made_this';
    await expect(migrate(url.href)).rejects.toMatchObject({ code: 'postgres_unreachable', retryable: false });
    await expect(migrate(url.href)).rejects.toThrow(/no such database.*createdb/);
  });

  it('lets every partition that has run before index whose lists hold what', async () => {
    await migrate(database.url);
    await database.query('drop table partition_job, item_watch');
    await database.query('drop index event_history_by_partition');
    await database.query("delete from kairos_migration where name like 'PartitionJobs%'");
    await database.query(
      "insert into stream_partition (stream, partition, next_offset, log_time, ruleset) values ('s', 0, 10, 5, 3), ('s', 1, 0, 0, 0)",
    );
    await migrate(database.url);
    const jobs = await database.query('select partition, log_offset, task from partition_job');
    const task = { kind: 'ruleset', from: 3, listsAnew: true };
    expect(jobs).toEqual([{ partition: 0, log_offset: expect.anything(), task }]);
  });
});
