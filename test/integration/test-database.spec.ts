import { useDatabase } from '#testkit';

describe('a database for tests', () => {
  const database = useDatabase();
  const empty = useDatabase({ tables: false });
  const tables = "select tablename from pg_tables where schemaname = 'public' order by 1";

  it('has the tables of the migrations', async () => {
    expect(await database.query(tables)).toContainEqual({ tablename: 'stream_partition' });
  });

  it('is empty when asked for without tables', async () => {
    expect(await empty.query(tables)).toEqual([]);
  });

  it('is of this file alone', async () => {
    expect(database.url).not.toBe(empty.url);
    await empty.query('create table mine (n int)');
    expect(await database.query(`${tables.replace('order', "and tablename = 'mine' order")}`)).toEqual([]);
  });
});
