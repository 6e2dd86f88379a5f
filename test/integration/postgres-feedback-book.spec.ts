import { encodeState, newCustomerState, partitionFor, type PlannedMessage } from '#core';
import {
  decodeSuppressed,
  MAX_OF_A_KIND,
  type Clock,
  type Feedback,
  type OutcomeEvent,
  type ToldFeedback,
} from '#engine';
import {
  fixStreamLayout,
  PostgresFeedbackBook,
  PostgresMessageLedger,
  PostgresPartitionStore,
  PostgresPool,
} from '#postgres';
import { useDatabase } from '#testkit';
import { atMost, EMPTY } from './ledger-decisions.js';
import { messageIdOf, plannedMessage } from './planned-message.js';

const STREAM = 'kairos.events';
const realClock: Clock = { at: (realMs) => realMs, now: () => Date.now() };

describe('PostgresFeedbackBook', () => {
  const database = useDatabase();
  let pool: PostgresPool;
  let book: PostgresFeedbackBook;
  let ledger: PostgresMessageLedger;
  let store: PostgresPartitionStore;

  beforeAll(async () => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 12, log: () => undefined });
    await fixStreamLayout(pool, STREAM, 24);
    ledger = new PostgresMessageLedger(pool, { stream: STREAM, clock: realClock });
    book = new PostgresFeedbackBook(pool, { stream: STREAM, partitions: 24 });
    store = new PostgresPartitionStore(pool, STREAM);
  });
  afterAll(() => pool.end());
  afterEach(() =>
    database.query('truncate message_open, message, message_outcome, contact, stream_outbox, customer_state'),
  );

  const plan = async (customer: string): Promise<PlannedMessage> => {
    const planned = plannedMessage(customer);
    const from = await store.takeOver(0, 'test');
    await store.commit(0, {
      ...EMPTY,
      from,
      nextOffset: 0,
      logTime: 0,
      firedThrough: 0,
      ruleset: 0,
      planned: [planned],
    });
    return planned.message;
  };
  const send = async (customer: string): Promise<PlannedMessage> => {
    const message = await plan(customer);
    await ledger.claim({ worker: 1, limit: 500, leaseMs: 60_000 }, atMost(Infinity));
    await ledger.permit(1, [message.id], 0);
    await ledger.close(1, [{ kind: 'sent', messageId: message.id, providerId: null, detail: null }], []);
    return message;
  };
  const opened = (messageId: string, changes: Partial<Feedback> = {}): Feedback => ({
    messageId,
    kind: 'opened',
    at: 1_900_000_000_123,
    reason: null,
    copyOf: 'first',
    detail: {},
    suppress: null,
    ...changes,
  });
  const told: ToldFeedback[] = [];
  const tell = (about: ToldFeedback): OutcomeEvent => {
    told.push(about);
    return {
      messageId: null,
      customerKey: about.customer,
      recordId: `${about.feedback.copyOf}`,
      value: Buffer.from('{}'),
    };
  };
  const record = (...feedback: Feedback[]) => book.record(feedback, tell);
  const outcomes = async () =>
    (
      await database.query<{ message_id: string; kind: string; at: Date; reason: string | null; detail: Buffer }>(
        'select * from message_outcome order by at, kind',
      )
    ).map(({ message_id, kind, at, reason, detail }) => ({
      id: message_id,
      kind,
      at: at.getTime(),
      reason,
      detail: JSON.parse(detail.toString('utf8')) as unknown,
    }));

  beforeEach(() => void told.splice(0));

  it('appends what became of a message and tells the stream in the same commit', async () => {
    const message = await send('ann');
    const click = opened(message.id, { kind: 'clicked', reason: 'bot', detail: { link: 'https://shop.test/' } });
    expect(await record(click)).toEqual(['recorded']);
    expect(await outcomes()).toEqual([
      {
        id: message.id,
        kind: 'clicked',
        at: 1_900_000_000_123,
        reason: 'bot',
        detail: { link: 'https://shop.test/', copyOf: 'first' },
      },
    ]);
    const { rule, template, category, step, occurrence } = message;
    expect(told).toMatchObject([
      { customer: 'ann', rule, template, category, step, run: occurrence, channel: 'email', feedback: click },
    ]);
    const [row] = await database.query('select partition, record_id, target_key from stream_outbox');
    expect(row).toEqual({ partition: partitionFor('ann', 24), record_id: 'first', target_key: Buffer.from('ann') });
  });

  it('takes a copy for one, also of twenty at the same moment, and tells of it once', async () => {
    const { id } = await send('ann');
    const fates = (await Promise.all(Array.from({ length: 20 }, () => record(opened(id))))).flat();
    expect(fates.filter((fate) => fate === 'recorded')).toHaveLength(1);
    expect(fates.filter((fate) => fate === 'copy')).toHaveLength(19);
    expect(await record(opened(id), opened(id, { copyOf: 'second' }), opened(id, { copyOf: 'second' }))).toEqual([
      'copy',
      'recorded',
      'copy',
    ]);
    expect(await outcomes()).toHaveLength(2);
    expect(told).toHaveLength(2);
  });

  it('keeps no more than so many of a kind, and the opens of machines do not use up those of people', async () => {
    const { id } = await send('ann');
    const many = Array.from({ length: MAX_OF_A_KIND + 3 }, (_, n) =>
      opened(id, { copyOf: `m${n}`, reason: 'machine' }),
    );
    const fates = await record(...many, opened(id, { copyOf: 'a person' }));
    expect(fates.filter((fate) => fate === 'enough')).toHaveLength(3);
    expect(fates.at(-1)).toBe('recorded');
    expect(await outcomes()).toHaveLength(MAX_OF_A_KIND + 1);
  });

  it('knows nothing of messages that were never there, and makes no day for them', async () => {
    const nowhere = opened(messageIdOf(Date.UTC(2001, 0, 1)));
    expect(await record(nowhere)).toEqual(['unknown']);
    const { id } = await send('ann');
    expect(await record(nowhere, opened(id))).toEqual(['unknown', 'recorded']);
    expect(await database.query(`select 1 from pg_class where relname = 'message_outcome_20010101'`)).toEqual([]);
  });

  it('takes an answer that is faster than the ledger: the message is still open', async () => {
    const { id } = await plan('ann');
    expect(await record(opened(id, { kind: 'delivered' }))).toEqual(['recorded']);
    await ledger.claim({ worker: 1, limit: 500, leaseMs: 60_000 }, atMost(Infinity));
    expect(await outcomes()).toMatchObject([{ kind: 'delivered' }]);
  });

  describe('an address that must not be used any more', () => {
    const suppressedOf = async () => {
      const rows = await database.query<{ addresses: Buffer | null; consent_version: number }>(
        'select addresses, consent_version from contact',
      );
      return rows.map(({ addresses, consent_version: version }) => ({
        addresses: decodeSuppressed(addresses),
        version,
      }));
    };
    const bounced = (id: string, address: string | null, copyOf = 'b'): Feedback =>
      opened(id, { kind: 'bounced', reason: 'hard', copyOf, suppress: { address } });

    it('is the one that is named, once', async () => {
      const { id } = await send('ann');
      await record(bounced(id, 'ann@old.test'), bounced(id, 'ann@old.test', 'c'));
      await record(bounced(id, 'ann@old.test', 'd'));
      expect(await suppressedOf()).toMatchObject([{ addresses: [{ channel: 'email', address: 'ann@old.test' }] }]);
    });

    it('is the one she has now where none is named, and no permit passes any more', async () => {
      const state = newCustomerState('ann');
      state.traits.set('email', 'ann@shop.test', 1);
      await database.query('insert into customer_state (partition, customer_id, state) values ($1, $2, $3)', [
        partitionFor('ann', 24),
        plannedMessage('ann').customerId,
        Buffer.from(encodeState(state)),
      ]);
      const { id } = await send('ann');
      const next = await plan('ann');
      await ledger.claim({ worker: 1, limit: 500, leaseMs: 60_000 }, atMost(Infinity));
      await record(bounced(id, null));
      expect(await suppressedOf()).toEqual([
        { addresses: [{ channel: 'email', address: 'ann@shop.test' }], version: 1 },
      ]);
      expect(await ledger.permit(1, [next.id], 0)).toEqual(new Set());
    });
  });
});
