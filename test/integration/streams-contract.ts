import { partitionFor } from '#core';
import {
  LogTruncatedError,
  StoreError,
  StreamLayoutError,
  type AppendRequest,
  type EventStream,
  type StreamRecord,
} from '#engine';
import { randomName, waitUntil } from '#testkit';
import { CollectingOwner, type Seen } from './collecting-owner.js';

export interface OpenOptions {
  readonly partitions?: number;
  readonly sessionTimeoutMs?: number;
  /** Default: the name of the stream. */
  readonly group?: string;
}

/** A stream whose process can be cut off from everything, as a stopped process is, without hearing of it. */
export interface Freezable {
  readonly stream: EventStream;
  freeze(): void;
  thaw(): void;
}

/** What the suite asks of an adapter besides the port. */
export interface StreamHarness {
  create(name: string, partitions: number): Promise<void>;
  /** As a process of its own would open it. */
  open(name: string, options?: OpenOptions): EventStream;
  openFreezable(name: string, options?: OpenOptions): Promise<Freezable>;
  /** Loses all records of a partition before this offset, as retention does. */
  truncate(name: string, partition: number, before: number): Promise<void>;
}

export const PARTITIONS = 4;
const text = (record: StreamRecord) => (record.value === null ? null : Buffer.from(record.value).toString());
const inPartition = (partition: number) => (record: Seen) => record.partition === partition;
const bytes = (value: string) => Buffer.from(value);
const requests = (partition: number, values: readonly string[]): AppendRequest[] =>
  values.map((value) => ({ key: null, partition, value: bytes(value) }));
const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, k) => `${prefix}-${k}`);

