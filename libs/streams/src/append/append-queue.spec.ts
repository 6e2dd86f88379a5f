import { StoreError } from '#engine';
import { AppendQueue, type AppendQueueOptions, type WriteRecords } from './append-queue.js';
import type { PlacedRecord } from './place-records.js';

const options: AppendQueueOptions = {
  lingerMs: 0,
  maxRecords: 100,
  maxBytesOfPartition: 1_000,
  maxQueuedBytes: 100_000,
};
const record = (value: string, partition = 0, bytes = 10): PlacedRecord => ({
  partition,
  key: null,
  value: Buffer.from(value),
  headers: null,
  bytes,
});
const values = (records: readonly PlacedRecord[]) => records.map(({ value }) => value!.toString());

/** A log that says what was written together, and can be made to fail. */
class Log {
  readonly writes: string[][] = [];
  readonly ends = new Map<number, number>();
  underWay = 0;
  refuse: (records: readonly PlacedRecord[]) => Error | null = () => null;

  readonly write: WriteRecords = async (records) => {
    expect(this.underWay++).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    this.underWay--;
    const error = this.refuse(records);
    if (error !== null) throw error;
    this.writes.push(values(records));
    return records.map(({ partition }) => {
      const offset = this.ends.get(partition) ?? 0;
      this.ends.set(partition, offset + 1);
      return offset;
    });
  };
}

describe('AppendQueue', () => {
  it('writes together what is asked for while it is idle or busy, one write at a time', async () => {
    const log = new Log();
    const queue = new AppendQueue(log.write, options);
    const first = [queue.append([record('a')]), queue.append([record('b', 1), record('c')])];
    await new Promise((resolve) => setImmediate(resolve));
    const second = [queue.append([record('d')]), queue.append([record('e')])];
    expect(await Promise.all([...first, ...second])).toEqual([
      [{ partition: 0, offset: 0 }],
      [
        { partition: 1, offset: 0 },
        { partition: 0, offset: 1 },
      ],
      [{ partition: 0, offset: 2 }],
      [{ partition: 0, offset: 3 }],
    ]);
    expect(log.writes).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
  });

  it('splits what does not fit into one write, by records and by bytes of a partition', async () => {
    const log = new Log();
    const queue = new AppendQueue(log.write, { ...options, maxRecords: 3 });
    await Promise.all([
      queue.append(['a', 'b', 'c', 'd'].map((v) => record(v))),
      queue.append([record('e', 0, 990), record('f', 1, 990), record('g', 0, 990)]),
    ]);
    expect(log.writes).toEqual([['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]);
  });

  it('fails only the call whose record is refused for good', async () => {
    const log = new Log();
    log.refuse = (records) =>
      values(records).includes('bad') ? new StoreError('too large', 'record_too_large', false) : null;
    const queue = new AppendQueue(log.write, options);
    const [good, bad, other] = [
      queue.append([record('good')]),
      queue.append([record('bad')]),
      queue.append([record('other')]),
    ];
    await expect(bad).rejects.toMatchObject({ code: 'record_too_large' });
    expect(await Promise.all([good, other])).toEqual([[{ partition: 0, offset: 0 }], [{ partition: 0, offset: 1 }]]);
  });

  it('fails all calls of a write that may be tried again', async () => {
    const log = new Log();
    let refused = 0;
    log.refuse = () => (refused++ === 0 ? new StoreError('no broker', 'stream_unavailable', true) : null);
    const queue = new AppendQueue(log.write, options);
    const calls = [queue.append([record('a')]), queue.append([record('b')])];
    await expect(Promise.allSettled(calls)).resolves.toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    await expect(queue.append([record('c')])).resolves.toHaveLength(1);
    expect(log.writes).toEqual([['c']]);
  });

  it('writes nothing more of a call after a part of it failed, so that trying again keeps the order', async () => {
    const log = new Log();
    log.refuse = (records) =>
      values(records).includes('b') ? new StoreError('no broker', 'stream_unavailable', true) : null;
    const queue = new AppendQueue(log.write, { ...options, maxRecords: 1 });
    const call = queue.append([record('a'), record('b'), record('c')]);
    const other = queue.append([record('d')]);
    await expect(call).rejects.toMatchObject({ retryable: true });
    await other;
    expect(log.writes).toEqual([['a'], ['d']]);
  });

  it('turns callers away when too much is waiting, and after it was closed', async () => {
    const log = new Log();
    const queue = new AppendQueue(log.write, { ...options, maxQueuedBytes: 15 });
    const taken = [queue.append([record('a')]), queue.append([record('b')])];
    await expect(queue.append([record('c')])).rejects.toMatchObject({ code: 'stream_overloaded', retryable: true });
    await queue.close();
    await expect(Promise.all(taken)).resolves.toHaveLength(2);
    await expect(queue.append([record('d')])).rejects.toMatchObject({ code: 'stream_closed', retryable: false });
  });
});
