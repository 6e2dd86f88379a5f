import { TcpProxy, useDatabase, waitUntil } from '#testkit';
import { CollectorUnderTest, loggedEvents, prepareDatabase } from './collector-under-test.js';

const ANSWER_WITHIN_MS = 1_500;
const batchOf = (from: number, count: number) => ({
  batch: Array.from({ length: count }, (_, n) => ({
    type: 'track',
    event: 'Product Added',
    userId: `customer-${(from + n) % 5}`,
    messageId: `m${from + n}`,
  })),
});

describe('the collector while the database is away', () => {
  const database = useDatabase();
  let proxy: TcpProxy;
  let collector: CollectorUnderTest;

  beforeAll(async () => {
    await prepareDatabase(database);
    proxy = await TcpProxy.to(database.url);
    collector = await CollectorUnderTest.start(proxy.through(database.url), { answerWithinMs: ANSWER_WITHIN_MS });
  });
  beforeEach(async () => expect((await collector.post('/v1/batch', { batch: [] })).status).toBe(200));
  afterEach(() => database.query('truncate log'));
  afterAll(async () => {
    proxy?.mend();
    proxy?.resume();
    await collector?.stop();
    await proxy?.stop();
  });

  const idsIn = async () => (await loggedEvents(database)).map(({ event }) => event['messageId'] as string);
  const refused = async (body: unknown) => {
    const answer = await collector.post('/v1/batch', body);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.body).toEqual({ success: false, message: expect.stringContaining('send the same request again') });
    for (const inside of ['ECONN', 'postgres', 'SQL', 'kairos_']) expect(answer.text).not.toContain(inside);
  };
  /** As a client does it. */
  const untilTaken = (body: unknown) =>
    waitUntil('200', async () => (await collector.post('/v1/batch', body)).status === 200);

  it('answers 503 when the way to it is cut, and takes everything when it is back', async () => {
    await untilTaken(batchOf(0, 10));
    proxy.cut();
    const before = await collector.received('unavailable');
    await refused(batchOf(10, 10));
    expect(await collector.received('unavailable')).toBe(before + 10);
    expect(await idsIn()).toHaveLength(10);
    proxy.mend();
    await untilTaken(batchOf(10, 10));
    const ids = await idsIn();
    expect(ids).toHaveLength(20);
    expect(new Set(ids).size).toBe(20);
  });

  it('still names the events that can never be taken once it takes the others', async () => {
    const batch = [...batchOf(0, 2).batch, { type: 'track', userId: 'ann', messageId: 'bad' }];
    proxy.cut();
    await refused({ batch });
    proxy.mend();
    const answer = await waitUntil('400', async () => {
      const again = await collector.post('/v1/batch', { batch });
      return again.status === 400 && again;
    });
    expect(answer.body).toMatchObject({ accepted: 2, errors: [{ index: 2, messageId: 'bad', field: 'event' }] });
  });

  it('answers nothing but 503 while the commit is not confirmed, and what was written all the same has the same ids', async () => {
    await untilTaken(batchOf(100, 1));
    proxy.pause('replies');
    await refused(batchOf(0, 10));
    // Written, and only the answer is missing.
    await waitUntil('the commit', async () => (await idsIn()).length === 11);
    proxy.breakAll();
    proxy.resume();
    await untilTaken(batchOf(0, 10));
    const events = (await loggedEvents(database)).filter(({ event }) => event['messageId'] !== 'm100');
    expect(events).toHaveLength(20);
    const byId = new Map<unknown, Set<string>>();
    for (const { key, partition, event } of events) {
      const places = byId.get(event['messageId']) ?? new Set();
      byId.set(event['messageId'], places.add(`${key} ${partition}`));
    }
    // The engine drops the second of each: it meets it in the same partition, under the same id and customer.
    expect(byId.size).toBe(10);
    for (const places of byId.values()) expect(places.size).toBe(1);
  });

  it('does not keep a client waiting for a stream that says nothing at all', async () => {
    const { stream } = collector.backbone;
    const append = stream.append;
    let speak: () => void = () => undefined;
    stream.append = (requests) => new Promise((resolve) => (speak = () => resolve(append.call(stream, requests))));
    await refused(batchOf(0, 1));
    stream.append = append;
    speak();
    await waitUntil('what was refused as late', async () => (await idsIn()).length === 1);
  });

  it('loses nothing that it acknowledged, whatever is cut while many send', async () => {
    const acknowledged = new Set<string>();
    let sending = true;
    const senders = [0, 1, 2, 3].map(async (sender) => {
      for (let n = 0; sending; n++) {
        const body = batchOf(1_000 * (100 * sender + n), 3);
        while ((await collector.post('/v1/batch', body)).status !== 200);
        for (const { messageId } of body.batch) acknowledged.add(messageId);
      }
    });
    for (let cut = 0; cut < 5; cut++) {
      const soFar = acknowledged.size;
      await waitUntil('more events', () => acknowledged.size > soFar + 60);
      if (cut % 2 === 0) proxy.cut();
      else proxy.breakAll();
      const refusals = await collector.received('unavailable');
      if (cut % 2 === 0) await waitUntil('a refusal', async () => (await collector.received('unavailable')) > refusals);
      proxy.mend();
    }
    sending = false;
    await Promise.all(senders);
    const written = new Set(await idsIn());
    expect([...acknowledged].filter((id) => !written.has(id))).toEqual([]);
    expect([...written].filter((id) => !acknowledged.has(id))).toEqual([]);
  });
});

describe('the collector that stops', () => {
  const database = useDatabase();
  beforeAll(() => prepareDatabase(database));

  it('answers what it has been sent, and only then closes', async () => {
    const collector = await CollectorUnderTest.start(database.url);
    const bodies = Array.from({ length: 20 }, (_, n) => batchOf(n * 100, 100));
    const answers = bodies.map((body) => collector.post('/v1/batch', body));
    await Promise.race(answers);
    const stopped = collector.stop();
    // A connection that was not accepted yet is refused; whoever was heard gets an answer.
    const settled = await Promise.allSettled(answers);
    await stopped;
    const statuses = settled.map((answer) => (answer.status === 'fulfilled' ? answer.value.status : 'refused'));
    const taken = statuses.filter((status) => status === 200).length;
    expect(taken).toBeGreaterThan(0);
    expect(statuses.filter((status) => status !== 200 && status !== 'refused')).toEqual([]);
    expect((await loggedEvents(database)).length).toBe(taken * 100);
  });
});