/** What every adapter of the event stream has to keep. Declares its tests where it is called. */
export function describeStreamContract(harness: StreamHarness): void {
  let name: string;
  const opened: EventStream[] = [];

  const open = (options: OpenOptions = {}): EventStream => {
    const stream = harness.open(name, options);
    opened.push(stream);
    return stream;
  };
  const own = async (stream: EventStream, owner = new CollectingOwner()) => ({
    owner,
    membership: await stream.own(owner),
  });

  beforeEach(async () => {
    name = randomName('events');
    await harness.create(name, PARTITIONS);
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((stream) => stream.close()));
  });

  describe('appending', () => {
    it('gives back what was appended, byte by byte, with key, headers and a time of the log', async () => {
      const stream = open();
      const value = Buffer.from(Array.from({ length: 256 }, (_, k) => k));
      const before = Date.now();
      const [at] = await stream.append([{ key: 'ann', value, headers: { 'kairos-kind': 'x', note: 'für"\\{}' } }]);
      const { owner } = await own(stream);
      const record = await owner.records.first();
      expect(Buffer.from(record.value!)).toEqual(value);
      expect(Buffer.from(record.key!).toString()).toBe('ann');
      expect(record).toMatchObject({
        partition: at!.partition,
        offset: at!.offset,
        headers: { 'kairos-kind': 'x', note: 'für"\\{}' },
      });
      // Broker, database and test run on one machine.
      expect(record.appendTime).toBeGreaterThanOrEqual(before - 1_000);
      expect(record.appendTime).toBeLessThanOrEqual(Date.now() + 1_000);
    });

    it('tells a missing key, value and headers from empty ones', async () => {
      const stream = open();
      await stream.append([
        { key: null, partition: 1, value: null },
        { key: '', partition: 1, value: new Uint8Array(0), headers: {} },
      ]);
      const { owner } = await own(stream);
      const [without, empty] = await owner.records.atLeast(2);
      expect(without).toMatchObject({ key: null, value: null, headers: null });
      expect(Buffer.from(empty!.key!)).toHaveLength(0);
      expect(Buffer.from(empty!.value!)).toHaveLength(0);
    });

    it('puts a key into the partition that murmur2 gives it, and records without key into all', async () => {
      const stream = open();
      const keys = numbered('customer', 40);
      const placed = await stream.append(keys.map((key) => ({ key, value: bytes(key) })));
      expect(placed.map(({ partition }) => partition)).toEqual(keys.map((key) => partitionFor(key, PARTITIONS)));
      const spread = await stream.append(
        numbered('x', PARTITIONS).map((value) => ({ key: null, value: bytes(value) })),
      );
      expect(new Set(spread.map(({ partition }) => partition)).size).toBe(PARTITIONS);
    });

    it('refuses a partition that is not there, and nothing else suffers', async () => {
      const stream = open();
      const refused = stream.append([{ key: null, partition: PARTITIONS, value: bytes('nowhere') }]);
      const kept = stream.append(requests(0, ['kept']));
      await expect(refused).rejects.toMatchObject({ code: 'no_such_partition', retryable: false });
      await expect(kept).resolves.toHaveLength(1);
    });

    it('keeps concurrent writers gap-free and in order, and never lets time go back', async () => {
      const [one, other] = [open(), open()];
      const writers = [one, one, other, other].map((stream, w) => ({ stream, w }));
      const placed = await Promise.all(
        writers.flatMap(({ stream, w }) =>
          Array.from({ length: 25 }, (_, call) => stream.append(requests(2, numbered(`${w}-${call}`, 8)))),
        ),
      );
      const offsets = placed
        .flat()
        .map(({ offset }) => offset)
        .sort((a, b) => a - b);
      expect(offsets).toEqual(Array.from({ length: 800 }, (_, k) => k));
      const { owner } = await own(open());
      const records = await owner.records.atLeast(800);
      expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: 800 }, (_, k) => k));
      records.reduce((before, { appendTime }) => (expect(appendTime).toBeGreaterThanOrEqual(before), appendTime), 0);
      for (const { w } of writers) {
        const mine = records.map(text).filter((value) => value!.startsWith(`${w}-`));
        expect(mine).toEqual(numbered(String(w), 25).flatMap((call) => numbered(call, 8)));
      }
    });

    it('takes more in one call than fits into one write', async () => {
      const stream = open();
      const large = 'x'.repeat(20_000);
      const values = numbered(large, 300);
      const placed = await stream.append(requests(3, values));
      expect(placed.map(({ offset }) => offset)).toEqual(values.map((_, k) => k));
      const { owner } = await own(stream);
      expect((await owner.records.atLeast(300)).map(text)).toEqual(values);
    });

    it('turns away what comes after it was closed', async () => {
      const stream = open();
      await stream.append(requests(0, ['before']));
      await stream.close();
      await expect(stream.append(requests(0, ['after']))).rejects.toBeInstanceOf(StoreError);
    });
  });

  describe('reading', () => {
    it('begins where it is told, also further back than it was', async () => {
      const stream = open();
      await stream.append(requests(0, numbered('r', 10)));
      const { owner } = await own(stream, new CollectingOwner(new Map([[0, 7]])));
      expect((await owner.records.atLeast(3)).map(text)).toEqual(['r-7', 'r-8', 'r-9']);
      const feed = await owner.reading(0);
      for (const from of [2, 9, 4]) {
        const seen = owner.records.all.length;
        await feed.seek(from);
        await owner.records.atLeast(seen + 10 - from);
        expect(owner.records.all.slice(seen).map(text)).toEqual(numbered('r', 10).slice(from));
      }
    });

    it('goes on where it was set back to, whatever was on its way meanwhile', async () => {
      const stream = open();
      let setBacks = 0;
      const writing = (async () => {
        let written = 0;
        while (setBacks < 12) written += (await stream.append(requests(1, numbered('w', 20)))).length;
        return written;
      })();
      const { owner } = await own(open());
      const feed = await owner.reading(1);
      // As an owner does whose commit failed.
      for (; setBacks < 12; setBacks++) {
        await owner.records.atLeast(owner.records.all.length + 1, inPartition(1));
        const from = Math.max(0, (owner.positions.get(1) ?? 0) - 30);
        await feed.seek(from);
        const mark = owner.records.all.length;
        const [first] = await waitUntil(
          'the first record after the seek',
          () => owner.records.all.length > mark && owner.records.all.slice(mark),
        );
        expect(first!.offset).toBe(from);
      }
      const end = await writing;
      await waitUntil('the end of the log', () => owner.positions.get(1) === end);
      expect(owner.turns.all.filter(({ kind }) => kind === 'failed')).toEqual([]);
      const steps = owner.records.all.map(({ offset }, k) => offset - (owner.records.all[k - 1]?.offset ?? -1));
      expect(Math.max(...steps)).toBe(1);
    });

    it('hears at once what is appended, and counts what lies behind', async () => {
      const stream = open();
      const { owner } = await own(open());
      const feed = await owner.reading(0);
      await stream.append(requests(0, ['now']));
      await owner.records.first((record) => text(record) === 'now');
      await waitUntil('the lag to be known', () => feed.lag === 0);
      owner.asleep = true;
      await stream.append(requests(0, numbered('later', 5)));
      await waitUntil('the lag to grow', () => feed.lag === 5);
    });

    it('moves the time of idle partitions by ticks, all of them in one request', async () => {
      const stream = open();
      const ticks = Array.from({ length: PARTITIONS }, (_, partition) => ({
        key: null,
        partition,
        value: null,
        headers: { 'kairos-kind': 'tick' },
      }));
      const { owner } = await own(open());
      await stream.append(ticks);
      const first = await owner.records.atLeast(PARTITIONS);
      await stream.append(ticks);
      const all = await owner.records.atLeast(2 * PARTITIONS);
      for (const { partition, appendTime, headers } of first) {
        expect(headers).toEqual({ 'kairos-kind': 'tick' });
        const mine = all.filter(inPartition(partition));
        expect(mine).toHaveLength(2);
        expect(mine[1]!.appendTime).toBeGreaterThanOrEqual(appendTime);
      }
    });

    it('holds a bounded amount for an owner that does not poll, and stays in the group meanwhile', async () => {
      const stream = open();
      const owner = new CollectingOwner();
      owner.asleep = true;
      await own(open({ sessionTimeoutMs: 2_000 }), owner);
      const feed = await owner.reading(0);
      const joined = feed.confirmedAt;
      const values = numbered('y'.repeat(30_000), 700);
      await stream.append(requests(0, values));
      await waitUntil('the queue to fill', () => feed.queuedBytes > 8_000_000);
      await waitUntil('a heartbeat later than the session would have lasted', () => feed.confirmedAt > joined + 5_000);
      // One fetch may come on top of what was there when the limit was reached.
      expect(feed.queuedBytes).toBeLessThan(8 * 1024 * 1024 + 35_000_000);
      expect(feed.queuedBytes).toBeLessThan(700 * 30_000);
      expect(feed.current).toBe(true);
      expect(owner.turns.all.filter(({ kind }) => kind === 'revoked')).toEqual([]);
      owner.wakeUp();
      expect((await owner.records.atLeast(700)).map(text)).toEqual(values);
    });
  });

  describe('a log that lost records', () => {
    it('does not begin where nothing is left', async () => {
      const stream = open();
      await stream.append(requests(0, numbered('t', 20)));
      await harness.truncate(name, 0, 12);
      const { owner } = await own(stream, new CollectingOwner(new Map([[0, 5]])));
      const { error } = await owner.turns.first(({ kind }) => kind === 'failed');
      expect(error).toBeInstanceOf(LogTruncatedError);
      expect(error).toMatchObject({ stream: name, partition: 0, expected: 5, start: 12 });
      expect(owner.records.all.filter(inPartition(0))).toEqual([]);
    });

    it('does not begin behind its end, as where the log was made anew', async () => {
      const stream = open();
      await stream.append(requests(0, numbered('t', 3)));
      const { owner } = await own(stream, new CollectingOwner(new Map([[0, 4]])));
      expect((await owner.turns.first(({ kind }) => kind === 'failed')).error).toBeInstanceOf(LogTruncatedError);
    });

    it.each([899, 900])(
      'stops the owner that falls behind what is kept (from %d of 900), and goes on after a decision where to',
      async (start) => {
        const stream = open();
        const { owner } = await own(open());
        const feed = await owner.reading(0);
        owner.asleep = true;
        const values = numbered('z'.repeat(30_000), 900);
        await stream.append(requests(0, values));
        await waitUntil('the queue to fill', () => feed.queuedBytes > 8_000_000);
        await harness.truncate(name, 0, start);
        owner.wakeUp();
        const { error } = await owner.turns.first(({ kind }) => kind === 'failed');
        expect(error).toBeInstanceOf(LogTruncatedError);
        // What had been read before is still good, without a gap, and nothing behind the gap came.
        const seen = owner.records.all.map(({ offset }) => offset);
        expect(seen).toEqual(seen.map((_, k) => k));
        expect(seen.length).toBeLessThan(899);
        expect(error).toMatchObject({ expected: seen.length, start });
        await feed.seek(start);
        await stream.append(requests(0, ['the next']));
        await owner.records.first(({ offset }) => offset === 900);
        expect(owner.records.all.slice(seen.length).map(text)).toEqual([...values.slice(start), 'the next']);
      },
    );
  });

  describe('the layout', () => {
    it('is refused with the cure when the number of partitions is another', async () => {
      const more = open({ partitions: PARTITIONS + 1 });
      await expect(more.partitionCount()).rejects.toBeInstanceOf(StreamLayoutError);
      await expect(more.own(new CollectingOwner())).rejects.toThrow(/Mend it with/);
      await expect(open({ partitions: PARTITIONS - 1 }).partitionCount()).rejects.toThrow(/Mend it with|--delete/);
      await expect(open().partitionCount()).resolves.toBe(PARTITIONS);
    });

    it('is refused when there is no such stream', async () => {
      const nowhere = harness.open(randomName('nowhere'));
      opened.push(nowhere);
      await expect(nowhere.partitionCount()).rejects.toThrow(/does not exist.*kairos migrate/);
    });
  });
}
