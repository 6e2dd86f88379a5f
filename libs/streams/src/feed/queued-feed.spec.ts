import { LogTruncatedError, type StreamBatch } from '#engine';
import { QueuedFeed, type FeedSource } from './queued-feed.js';

const MB = 1024 * 1024;
const batch = (nextOffset: number): StreamBatch => ({ records: [], nextOffset });

function feedOf() {
  const calls: string[] = [];
  const source: FeedSource = {
    confirmedAt: 7,
    begin: async (feed, offset) => feed.begin(offset),
    full: () => void calls.push('full'),
    hungry: () => void calls.push('hungry'),
  };
  return { feed: new QueuedFeed(3, 1, source), calls };
}

describe('QueuedFeed', () => {
  it('takes nothing before it was told where to begin', async () => {
    const { feed } = feedOf();
    expect([feed.expected, feed.wantsMore]).toEqual([null, false]);
    await feed.seek(5);
    expect([feed.expected, feed.wantsMore]).toEqual([5, true]);
  });

  it('says once when it is full, and once when it is hungry again', async () => {
    const { feed, calls } = feedOf();
    await feed.seek(0);
    for (let k = 1; k <= 10; k++) feed.push(batch(k), MB);
    expect([calls, feed.queuedBytes, feed.wantsMore]).toEqual([['full'], 10 * MB, false]);
    for (let k = 0; k < 8; k++) feed.poll();
    expect(calls).toEqual(['full']);
    feed.poll();
    expect([calls, feed.wantsMore]).toEqual([['full', 'hungry'], true]);
  });

  it('gives out what it has before it says why nothing more comes, and that until it is set elsewhere', async () => {
    const { feed } = feedOf();
    await feed.seek(0);
    feed.push(batch(4), 10);
    const error = new LogTruncatedError('kairos.events', 3, 4, 9);
    feed.fail(error);
    expect(feed.poll()).toEqual(batch(4));
    expect(() => feed.poll()).toThrow(error);
    expect(() => feed.poll()).toThrow(error);
    await feed.seek(9);
    expect(feed.poll()).toBeNull();
  });

  it('forgets what was queued when it is set elsewhere', async () => {
    const { feed } = feedOf();
    await feed.seek(0);
    feed.push(batch(4), 9 * MB);
    await feed.seek(2);
    expect([feed.poll(), feed.queuedBytes, feed.expected]).toEqual([null, 0, 2]);
  });

  it('is silent after it was closed, whatever it held', async () => {
    const { feed } = feedOf();
    await feed.seek(0);
    feed.push(batch(4), 10);
    let woken = 0;
    feed.onAvailable(() => void woken++);
    feed.close();
    expect([feed.current, feed.poll(), woken]).toEqual([false, null, 1]);
    feed.fail(new LogTruncatedError('kairos.events', 3, 4, 9));
    expect(feed.poll()).toBeNull();
  });

  it('counts what lies behind what was given out', async () => {
    const { feed } = feedOf();
    expect(feed.lag).toBeNull();
    await feed.seek(2);
    feed.logEnd = 10;
    feed.push(batch(6), 10);
    expect(feed.lag).toBe(8);
    feed.poll();
    expect(feed.lag).toBe(4);
  });
});
