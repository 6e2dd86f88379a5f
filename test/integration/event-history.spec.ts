import { partitionFor } from '#core';
import { eraseRecord, HistoryRecorder, type AppendRequest, type RecordedEvent } from '#engine';
import { PostgresEventHistory, PostgresPool } from '#postgres';
import { EmbeddedEventStream, ensureEmbeddedLog } from '#streams';
import { randomName, useDatabase, waitUntil } from '#testkit';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { at: (ms: number) => ms, now: () => Date.now() };
const PARTITIONS = 2;
const DAY_MS = 86_400_000;

describe('the history of events', () => {
  const database = useDatabase();
  let name: string;
  let pool: PostgresPool;
  let history: PostgresEventHistory;
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    name = randomName('events');
    await ensureEmbeddedLog(database.url, name, PARTITIONS);
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 4, log: () => undefined });
    history = new PostgresEventHistory(pool, name);
    closing.push(() => pool.end());
  });
  afterEach(async () => {
    while (closing.length > 0) await closing.pop()!();
  });

  function open(group: string): EmbeddedEventStream {
    const stream = new EmbeddedEventStream({
      name,
      group,
      partitions: PARTITIONS,
      connectionString: database.url,
      clock,
      log: silent,
    });
    closing.push(() => stream.close());
    return stream;
  }

  async function record(): Promise<HistoryRecorder> {
    const items = { read: () => Promise.resolve({ 'Product Updated': 'product_id' }) };
    const recorder = new HistoryRecorder({ stream: open('history'), history, items, log: silent, clock, keptDays: 90 });
    await recorder.start();
    closing.push(() => recorder.stop());
    return recorder;
  }

  const track = (customer: string, event: string, more: object = {}) =>
    Buffer.from(JSON.stringify({ type: 'track', event, userId: customer, messageId: `${customer} ${event}`, ...more }));
  const sent = (customer: string, event: string, more?: object): AppendRequest => ({
    key: customer,
    value: track(customer, event, more),
  });

  async function read(query: Partial<Parameters<PostgresEventHistory['read']>[0]> = {}): Promise<RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    for await (const event of history.read({ customer: null, things: true, from: null, to: null, ...query }))
      found.push(event);
    return found;
  }
  const eventsOf = async (query?: Parameters<typeof read>[0]) =>
    (await read(query)).map(({ value }) => (JSON.parse(Buffer.from(value).toString()) as { event: string }).event);
  const recorded = (count: number) => waitUntil(`${count} recorded events`, async () => (await read()).length >= count);

  it('forgets a customer where the stream says so, and does not learn of her again what is older', async () => {
    const stream = open('test');
    await record();
    const at = Date.now();
    const { value, headers } = eraseRecord({ recordId: 'r', id: 'erin', at, hops: 1 });
    const erase = { key: 'erin', value, headers };
    const late = { timestamp: new Date(at - 60_000).toISOString() };
    await stream.append([sent('erin', 'A'), sent('ben', 'B')]);
    await recorded(2);
    // Before and behind the record in one batch; one that was forwarded had come before.
    const forwarded = { 'kairos-kind': 'forward', 'kairos-id': 'f', 'kairos-append': String(at), 'kairos-hops': '1' };
    await stream.append([
      sent('erin', 'B'),
      erase,
      sent('erin', 'late', late),
      { ...sent('erin', 'forwarded'), headers: forwarded },
      sent('ben', 'C'),
    ]);
    await waitUntil('the batch to be recorded', async () => (await eventsOf({ customer: 'ben' })).length === 2);
    await waitUntil('her to be forgotten', async () => (await eventsOf({ customer: 'erin' })).length === 0);
    await waitUntil('the clock to move on', () => Promise.resolve(Date.now() > at + 1));
    await stream.append([sent('erin', 'new')]);
    await waitUntil('the new one', async () => (await eventsOf({ customer: 'erin' })).length === 1);
    // A copy of the record finds that it was done.
    await stream.append([erase, sent('erin', 'newer')]);
    await waitUntil('the newer one', async () => (await eventsOf({ customer: 'erin' })).includes('newer'));
    expect(await eventsOf({ customer: 'erin' })).toEqual(['new', 'newer']);
  });

  it('has every event in the order of the stream, to the byte, and nothing of Kairos’ own', async () => {
    const stream = open('test');
    await record();
    await stream.append([sent('ann', 'A', { properties: { price: 1.5 } })]);
    await stream.append([
      { key: null, partition: 0, value: null, headers: { 'kairos-kind': 'tick' } },
      { key: null, partition: 0, value: Buffer.from('{"ruleset":2}'), headers: { 'kairos-kind': 'ruleset' } },
      { key: 'ann', value: Buffer.from('not JSON') },
    ]);
    await stream.append([sent('ben', 'B')]);
    await stream.append([{ ...sent('ann', 'C'), headers: { 'kairos-historical': '1' } }]);
    await recorded(3);
    expect(await eventsOf()).toEqual(['A', 'B', 'C']);
    expect(await eventsOf({ customer: 'ann' })).toEqual(['A', 'C']);
    const [first, , last] = await read();
    expect(Buffer.from(first!.value)).toEqual(track('ann', 'A', { properties: { price: 1.5 } }));
    expect([first!.historical, last!.historical]).toEqual([false, true]);
    expect(await eventsOf({ from: last!.appendTime })).toContain('C');
    expect(await eventsOf({ to: first!.appendTime - 1 })).toEqual([]);
  });

  it('has a misplaced event once: where it was forwarded to, with the time at which it came', async () => {
    const stream = open('test');
    await record();
    const home = partitionFor('ann', PARTITIONS);
    const cameAt = Date.now() - DAY_MS;
    await stream.append([{ key: null, partition: 1 - home, value: track('ann', 'A') }]);
    await stream.append([
      {
        key: 'ann',
        value: track('ann', 'A'),
        headers: { 'kairos-kind': 'forward', 'kairos-id': 'a', 'kairos-append': String(cameAt), 'kairos-hops': '1' },
      },
    ]);
    await stream.append([sent('ann', 'B')]);
    await recorded(2);
    expect((await read()).map(({ partition, appendTime }) => [partition, appendTime === cameAt])).toEqual([
      [home, true],
      [home, false],
    ]);
  });

  it('has what happened to things once, for everybody, and in the story of each customer, but nobody’s to be filled', async () => {
    const stream = open('test');
    await record();
    const updated = (more: object) => Buffer.from(JSON.stringify({ type: 'track', event: 'Product Updated', ...more }));
    const ofLamp = updated({ messageId: 'm1', properties: { product_id: 'lamp' } });
    const byEditor = updated({ messageId: 'm2', userId: 'editor', properties: { product_id: 'lamp' } });
    const home = partitionFor('lamp', PARTITIONS);
    const copy = { 'kairos-kind': 'item', 'kairos-id': 'm1', 'kairos-append': '1', 'kairos-hops': '1' };
    await stream.append([{ key: 'lamp', value: ofLamp }]);
    for (const partition of [0, 1]) await stream.append([{ key: null, partition, value: ofLamp, headers: copy }]);
    await stream.append([
      { key: 'lamp', value: byEditor },
      { key: 'lamp', value: updated({ messageId: 'm3' }) },
    ]);
    await stream.append([sent('ann', 'A')]);
    await recorded(3);
    expect(await eventsOf()).toEqual(['Product Updated', 'Product Updated', 'A']);
    expect(await eventsOf({ customer: 'ann' })).toEqual(['Product Updated', 'Product Updated', 'A']);
    expect(await eventsOf({ customer: 'ben' })).toEqual(['Product Updated', 'Product Updated']);
    const first = '00000000-0000-0000-0000-000000000000';
    expect(await history.customersAfter(home, first, 10)).toEqual(
      partitionFor('ann', PARTITIONS) === home ? [expect.objectContaining({ customer: 'ann' })] : [],
    );
  });

  it('has nothing that rules emitted, also where it was forwarded', async () => {
    const stream = open('test');
    await record();
    const cameAt = String(Date.now() - DAY_MS);
    const headers = { 'kairos-id': 'e', 'kairos-append': cameAt, 'kairos-hops': '1', 'kairos-emits': '1' };
    await stream.append([
      { ...sent('ann', 'Tier Reached'), headers: { 'kairos-kind': 'emitted', 'kairos-emits': '1' } },
      { ...sent('ann', 'Tier Reached'), headers: { 'kairos-kind': 'forward', ...headers } },
      sent('ann', 'A'),
    ]);
    await recorded(1);
    expect(await eventsOf()).toEqual(['A']);
  });

  it('goes on where it was after a restart, and holds each event once however often it is written', async () => {
    const stream = open('test');
    const first = await record();
    await stream.append([sent('ann', 'A')]);
    await recorded(1);
    await first.stop();
    await stream.append([sent('ann', 'B')]);
    await database.query('update history_position set next_offset = 0');
    await record();
    await recorded(2);
    expect(await eventsOf()).toEqual(['A', 'B']);
  });

  it('goes on behind a gap where the log forgot what was not recorded yet', async () => {
    const stream = open('test');
    const home = partitionFor('ann', PARTITIONS);
    await stream.append([sent('ann', 'A'), sent('ann', 'B'), sent('ann', 'C')]);
    await database.query('update log_partition set start_offset = 2 where stream = $1 and partition = $2', [
      name,
      home,
    ]);
    await record();
    await recorded(1);
    expect(await eventsOf()).toEqual(['C']);
  });

  it('drops days that are older than it keeps', async () => {
    const today = Math.floor(Date.now() / DAY_MS);
    const row = (offset: number, day: number) => ({
      offset,
      appendTime: day * DAY_MS,
      eventTime: day * DAY_MS,
      customerId: '00000000-0000-0000-0000-000000000001',
      customer: 'ann',
      type: 'track',
      name: 'A',
      historical: false,
      value: track('ann', `day ${day - today}`),
    });
    await history.append(0, [row(0, today - 100), row(1, today - 10), row(2, today)], 3);
    expect(await history.dropBefore(today - 90)).toBe(1);
    expect(await eventsOf()).toEqual(['day -10', 'day 0']);
    expect(await history.position(0)).toBe(3);
  });

  it('hands out customers in the order of their ids, and their events one customer after the other, over any number of days', async () => {
    const DAYS = 30;
    const today = Math.floor(Date.now() / DAY_MS) - DAYS;
    const ids = ['a', 'b', 'c'].map((digit) => `${digit}0000000-0000-0000-0000-000000000000`);
    const rows = Array.from({ length: 4_500 }, (_, offset) => {
      const at = (today + (offset % DAYS)) * DAY_MS;
      const customer = offset % 3;
      return {
        offset,
        appendTime: at,
        eventTime: at,
        customerId: ids[customer]!,
        customer: `customer ${customer}`,
        type: 'track',
        name: 'A',
        historical: false,
        value: track(`customer ${customer}`, 'A'),
      };
    });
    await history.append(1, rows, 4_500);
    const all = await history.customersAfter(1, ids[0]!, 10);
    expect(all).toEqual([1, 2].map((n) => ({ customerId: ids[n], customer: `customer ${n}` })));
    expect(await history.customersAfter(1, '00000000-0000-0000-0000-000000000000', 1)).toHaveLength(1);
    expect(await history.customersAfter(0, '00000000-0000-0000-0000-000000000000', 10)).toEqual([]);
    const found: string[] = [];
    for await (const row of history.eventsOf(1, { first: ids[0]!, last: ids[1]! }, 4_400))
      found.push(`${row.customer} ${row.offset}`);
    const expected = [0, 1].flatMap((n) =>
      rows.filter(({ offset }) => offset % 3 === n && offset < 4_400).map((row) => `${row.customer} ${row.offset}`),
    );
    expect(found).toEqual(expected);
  });
});
