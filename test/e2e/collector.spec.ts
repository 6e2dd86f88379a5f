import { gzipSync } from 'node:zlib';
import { partitionFor } from '#core';
import { useDatabase } from '#testkit';
import { basic, CollectorUnderTest, loggedEvents, prepareDatabase, WRITE_KEY } from './collector-under-test.js';

const track = { event: 'Product Added', userId: 'ann', messageId: 'm1', properties: { price: 30 } };

describe('the collector', () => {
  const database = useDatabase();
  let collector: CollectorUnderTest;

  beforeAll(async () => {
    await prepareDatabase(database);
    collector = await CollectorUnderTest.start(database.url);
  });
  afterAll(() => collector?.stop());
  afterEach(() => database.query('truncate log'));

  const logged = () => loggedEvents(database);
  const nothingLogged = async () => expect(await logged()).toEqual([]);

  describe('takes', () => {
    it.each(['track', 'identify', 'page', 'screen', 'alias', 'group'])('one %s call on its own path', async (type) => {
      const answer = await collector.post(`/v1/${type}`, { ...track, type: 'something else' });
      expect([answer.status, answer.body]).toEqual([200, { success: true }]);
      const [record, ...others] = await logged();
      expect(others).toEqual([]);
      expect(record).toEqual({
        partition: partitionFor('ann', 4),
        key: 'ann',
        headers: null,
        event: { ...track, type, timestamp: expect.any(String), receivedAt: expect.any(String) },
      });
      expect(record!.event['timestamp']).toBe(record!.event['receivedAt']);
    });

    it('a batch, in order for every customer, and mends the clock of its sender', async () => {
      const batch = Array.from({ length: 200 }, (_, n) => ({
        ...track,
        type: 'track',
        userId: `customer-${n % 7}`,
        messageId: `m${n}`,
        timestamp: '2020-01-01T00:00:00.000Z',
      }));
      const sentAt = '2020-01-01T00:00:10.000Z';
      expect((await collector.post('/v1/batch', { batch, sentAt })).status).toBe(200);
      const events = await logged();
      for (let customer = 0; customer < 7; customer++) {
        const mine = events.filter(({ key }) => key === `customer-${customer}`).map(({ event }) => event['messageId']);
        expect(mine).toEqual(batch.filter((_, n) => n % 7 === customer).map(({ messageId }) => messageId));
      }
      const { timestamp, receivedAt, originalTimestamp } = events[0]!.event;
      expect(Date.parse(receivedAt as string) - Date.parse(timestamp as string)).toBe(10_000);
      expect(originalTimestamp).toBe('2020-01-01T00:00:00.000Z');
    });

    it('history, marked as such', async () => {
      const batch = [{ ...track, type: 'track', timestamp: '2021-05-01T10:00:00Z' }];
      expect((await collector.post('/v1/import', { batch, sentAt: '2020-01-01' })).status).toBe(200);
      expect(await logged()).toMatchObject([
        { headers: { 'kairos-historical': 'true' }, event: { timestamp: '2021-05-01T10:00:00.000Z' } },
      ]);
    });

    it('an empty batch', async () => {
      expect((await collector.post('/v1/batch', { batch: [] })).status).toBe(200);
      await nothingLogged();
    });

    it('bodies in gzip, as beacons send them, and with JSON of a kind', async () => {
      const zipped = gzipSync(JSON.stringify(track));
      expect((await collector.post('/v1/track', zipped, { 'content-encoding': 'gzip' })).status).toBe(200);
      for (const type of ['text/plain;charset=UTF-8', 'application/vnd.shop+json', 'Application/JSON'])
        expect((await collector.post('/v1/track', track, { 'content-type': type })).status).toBe(200);
      expect(await logged()).toHaveLength(4);
    });

    it('2,500 events and 500 KB, not more', async () => {
      const few = (count: number) => ({ batch: Array.from({ length: count }, () => ({ ...track, type: 'track' })) });
      expect((await collector.post('/v1/batch', few(2_500))).status).toBe(200);
      expect(await logged()).toHaveLength(2_500);
      await database.query('truncate log');
      const many = await collector.post('/v1/batch', few(2_501));
      expect([many.status, many.body['message']]).toEqual([
        413,
        'the batch holds 2501 events, 2500 are allowed; send it in parts',
      ]);
      const body = JSON.stringify(track);
      expect((await collector.post('/v1/track', body + ' '.repeat(512_000 - body.length))).status).toBe(200);
      await database.query('truncate log');
      const large = body + ' '.repeat(512_001 - body.length);
      for (const answer of [
        await collector.post('/v1/track', large),
        await collector.post('/v1/track', gzipSync(large), { 'content-encoding': 'gzip' }),
      ])
        expect([answer.status, answer.body['message']]).toEqual([
          413,
          'the body is larger than 512000 bytes; send the events in several requests',
        ]);
      await nothingLogged();
    });
  });

  describe('asks for the write key', () => {
    const send = (headers: { [name: string]: string }, body: object) =>
      collector.request('/v1/track', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });

    it('as the user of Basic, or in the body, which does not keep it', async () => {
      expect((await send({ authorization: basic(WRITE_KEY) }, track)).status).toBe(200);
      expect((await send({}, { ...track, writeKey: WRITE_KEY })).status).toBe(200);
      for (const { event } of await logged()) expect(JSON.stringify(event)).not.toContain(WRITE_KEY);
    });

    it.each([
      ['a write key is missing', {}, {}],
      ['a write key is missing', { authorization: `Bearer ${WRITE_KEY}` }, {}],
      ['a write key is missing', { authorization: 'Basic !' }, { writeKey: [WRITE_KEY] }],
      ['this write key is not known', { authorization: basic('wk_other') }, {}],
      ['this write key is not known', { authorization: basic('') }, { writeKey: WRITE_KEY }],
      ['this write key is not known', {}, { writeKey: `${WRITE_KEY}x` }],
      [
        'this write key is not known',
        { authorization: `Basic ${Buffer.from(`:${WRITE_KEY}`).toString('base64')}` },
        {},
      ],
    ])('and says 401: %s', async (sentence, headers, body) => {
      const before = await collector.received('unauthorized');
      const answer = await send(headers, { ...track, ...body });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Kairos write key"');
      expect(answer.body).toEqual({ success: false, message: expect.stringContaining(sentence) });
      expect(answer.text).not.toContain(WRITE_KEY);
      expect(await collector.received('unauthorized')).toBe(before + 1);
      await nothingLogged();
    });
  });

  describe('names what it cannot take', () => {
    it('event by event, and keeps the good ones', async () => {
      const before = [await collector.received('accepted'), await collector.received('refused')];
      const good = { ...track, type: 'track' };
      const batch = [good, { ...good, messageId: 'bad', userId: 7 }, null, { ...good, messageId: 'm3' }];
      const answer = await collector.post('/v1/batch', { batch });
      expect([answer.status, answer.body]).toEqual([
        400,
        {
          success: false,
          message: '2 of 4 events can never be taken as they are; the others are kept',
          accepted: 2,
          errors: [
            { index: 1, messageId: 'bad', event: 'Product Added', field: 'userId', reason: 'must be a text' },
            { index: 2, messageId: null, event: null, field: '', reason: 'an event is a JSON object' },
          ],
        },
      ]);
      expect((await logged()).map(({ event }) => event['messageId'])).toEqual(['m1', 'm3']);
      expect([await collector.received('accepted'), await collector.received('refused')]).toEqual([
        before[0]! + 2,
        before[1]! + 2,
      ]);
    });

    it('and says so in its log, once in a while, without a word of what was sent', async () => {
      const call = { ...track, type: 'track', userId: 'a\0@shop.test' };
      for (let n = 0; n < 3; n++) expect((await collector.post('/v1/batch', { batch: [call, call] })).status).toBe(400);
      const said = collector.lines.filter((line) => line.includes('NUL'));
      expect(said).toEqual([
        'events were refused, the answer says which: their sender has to mend them ' +
          '{"field":"userId","reason":"holds the character NUL, which PostgreSQL keeps in no text","events":2}',
      ]);
      expect(collector.lines.join('\n')).not.toContain('shop.test');
    });

    const many = '[{"a":'.repeat(20_000) + '1' + '}]'.repeat(20_000);
    it.each([
      ['/v1/track', '{"event": }', 400, /^the body is not JSON/],
      ['/v1/track', '{"event": "a" "ann@shop.test"}', 400, /^the body is not JSON; look at character 15$/],
      ['/v1/track', '', 400, /^the body is empty/],
      ['/v1/track', '[]', 400, /^the body must be one track call, a JSON object$/],
      ['/v1/identify', '"ann"', 400, /^the body must be one identify call, a JSON object$/],
      ['/v1/track', 'null', 400, /^the body must be one track call/],
      ['/v1/batch', '[]', 400, /^the body must be a JSON object with a list "batch" of calls$/],
      ['/v1/batch', '{"batch": {"0": {}}}', 400, /a list "batch"/],
      ['/v1/batch', '{"__proto__": {"batch": []}}', 400, /a list "batch"/],
      ['/v1/batch', many, 400, /a list "batch"/],
      ['/v1/track', `{"event": "a", "userId": "ann", "properties": {"x": ${many}}}`, 400, /^1 of 1 events/],
    ])('%s: %.40s', async (path, body, status, message) => {
      const answer = await collector.post(path, body);
      expect([answer.status, answer.body['success']]).toEqual([status, false]);
      expect(answer.body['message']).toMatch(message);
      expect(answer.text).not.toContain('ann@shop.test');
      await nothingLogged();
    });

    it('bodies that are no JSON by their own word, or are not packed as they say', async () => {
      const statusOf = async (headers: { [name: string]: string }) => {
        const { status, body } = await collector.post('/v1/track', JSON.stringify(track), headers);
        return [status, body['message']];
      };
      const unreadable = await collector.received('unreadable');
      const asJson = 'events come as JSON: set the header Content-Type to application/json';
      expect(await statusOf({ 'content-type': 'text/html' })).toEqual([415, asJson]);
      expect(await statusOf({ 'content-type': 'application/x-www-form-urlencoded' })).toEqual([415, asJson]);
      const utf8 = 'the body must be JSON in UTF-8, plain or compressed with gzip';
      expect(await statusOf({ 'content-type': 'application/json; charset=latin1' })).toEqual([415, utf8]);
      const latin1 = await collector.post(
        '/v1/track',
        Buffer.from(JSON.stringify({ ...track, userId: 'müller' }), 'latin1'),
      );
      expect([latin1.status, latin1.body['message']]).toEqual([415, utf8]);
      expect(await statusOf({ 'content-encoding': 'zstd2' })).toEqual([415, utf8]);
      expect((await statusOf({ 'content-encoding': 'gzip' }))[0]).toBe(400);
      expect(await collector.received('unreadable')).toBe(unreadable + 6);
      await nothingLogged();
    });

    it('paths and methods, in JSON', async () => {
      for (const path of ['/', '/v1', '/v1/nothing', '/v1/batch/more', '/%E0%A4%A'])
        expect((await collector.post(path, track)).body).toMatchObject({ success: false, message: expect.any(String) });
      const nowhere = await collector.request('/v1/nothing');
      expect([nowhere.status, nowhere.body]).toEqual([
        404,
        { success: false, message: 'nothing is here; events go to POST /v1/batch' },
      ]);
      for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
        const answer = await collector.request('/v1/batch', { method });
        expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
      }
      const asked = await collector.request('/v1/track', { method: 'OPTIONS' });
      expect([asked.status, asked.text, asked.headers.get('allow')]).toEqual([204, '', 'POST, OPTIONS']);
    });
  });

  it('answers what nobody foresaw without a word of the inside, and logs no personal data', async () => {
    const append = collector.backbone.stream.append;
    collector.backbone.stream.append = () => Promise.reject(new TypeError('cannot read ann@shop.test of undefined'));
    try {
      const answer = await collector.post('/v1/track', { ...track, userId: 'ann@shop.test' });
      expect([answer.status, answer.body]).toEqual([
        500,
        { success: false, message: 'something went wrong here; send the request again' },
      ]);
    } finally {
      collector.backbone.stream.append = append;
    }
    const lines = collector.lines.join('\n');
    expect(lines).toContain('TypeError');
    expect(lines).not.toContain('ann@shop.test');
    expect(lines).not.toContain(WRITE_KEY);
  });
});
