import kafkajs, { type Producer } from 'kafkajs';
import { describeWhereKafkaCanRun, waitUntil } from '#testkit';
import { chaosWorkspace } from './chaos-workspace.js';
import { freeAddress } from './installation.js';
import { EVENTS_TOPIC, PATIENCE_MS, useKairosOnKafka } from './kairos-on-kafka.js';
import { readLog } from './read-log.mjs';

const PARTITIONS = 3;
const DEAD_LETTERS_TOPIC = 'kairos.dead-letters';
/** What a topic takes by default is 1,048,588 bytes with everything around it. */
const LARGEST = 1_048_500;

interface Garbage {
  readonly what: string;
  readonly reason: string;
  readonly key: string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Record<string, string>;
}

const signUp = { type: 'track', event: 'Signed Up' };
const deep = `{"type":"track","event":"Signed Up","userId":"deep","properties":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;

const GARBAGE: readonly Garbage[] = [
  { what: 'no JSON', reason: 'unreadable', key: 'ann', value: 'Dear Sir or Madam' },
  { what: 'a list', reason: 'unreadable', key: 'ann', value: '[]' },
  { what: 'not UTF-8', reason: 'unreadable', key: 'ann', value: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
  { what: 'neither key nor user', reason: 'no_key', key: null, value: JSON.stringify(signUp) },
  { what: 'no user', reason: 'unreadable', key: 'ann', value: JSON.stringify(signUp) },
  { what: 'a number as user', reason: 'unreadable', key: '7', value: JSON.stringify({ ...signUp, userId: 7 }) },
  {
    what: 'a wrong time',
    reason: 'unreadable',
    key: 'ann',
    value: JSON.stringify({ ...signUp, userId: 'ann', timestamp: 'soon' }),
  },
  {
    what: 'properties as a list',
    reason: 'unreadable',
    key: 'ann',
    value: JSON.stringify({ ...signUp, userId: 'ann', properties: [] }),
  },
  {
    what: 'an unknown type',
    reason: 'unreadable',
    key: 'ann',
    value: JSON.stringify({ ...signUp, type: 'trace', userId: 'ann' }),
  },
  { what: 'a megabyte of brackets', reason: 'unreadable', key: 'ann', value: '['.repeat(1_000_000) },
  { what: 'as much as the topic takes', reason: 'unreadable', key: null, value: 'x'.repeat(LARGEST) },
  { what: 'nothing', reason: 'unreadable', key: 'ann', value: '' },
  { what: 'a tombstone', reason: 'unreadable', key: 'ann', value: null },
  {
    what: 'of an unknown kind',
    reason: 'unknown_kind',
    key: 'ann',
    value: '{}',
    headers: { 'kairos-kind': 'surprise' },
  },
  {
    what: 'forwarded by nobody',
    reason: 'unreadable',
    key: 'ann',
    value: JSON.stringify({ ...signUp, userId: 'ann' }),
    headers: { 'kairos-kind': 'forward', 'kairos-append': 'soon' },
  },
  { what: 'deeper than a rule can look', reason: 'poison', key: 'deep', value: deep },
];

describeWhereKafkaCanRun('anybody writing straight to the topic', () => {
  const kairos = useKairosOnKafka({ partitions: PARTITIONS, files: chaosWorkspace() });
  const place = kafkajs.Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({ partitionId, leader: 0 }));
  let producer: Producer;
  let ops: string;

  beforeAll(async () => {
    const kafka = new kafkajs.Kafka({ brokers: kairos.brokers, logLevel: kafkajs.logLevel.NOTHING });
    producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    kairos.kept({ close: () => producer.disconnect() });
    await producer.connect();
    ops = await freeAddress();
    await Promise.all([kairos.installation.start('trigger-engine', ops), kairos.installation.start('delivery')]);
  }, 240_000);

  const homeOf = (key: string): number =>
    place({ topic: EVENTS_TOPIC, partitionMetadata: partitionMetadata as never, message: { key, value: null } });
  const identify = (userId: string) =>
    JSON.stringify({ type: 'identify', userId, messageId: `${userId}.0`, traits: { email: `${userId}@shop.test` } });
  const signedUp = (userId: string) => JSON.stringify({ ...signUp, userId, messageId: `${userId}.1` });
  const welcomed = (userId: string): Promise<unknown> =>
    kairos.sink.mails.first(({ to }) => to[0] === `${userId}@shop.test`, PATIENCE_MS);

  it('is answered with mails and no ceremony', async () => {
    await producer.send({
      topic: EVENTS_TOPIC,
      messages: [
        { key: 'ann', value: identify('ann') },
        { key: 'ann', value: signedUp('ann') },
      ],
    });
    await welcomed('ann');
  });

  it('gets garbage back as dead letters, and the partition goes on', async () => {
    const partition = homeOf('bob');
    const offsets: number[] = [];
    for (const { key, value, headers = {} } of GARBAGE) {
      const message = { key, value, headers, partition };
      const [written] = await producer.send({ topic: EVENTS_TOPIC, messages: [message] });
      offsets.push(Number(written!.baseOffset));
    }
    const last = {
      topic: EVENTS_TOPIC,
      messages: [
        { key: 'bob', value: identify('bob') },
        { key: 'bob', value: signedUp('bob') },
      ],
    };
    await producer.send(last);
    await welcomed('bob');

    const rows = await kairos.database.query<{
      log_offset: string;
      reason: string;
      value: Buffer | null;
      key: Buffer | null;
    }>('select log_offset, reason, key, value from dead_letter where partition = $1 order by log_offset', [partition]);
    expect(rows.map((row) => ({ offset: Number(row.log_offset), reason: row.reason }))).toEqual(
      GARBAGE.map(({ reason }, k) => ({ offset: offsets[k], reason })),
    );
    for (const [k, { key, value, what }] of GARBAGE.entries()) {
      const kept = rows[k]!;
      expect({ what, key: kept.key?.toString() ?? null, same: same(kept.value, value) }).toEqual({
        what,
        key,
        same: true,
      });
    }
  }, 240_000);

  it('finds the dead letters in a topic, with where they came from and why', async () => {
    const letters = await waitUntil('the dead letters', async () => {
      const found = await readLog(kairos.brokers, DEAD_LETTERS_TOPIC);
      return found.length >= GARBAGE.length && found;
    });
    const partition = String(homeOf('bob'));
    expect(
      letters.map(({ headers }) => ({
        topic: headers['topic'],
        partition: headers['partition'],
        reason: headers['reason'],
      })),
    ).toEqual(GARBAGE.map(({ reason }) => ({ topic: EVENTS_TOPIC, partition, reason })));
    const offsets = await kairos.database.query<{ log_offset: string }>(
      'select log_offset from dead_letter order by log_offset',
    );
    expect(letters.map(({ headers }) => headers['offset'])).toEqual(offsets.map((row) => row.log_offset));
    for (const [k, { value }] of GARBAGE.entries()) {
      // What leaves no room for the reason comes without its text; the table has it.
      if (typeof value === 'string' && value.length < LARGEST) expect(letters[k]!.value ?? '').toBe(value);
    }
  });

  it('may know nothing of our partitions: what lies in a wrong one is forwarded and counted', async () => {
    const home = homeOf('carl');
    const elsewhere = (home + 1) % PARTITIONS;
    await producer.send({
      topic: EVENTS_TOPIC,
      messages: [
        { key: 'carl', value: identify('carl'), partition: elsewhere },
        { key: 'carl', value: signedUp('carl'), partition: elsewhere },
      ],
    });
    await welcomed('carl');
    const metrics = await fetch(`http://${ops}/metrics`).then((answer) => answer.text());
    expect(metrics).toMatch(/^kairos_records_forwarded_total\{client="[^"]*"\} 2$/m);
    expect(metrics).toMatch(/^kairos_events_dead_lettered_total\{reason="no_key"\} 1$/m);
    await kairos.settled();
    expect(kairos.installation.endedAlone).toEqual([]);
  }, 240_000);
});

function same(kept: Buffer | null, sent: Buffer | string | null): boolean {
  return sent === null ? kept === null : kept !== null && Buffer.from(sent as string).equals(kept);
}
