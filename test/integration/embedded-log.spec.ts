import { LogTruncatedError } from '#engine';
import { EmbeddedEventStream, ensureEmbeddedLog } from '#streams';
import { randomName, TcpProxy, useDatabase, waitUntil } from '#testkit';
import { CollectingOwner } from './collecting-owner.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { at: (ms: number) => ms, now: () => Date.now() };

describe('what only the log in PostgreSQL has', () => {
  const database = useDatabase();
  let name: string;
  const closing: (() => Promise<unknown>)[] = [];
  const open = (options: { connectionString?: string; sessionTimeoutMs?: number } = {}) => {
    const stream = new EmbeddedEventStream({
      name,
      group: name,
      partitions: 2,
      connectionString: database.url,
      clock,
      log: silent,
      ...options,
    });
    closing.push(() => stream.close());
    return stream;
  };
  const append = (stream: EmbeddedEventStream, ...values: string[]) =>
    stream.append(values.map((value) => ({ key: null, partition: 0, value: Buffer.from(value) })));
  const texts = (owner: CollectingOwner) => owner.records.all.map(({ value }) => Buffer.from(value!).toString());
  /** As if these records had been appended so many days ago. */
  const age = async (below: number, days: number) => {
    await database.query(`select ensure_days('log', array[(clock_timestamp() at time zone 'utc')::date - $1::int])`, [
      days,
    ]);
    await database.query(
      `update log set day = (clock_timestamp() at time zone 'utc')::date - $1::int where stream = $2 and log_offset < $3`,
      [days, name, below],
    );
  };

  beforeEach(async () => {
    name = randomName('events');
    await ensureEmbeddedLog(database.url, name, 2);
  });

  afterEach(async () => {
    while (closing.length > 0) await closing.pop()!();
    await database.query('delete from stream_partition');
  });

  it('drops days that are older than it keeps, and says so to whoever wants to begin there', async () => {
    const stream = open();
    await append(stream, 'a', 'b', 'c', 'd');
    await age(3, 9);
    expect(await stream.dropOldDays()).toBe(1);
    const late = new CollectingOwner();
    await open().own(late);
    const { error } = await late.turns.first(({ kind }) => kind === 'failed');
    expect(error).toBeInstanceOf(LogTruncatedError);
    expect(error).toMatchObject({ expected: 0, start: 3 });
    await late.feeds.get(0)!.seek(3);
    late.feeds.get(0)!.onAvailable(() => late.wakeUp());
    late.wakeUp();
    await late.records.first();
    expect(texts(late)).toEqual(['d']);
  });

  it('keeps a day, however old, in which lies what the engine has not applied yet', async () => {
    const stream = open();
    await append(stream, 'a', 'b', 'c', 'd');
    await age(3, 9);
    await database.query('insert into stream_partition (stream, partition, next_offset) values ($1, 0, 2)', [name]);
    expect(await stream.dropOldDays()).toBe(0);
    await database.query('update stream_partition set next_offset = 3 where stream = $1', [name]);
    expect(await stream.dropOldDays()).toBe(1);
  });

  it('makes the day it writes to where nobody did before', async () => {
    const stream = open();
    await append(stream, 'a');
    await database.query(`select drop_days_before('log', (clock_timestamp() at time zone 'utc')::date + 5)`);
    await expect(append(stream, 'b')).resolves.toEqual([{ partition: 0, offset: 1 }]);
  });

  it('lets time stand still where the clock was set back', async () => {
    const stream = open();
    await append(stream, 'a');
    await database.query('update log_partition set last_time = last_time + 3600000 where stream = $1', [name]);
    await append(stream, 'b', 'c');
    const owner = new CollectingOwner();
    await open().own(owner);
    const [a, b, c] = await owner.records.atLeast(3);
    expect(b!.appendTime).toBeGreaterThanOrEqual(a!.appendTime + 3_600_000);
    expect(c!.appendTime).toBe(b!.appendTime);
  });

  it('stops at a hole, after what lies before it', async () => {
    const stream = open();
    await append(stream, 'a', 'b', 'c', 'd');
    await database.query('delete from log where stream = $1 and log_offset = 2', [name]);
    const owner = new CollectingOwner();
    await stream.own(owner);
    const { error } = await owner.turns.first(({ kind }) => kind === 'failed');
    expect(error).toMatchObject({ code: 'log_truncated', expected: 2, start: 3 });
    expect(texts(owner)).toEqual(['a', 'b']);
  });

  it('goes on by itself when all its connections broke', async () => {
    const stream = open();
    const owner = new CollectingOwner();
    await stream.own(owner);
    const feed = await owner.reading(0);
    await append(stream, 'before');
    await owner.records.first();
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kairos-stream' and datname = current_database()`,
    );
    // What broke under way is reported; who asks again is served.
    await waitUntil('an append to be taken', () => append(stream, 'after').catch(() => null));
    await owner.records.first(({ value }) => Buffer.from(value!).toString() === 'after');
    const confirmed = feed.confirmedAt;
    await waitUntil('the next heartbeat', () => feed.confirmedAt > confirmed);
    expect(feed.current).toBe(true);
  });

  it('gives the partitions of a process that died to others at once, not after its session', async () => {
    const proxy = await TcpProxy.to(database.url);
    closing.push(() => proxy.stop());
    const dying = new CollectingOwner();
    await open({ connectionString: proxy.through(database.url), sessionTimeoutMs: 600_000 }).own(dying);
    const heir = new CollectingOwner();
    await open({ sessionTimeoutMs: 600_000 }).own(heir);
    await waitUntil('both to share', () => dying.partitions.length === 1 && heir.partitions.length === 1);
    proxy.cut();
    await waitUntil('all to be with the other', () => heir.partitions.length === 2);
    proxy.mend();
    // It was only cut off: it finds out that it was given up and gets its share again, as a new join.
    await waitUntil('both to share again', () => dying.partitions.length === 1 && heir.partitions.length === 1);
  });
});
