import { customerIdOf, encodeState, newCustomerState, partitionFor } from '#core';
import { decodeSuppressed, type CloseWrite, type OutcomeEvent, type PartitionCommit } from '#engine';
import {
  AddressHasher,
  fixStreamLayout,
  OldMessages,
  PostgresCustomerEraser,
  PostgresFeedbackBook,
  PostgresInboxBook,
  PostgresMessageLedger,
  PostgresPartitionStore,
  PostgresPool,
} from '#postgres';
import { useDatabase } from '#testkit';
import { atMost, EMPTY } from './ledger-decisions.js';
import { plannedMessage } from './planned-message.js';

const STREAM = 'kairos.events';
const PARTITIONS = 4;
const clock = { now: () => Date.now(), at: (ms: number) => ms };
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const [WORKER, LEASE_MS] = [7, 60_000];
const ANN = 'ann';
const HOME = partitionFor(ANN, PARTITIONS);

describe('erasing a customer while delivery is at work', () => {
  const database = useDatabase();
  const hasher = new AddressHasher(() => 'a secret of this installation');
  let pool: PostgresPool;
  let store: PostgresPartitionStore;
  let ledger: PostgresMessageLedger;
  let eraser: PostgresCustomerEraser;

  beforeAll(async () => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 8, log: () => undefined });
    await fixStreamLayout(pool, STREAM, PARTITIONS);
    store = new PostgresPartitionStore(pool, STREAM);
    ledger = new PostgresMessageLedger(pool, { stream: STREAM, clock, hasher });
    eraser = new PostgresCustomerEraser(pool, { stream: STREAM, partitions: PARTITIONS, clock });
  });
  afterAll(() => pool.end());
  beforeEach(() =>
    database.query(
      `truncate message_open, message_cancel, message, message_outcome, contact, customer_state, stream_outbox, inbox_message,
                erased_customer, erased_address, erasure, contact_feedback, dead_letter, customer_hold`,
    ),
  );

  const commit = async (partition: number, what: Partial<PartitionCommit>): Promise<void> => {
    const from = await store.takeOver(partition, 'test');
    const at = { from, nextOffset: from.nextOffset, logTime: 0, firedThrough: 0, ruleset: 0 };
    expect(await store.commit(partition, { ...EMPTY, ...at, ...what })).toMatchObject({ kind: 'committed' });
  };
  const know = (customer: string, email: string) => {
    const state = newCustomerState(customer);
    state.traits.set('email', email, 1);
    const write = { customerId: customerIdOf(customer), nextFire: null, state: encodeState(state) };
    return commit(partitionFor(customer, PARTITIONS), { states: [write] });
  };
  const plan = async (customer = ANN): Promise<string> => {
    const planned = plannedMessage(customer);
    await commit(partitionFor(customer, PARTITIONS), { planned: [planned] });
    return planned.message.id;
  };
  const claim = (seen?: Parameters<typeof atMost>[1]) =>
    ledger.claim({ worker: WORKER, limit: 100, leaseMs: LEASE_MS }, atMost(100, seen));
  const erase = async () => eraser.erase(await eraser.find(ANN), { by: 'test', reason: null, hasher });
  /** As her owner does where it comes to the record. */
  const apply = () => commit(HOME, { erased: [{ customerId: customerIdOf(ANN), customer: ANN, until: Date.now() }] });
  const outcome = (messageId: string): OutcomeEvent => ({
    messageId,
    customerKey: ANN,
    recordId: `${messageId}:sent`,
    value: Buffer.from('{"event":"Message Sent"}'),
  });
  const sent = (messageId: string): CloseWrite => ({
    kind: 'sent',
    messageId,
    providerId: 'x',
    detail: '250 ok for ann',
  });
  const outbox = async () =>
    (await database.query<{ value: Buffer }>('select value from stream_outbox order by n')).map(
      ({ value }) => Object.keys(JSON.parse(value.toString()) as object)[0],
    );
  const messages = () => database.query('select outcome, customer, run, detail, decision, plan from message');
  const GONE = { customer: '', run: '', detail: null, decision: null, plan: null };

  it('gives no permit to what was only reserved, and forgets it whatever its attempt comes to', async () => {
    const id = await plan();
    expect((await claim()).reserved).toHaveLength(1);
    await erase();
    expect(await ledger.permit(WORKER, [id], 1_000)).toEqual(new Set());
    const failed: CloseWrite = {
      kind: 'failed',
      messageId: id,
      reason: 'template_error',
      detail: 'no name',
      suppressAddresses: [],
    };
    await ledger.close(WORKER, [failed], [outcome(id)]);
    expect(await messages()).toEqual([]);
    expect(await database.query('select from message_open')).toEqual([]);
    expect(await outbox()).toEqual(['id']);
  });

  it('counts what was permitted as unknown, and tells nobody how it ended', async () => {
    const id = await plan();
    await claim();
    expect(await ledger.permit(WORKER, [id], 1_000)).toEqual(new Set([id]));
    expect(await erase()).toMatchObject({ messages: 1 });
    await ledger.close(WORKER, [sent(id)], [outcome(id)]);
    expect(await messages()).toEqual([{ outcome: 'unknown', ...GONE }]);
    expect(await outbox()).toEqual(['id']);
    const retry: CloseWrite = { kind: 'retry', messageId: id, notBefore: Date.now(), detail: '' };
    await ledger.close(WORKER, [retry], []);
    expect(await database.query('select from message_open')).toEqual([]);
  });

  it('counts what waited for its fallback as sent', async () => {
    const id = await plan();
    await claim();
    await ledger.permit(WORKER, [id], 1_000);
    await ledger.close(WORKER, [{ ...sent(id), fallbackAfterMs: 60_000 } as CloseWrite], []);
    await erase();
    expect(await messages()).toEqual([{ outcome: 'sent', ...GONE }]);
  });

  it('leaves nothing of her however it meets the end of an attempt', async () => {
    for (let round = 0; round < 20; round++) {
      const id = await plan();
      await claim();
      await ledger.permit(WORKER, [id], 1_000);
      const ends = [() => ledger.close(WORKER, [sent(id)], [outcome(id)]), () => erase().then(() => undefined)];
      await Promise.all((round % 2 === 0 ? ends : ends.reverse()).map((end) => end()));
      expect(await database.query(`select from message where customer <> '' or detail is not null`)).toEqual([]);
      expect(await database.query('select from message_open')).toEqual([]);
      await apply();
    }
    expect(await database.query('select from message')).toHaveLength(20);
  });

  it('decides nothing for her until the engine has come to the record; then she is somebody new', async () => {
    await plan();
    await erase();
    // The engine has not read it yet.
    await plan();
    expect(await claim()).toEqual({ reserved: [], customers: 0 });
    expect(await eraser.isDone(await eraser.find(ANN))).toBe(false);
    await apply();
    expect(await eraser.isDone(await eraser.find(ANN))).toBe(true);
    expect(await database.query('select from message_open')).toEqual([]);
    await plan();
    expect((await claim()).reserved).toHaveLength(1);
  });

  it('puts nothing into an inbox that was on its way there', async () => {
    const id = await plan();
    await claim();
    await ledger.permit(WORKER, [id], 1_000);
    const inbox = new PostgresInboxBook(pool, { clock });
    const message = { id, customer: ANN, rule: 'r', template: 't', category: 'c', title: null, text: 'Hello Ann' };
    await inbox.put(message);
    expect(await database.query('select from inbox_message')).toHaveLength(1);
    await erase();
    await inbox.put(message);
    expect(await database.query('select from inbox_message')).toEqual([]);
  });

  it('hears nothing of what providers say later', async () => {
    const id = await plan();
    await claim();
    await ledger.permit(WORKER, [id], 1_000);
    await ledger.close(WORKER, [sent(id)], []);
    await erase();
    await apply();
    const book = new PostgresFeedbackBook(pool, { stream: STREAM, partitions: PARTITIONS });
    const suppress = { address: 'ann@shop.test' };
    const bounce = { messageId: id, kind: 'bounced', at: Date.now(), reason: 'hard', copyOf: '1', detail: {} } as const;
    expect(await book.record([{ ...bounce, suppress }], () => outcome(id))).toEqual(['unknown']);
    expect(await database.query('select from contact where addresses is not null')).toEqual([]);
    expect(await database.query('select from contact_feedback')).toEqual([]);
  });

  it('recognises her address when somebody else comes with it, and only with the same secret', async () => {
    await know(ANN, 'Ann@Shop.test');
    expect(await erase()).toMatchObject({ addresses: 1 });
    await know('bob', 'ann@shop.test');
    await know('carl', 'carl@shop.test');
    const suppressedFor = async (by: PostgresMessageLedger) => {
      await database.query('truncate message_open');
      await plan('bob');
      await plan('carl');
      const found: string[] = [];
      await by.claim({ worker: WORKER, limit: 100, leaseMs: LEASE_MS }, (customers) => {
        for (const { addresses } of customers)
          for (const { address } of decodeSuppressed(addresses)) found.push(address);
        return [];
      });
      return found;
    };
    expect(await suppressedFor(ledger)).toEqual(['ann@shop.test']);
    const other = new AddressHasher(() => 'another secret');
    expect(await suppressedFor(new PostgresMessageLedger(pool, { stream: STREAM, clock, hasher: other }))).toEqual([]);
    const presence = await ledger.attend(WORKER);
    expect([await eraser.isRecognised(hasher), await eraser.isRecognised(other)]).toEqual([true, false]);
    await presence.leave();
    const stored = JSON.stringify(await database.query('select * from erased_address'));
    expect(stored).not.toMatch(/ann|shop/i);
  });

  it('takes her parked records, and nobody else’s, whatever stands in them and wherever they were', async () => {
    const park = async (name: string, letter: { key?: string; about?: number; value: string; headers?: object }) =>
      database.query(
        `insert into dead_letter (stream, partition, log_offset, about, reason, detail, key, value, headers)
         values ($1, 0, $2, $3, 'poison', $4, $5, $6, $7)`,
        [
          STREAM,
          letter.about === undefined ? name.length * 100 : 1,
          letter.about ?? 0,
          name,
          letter.key === undefined ? null : Buffer.from(letter.key),
          Buffer.from(letter.value),
          letter.headers === undefined ? null : JSON.stringify(letter.headers),
        ],
      );
    const hold = (customer: string, about: number) =>
      database.query(
        `insert into customer_hold (customer_id, stream, partition, log_offset, about, held_until)
         values ($1, $2, 0, 1, $3, now() + interval '1 day')`,
        [customerIdOf(customer), STREAM, about],
      );
    await know(ANN, 'ann@shop.test');
    await park('hers, held', { about: 1, value: '{}' });
    await park('of bob at the same place', { about: 2, value: '{}' });
    await hold(ANN, 1);
    await hold('bob', 2);
    await park('hers by its key', { key: ANN, value: 'no JSON' });
    await park('hers by its name', { value: '{"userId": "ann"}' });
    await park('hers, which nobody can read', { value: '{"userId":"ann", ' });
    await park('a question about her', { value: '{"id":"ann","customer":"b"}', headers: { 'kairos-kind': 'link' } });
    await park('of bob, who bought a thing of that name', {
      key: 'bob',
      value: '{"userId":"bob","properties":{"products":[{"id":"ann","customer":"ann","userId":"ann"}]}}',
    });
    await erase();
    const left = await database.query<{ detail: string }>('select detail from dead_letter order by detail');
    expect(left.map(({ detail }) => detail)).toEqual([
      'of bob at the same place',
      'of bob, who bought a thing of that name',
    ]);
    const held = await database.query('select customer_id, about::int from customer_hold');
    expect(held).toEqual([{ customer_id: customerIdOf('bob'), about: 2 }]);
  });

  it('takes records that name her as programs do which write nothing but ASCII', async () => {
    await know('änn', 'aenn@shop.test');
    await database.query(
      `insert into dead_letter (stream, partition, log_offset, reason, detail, value) values ($1, 0, 1, 'no_key', '', $2)`,
      [STREAM, Buffer.from('{"userId":"\\u00e4nn"}')],
    );
    await eraser.erase(await eraser.find('änn'), { by: 'test', reason: null, hasher });
    expect(await database.query('select from dead_letter')).toEqual([]);
  });

  it('keeps who wanted it and how much, and nothing of whom', async () => {
    await know(ANN, 'ann@shop.test');
    await erase();
    expect(await database.query('select by, reason, ids, messages from erasure')).toEqual([
      { by: 'test', reason: null, ids: 1, messages: 0 },
    ]);
  });

  it('is forgotten with the empty contact when late events are no longer expected', async () => {
    await know(ANN, 'ann@shop.test');
    await erase();
    await commit(HOME, { erased: [{ customerId: customerIdOf(ANN), customer: ANN, until: Date.now() }] });
    const old = new OldMessages(pool, { messageDays: 400, traceDays: 90 }, silent);
    expect(await old.drop()).toMatchObject({ erased_customer: 0 });
    await database.query('update erased_customer set until = until - 31::int8 * 86400000');
    expect(await old.drop()).toMatchObject({ erased_customer: 1 });
    expect(await database.query('select from contact')).toEqual([]);
  });
});
