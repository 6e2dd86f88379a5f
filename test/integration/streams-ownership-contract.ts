import { PostgresPartitionStore, PostgresPool } from '#postgres';
import type { AppendRequest, EventStream, PartitionStore } from '#engine';
import { randomName, TcpProxy, waitUntil, type DatabaseForTests } from '#testkit';
import { CollectingOwner } from './collecting-owner.js';
import { commitOf, FencedOwner, type Tile } from './fenced-owner.js';
import { PARTITIONS, type OpenOptions, type StreamHarness } from './streams-contract.js';

const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);
const request = (partition: number, value: string): AppendRequest => ({
  key: null,
  partition,
  value: Buffer.from(value),
});

/** Who reads what, and that nothing is done twice or not at all when that changes: the stream together with the fence. */
export function describeOwnershipContract(harness: StreamHarness, database: DatabaseForTests): void {
  let name: string;
  const closing: (() => Promise<unknown>)[] = [];

  const open = (options: OpenOptions = {}): EventStream => {
    const stream = harness.open(name, options);
    closing.push(() => stream.close());
    return stream;
  };
  const storeAt = (url: string): PartitionStore => {
    const pool = new PostgresPool({ url, applicationName: 'test', max: 6, log: () => undefined });
    closing.push(() => pool.end());
    return new PostgresPartitionStore(pool, name);
  };
  const fenced = (label: string): FencedOwner => {
    const owner = new FencedOwner(label, storeAt(database.url));
    closing.push(() => owner.stop());
    return owner;
  };
  /** What was committed in a partition, in order. */
  const tiles = async (partition: number): Promise<Tile[]> => {
    const rows = await database.query<{ value: Buffer }>(
      'select value from stream_outbox where stream = $1 and partition = $2 order by seq, n',
      [name, partition],
    );
    return rows.map(({ value }) => JSON.parse(value.toString()) as Tile);
  };

  beforeEach(async () => {
    name = randomName('events');
    await harness.create(name, PARTITIONS);
  });

  afterEach(async () => {
    while (closing.length > 0) await closing.pop()!();
  });

  describe('a group of owners', () => {
    const has = (owner: CollectingOwner, count: number) =>
      waitUntil(`${count} partitions`, () => owner.partitions.length === count);

    it('shares all partitions, each with one owner, moving no more than a newcomer needs', async () => {
      const [one, other, third] = [new CollectingOwner(), new CollectingOwner(), new CollectingOwner()];
      await open().own(one);
      await has(one, 4);
      await open().own(other);
      await has(one, 2);
      await has(other, 2);
      expect([...one.partitions, ...other.partitions].sort()).toEqual(ALL);
      const before = [one.partitions, other.partitions];
      await open().own(third);
      await has(third, 1);
      await waitUntil('the others to have three', () => one.partitions.length + other.partitions.length === 3);
      expect(one.partitions.every((p) => before[0]!.includes(p))).toBe(true);
      expect(other.partitions.every((p) => before[1]!.includes(p))).toBe(true);
    });

    it('gives everything to those who stay, with a larger join number, and closes the feeds of who leaves', async () => {
      const [one, other] = [new CollectingOwner(), new CollectingOwner()];
      const membership = await open().own(one);
      await has(one, 4);
      await open().own(other);
      await has(one, 2);
      await has(other, 2);
      const old = [...one.feeds.values()];
      const joins = [...other.feeds.values()].map(({ join }) => join);
      await membership.leave();
      expect(old.map((feed) => [feed.current, feed.poll()])).toEqual(old.map(() => [false, null]));
      expect(one.turns.all.filter(({ kind, feed }) => kind === 'revoked' && old.includes(feed))).toHaveLength(
        old.length,
      );
      await has(other, 4);
      const gained = [...other.feeds.values()].filter(({ partition }) =>
        old.some((feed) => feed.partition === partition),
      );
      for (const { join } of gained) expect(join).toBeGreaterThan(Math.max(...joins));
    });

    it('commits every record once, in batches that tile, while owners come and go under load', async () => {
      const writer = open();
      let writing = true;
      const written = (async () => {
        const values: string[][] = ALL.map(() => []);
        for (let k = 0; writing; k++) {
          const batch = ALL.flatMap((p) => [request(p, `${p}:${k}a`), request(p, `${p}:${k}b`)]);
          await writer.append(batch);
          for (const { partition, value } of batch) values[partition!]!.push(Buffer.from(value!).toString());
        }
        return values;
      })();
      const owners = [fenced('one'), fenced('two'), fenced('three')];
      const progress = (owner: FencedOwner) =>
        owner.steps.atLeast(owner.steps.all.length + 20, ({ kind }) => kind === 'committed');
      const first = await open().own(owners[0]!);
      await progress(owners[0]!);
      await open().own(owners[1]!);
      await progress(owners[1]!);
      await open().own(owners[2]!);
      await progress(owners[2]!);
      // Leaves in the middle of its work.
      await first.leave();
      await progress(owners[1]!);
      writing = false;
      const expected = await written;
      for (const partition of ALL) {
        const committed = await waitUntil('the last record to be committed', async () => {
          const all = await tiles(partition);
          return all.flatMap(({ values }) => values).length >= expected[partition]!.length && all;
        });
        expect(committed.flatMap(({ values }) => values)).toEqual(expected[partition]);
        committed.reduce((end, { from, to }) => (expect(from).toBe(end), to), 0);
      }
    });
  });

  describe('the fence', () => {
    it('refuses the commit of an owner that was stopped, lost its partitions and does not know it', async () => {
      const frozen = await harness.openFreezable(name, { sessionTimeoutMs: 2_000 });
      closing.push(() => frozen.stream.close());
      const store = storeAt(database.url);
      const zombie = fenced('zombie');
      await frozen.stream.own(zombie);
      const writer = open();
      await writer.append([request(0, 'by the old owner')]);
      await zombie.steps.first(({ kind, partition }) => kind === 'committed' && partition === 0);
      const held = zombie.position(0);
      const feed = zombie.feeds.get(0)!;

      frozen.freeze();
      const heir = fenced('heir');
      await open({ sessionTimeoutMs: 2_000 }).own(heir);
      await heir.steps.first(({ kind, partition }) => kind === 'taken' && partition === 0);
      await writer.append([request(0, 'by the new owner')]);
      await heir.steps.first(({ kind, partition }) => kind === 'committed' && partition === 0);
      expect(feed.current).toBe(true);
      const late = await store.commit(0, commitOf(held, { nextOffset: held.nextOffset + 1 }));
      expect(late).toEqual({ kind: 'lost' });

      frozen.thaw();
      await waitUntil('the old owner to hear of it', () => !feed.current);
      await waitUntil('both to share', () => zombie.feeds.size === 2 && heir.feeds.size === 2);
      await writer.append(ALL.map((p) => request(p, 'after')));
      await waitUntil('all to be committed', async () =>
        (await Promise.all(ALL.map(tiles))).every((all) => all.at(-1)?.values.at(-1) === 'after'),
      );
      expect((await tiles(0)).flatMap(({ values }) => values)).toEqual([
        'by the old owner',
        'by the new owner',
        'after',
      ]);
    });

    it('lets a take-over wait for a transaction that is still open, and see what it wrote', async () => {
      const store = storeAt(database.url);
      const held = await store.takeOver(1, 'old');
      // The old owner's commit is under way: its fence holds the row, the rest has not come yet.
      const blocker = new PostgresPool({
        url: database.url,
        applicationName: 'old owner',
        max: 1,
        log: () => undefined,
      });
      closing.push(() => blocker.end());
      let goOn: () => void = () => undefined;
      closing.push(async () => goOn());
      const committed = blocker.transaction(async (session) => {
        await session.run(
          {
            text: 'update stream_partition set seq = seq + 1, next_offset = 77 where stream = $1 and partition = 1 and epoch = $2 and seq = $3',
          },
          [name, held.epoch, held.seq],
        );
        await new Promise<void>((resolve) => (goOn = resolve));
      });
      await waitUntil(
        'the row to be held',
        async () =>
          (
            await database.query(
              `select from pg_stat_activity where application_name = 'old owner' and state = 'idle in transaction'`,
            )
          ).length > 0,
      );
      let taken = false;
      const taking = store.takeOver(1, 'new').then((position) => ((taken = true), position));
      await waitUntil(
        'the take-over to wait',
        async () =>
          (
            await database.query(
              `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%stream_partition%'`,
            )
          ).length > 0,
      );
      expect(taken).toBe(false);
      goOn();
      await committed;
      expect(await taking).toMatchObject({ epoch: held.epoch + 1, seq: held.seq + 1, nextOffset: 77 });
    });

    it('knows its own commit again when the reply was lost', async () => {
      const proxy = await TcpProxy.to(database.url);
      closing.push(() => proxy.stop());
      const store = storeAt(proxy.through(database.url));
      const held = await store.takeOver(2, 'owner');
      proxy.pause('replies');
      const commit = store.commit(2, commitOf(held, { nextOffset: 5 }));
      await waitUntil(
        'the commit to be there',
        async () =>
          (
            await database.query(
              'select from stream_partition where stream = $1 and partition = 2 and next_offset = 5',
              [name],
            )
          ).length > 0,
      );
      proxy.breakAll();
      proxy.resume();
      expect(await commit).toEqual({ kind: 'committed', position: { ...held, seq: held.seq + 1, nextOffset: 5 } });
    });
  });
}
