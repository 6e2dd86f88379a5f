import { decodeConsents, type PlannedMessage } from '#core';
import type { ClaimedCustomer, Clock, DecideClaim } from '#engine';
import { decodeSuppressed } from '#engine';
import {
  fixStreamLayout,
  PostgresContactBook,
  PostgresMessageLedger,
  PostgresPartitionStore,
  PostgresPool,
} from '#postgres';
import { useDatabase, waitUntil } from '#testkit';
import { atMost, DECISION, EMPTY } from './ledger-decisions.js';
import { plannedMessage } from './planned-message.js';

const STREAM = 'kairos.events';
const LEASE_MS = 60_000;

const realClock: Clock = { at: (realMs) => realMs, now: () => Date.now() };

const sendAll = atMost(Infinity);

describe('PostgresMessageLedger', () => {
  const database = useDatabase();
  let pool: PostgresPool;
  let ledger: PostgresMessageLedger;
  let store: PostgresPartitionStore;

  beforeAll(async () => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 12, log: () => undefined });
    await fixStreamLayout(pool, STREAM, 24);
    ledger = new PostgresMessageLedger(pool, { stream: STREAM, clock: realClock });
    store = new PostgresPartitionStore(pool, STREAM);
  });
  afterAll(() => pool.end());
  afterEach(() =>
    database.query(
      'truncate message_open, message_cancel, message, message_outcome, contact, contact_inbox, stream_outbox, customer_state',
    ),
  );

  const plan = async (...planned: { customerId: string; message: PlannedMessage }[]) => {
    const from = await store.takeOver(0, 'test');
    await store.commit(0, { ...EMPTY, from, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0, planned });
    return planned.map((entry) => entry.message);
  };
  const cancel = async (messageId: string) => {
    const from = await store.takeOver(0, 'test');
    await store.commit(0, {
      ...EMPTY,
      from,
      nextOffset: 0,
      logTime: 0,
      firedThrough: 0,
      ruleset: 0,
      cancelled: [{ messageId, reason: 'run_stopped', at: 1 }],
    });
  };
  const claim = (decide: DecideClaim = sendAll, worker = 1, leaseMs = LEASE_MS) =>
    ledger.claim({ worker, limit: 500, leaseMs }, decide);
  const one = async (messageId: string) => (await ledger.decision(messageId))!.listing;

  it('reserves what the decision sends, permits it, and keeps it as sent with its decision', async () => {
    const [message] = await plan(plannedMessage('ann'));
    expect(await one(message!.id)).toMatchObject({
      outcome: 'planned',
      customer: 'ann',
      key: 'cart-1',
      channel: null,
      at: null,
    });

    const { reserved, customers } = await claim();
    expect(customers).toBe(1);
    expect(reserved).toMatchObject([
      {
        messageId: message!.id,
        plan: message,
        channel: 'email',
        attempt: 1,
        consentVersion: 0,
        state: null,
        suppressed: null,
      },
    ]);
    expect(reserved[0]!.giveUpAt).toBeLessThanOrEqual(Date.now() + LEASE_MS);
    expect(await one(message!.id)).toMatchObject({ outcome: 'sending' });
    expect((await claim()).customers).toBe(0);

    expect(await ledger.permit(1, [message!.id], 5_000)).toEqual(new Set([message!.id]));
    expect(await ledger.permit(1, [message!.id], 5_000)).toEqual(new Set());
    await ledger.close(1, [{ kind: 'sent', messageId: message!.id, providerId: 'p-1', detail: '250 ok' }], []);
    const found = await ledger.decision(message!.id);
    expect(found!.listing).toMatchObject({
      outcome: 'sent',
      channel: 'email',
      reason: null,
      detail: '250 ok',
      notBefore: null,
    });
    expect(Buffer.from(found!.decision!)).toEqual(DECISION);
    expect(await database.query('select 1 from message_open')).toEqual([]);
  });

  it('takes nothing before its time, and says when the next is due', async () => {
    const soon = Date.now() + 3_600_000;
    await plan(plannedMessage('ann', { plannedAt: soon }));
    expect((await claim()).customers).toBe(0);
    expect(await ledger.nextDue()).toBe(soon);
    await claim();
    expect(await database.query('select state from message_open')).toEqual([{ state: 0 }]);
  });

  it('never gives a message to two of four workers, and a cap of one holds for every customer', async () => {
    const customers = Array.from({ length: 300 }, (_, n) => `customer-${n}`);
    await plan(...customers.flatMap((customer) => ['a', 'b', 'c'].map((step) => plannedMessage(customer, { step }))));
    const given: string[] = [];
    const work = async (worker: number) => {
      for (let idle = 0; idle < 3;) {
        const { reserved, customers: taken } = await ledger.claim({ worker, limit: 20, leaseMs: LEASE_MS }, atMost(1));
        given.push(...reserved.map((message) => message.messageId));
        idle = taken === 0 ? idle + 1 : 0;
      }
    };
    await Promise.all([1, 2, 3, 4].map(work));
    expect(given.length).toBe(300);
    expect(new Set(given).size).toBe(300);
    const perCustomer = await database.query<{ n: number }>(
      'select count(*)::int as n from message_open group by customer_id',
    );
    expect(perCustomer.every((row) => row.n === 1)).toBe(true);
    const held = await database.query<{ reason: string; n: number }>(
      'select reason, count(*)::int as n from message group by 1',
    );
    expect(held).toEqual([{ reason: 'frequency_cap', n: 600 }]);
  });

  it('a cap of one holds when messages arrive while four workers claim', async () => {
    const customers = Array.from({ length: 20 }, (_, n) => `busy-${n}`);
    let planning = true;
    const work = async (worker: number) => {
      let taken = 1;
      while (planning || taken > 0) {
        const { reserved, customers: claimed } = await ledger.claim({ worker, limit: 5, leaseMs: LEASE_MS }, atMost(1));
        taken = claimed;
        const ids = reserved.map((message) => message.messageId);
        await ledger.close(
          worker,
          ids.map((messageId) => ({ kind: 'sent', messageId, providerId: null, detail: null })),
          [],
        );
      }
    };
    const workers = [1, 2, 3, 4].map(work);
    for (let round = 0; round < 15; round++)
      await plan(...customers.map((customer) => plannedMessage(customer, { step: `${round}` })));
    planning = false;
    await Promise.all(workers);
    const sent = await database.query<{ n: number }>(
      `select count(*)::int as n from message where outcome = 'sent' group by customer_id`,
    );
    expect(sent).toEqual(customers.map(() => ({ n: 1 })));
    expect(await database.query(`select count(*)::int as n from message where outcome = 'suppressed'`)).toEqual([
      { n: 20 * 14 },
    ]);
  });

  describe('the permit is refused', () => {
    let id: string;
    beforeEach(async () => {
      [{ id }] = (await plan(plannedMessage('ann'))) as [PlannedMessage];
      await claim();
    });
    const permitted = async (worker = 1, needMs = 5_000) => (await ledger.permit(worker, [id], needMs)).has(id);

    it('to another worker', async () => {
      expect(await permitted(2)).toBe(false);
      expect(await permitted(1)).toBe(true);
    });

    it('when too little of the lease is left', async () => {
      expect(await permitted(1, LEASE_MS + 1)).toBe(false);
      await database.query(`update message_open set lease_until = clock_timestamp() - interval '1 ms'`);
      expect(await permitted(1, 0)).toBe(false);
    });

    it('when the run withdrew the message meanwhile; released, it is suppressed by the next claim', async () => {
      await cancel(id);
      expect(await permitted()).toBe(false);
      await ledger.close(1, [{ kind: 'release', messageId: id }], []);
      await claim();
      expect(await one(id)).toMatchObject({ outcome: 'suppressed', reason: 'run_stopped' });
      expect(await database.query('select 1 from message_cancel')).toEqual([]);
    });

    it('when the customer unsubscribed meanwhile', async () => {
      const contacts = new PostgresContactBook(pool, { clock: realClock, stream: STREAM, partitions: 24 });
      const { customerId } = plannedMessage('ann');
      await contacts.unsubscribe({ customerId, category: 'promotional', channel: 'email', messageId: id });
      expect(await permitted()).toBe(false);
      const [row] = await database.query<{ consents: Buffer; consent_version: number }>(
        'select consents, consent_version from contact',
      );
      expect(row!.consent_version).toBe(1);
      expect(decodeConsents(row!.consents)).toMatchObject([
        { category: 'promotional', channel: 'email', given: false, source: 'customer' },
      ]);
    });
  });

  it('plans a failed attempt again for later, keeps the round, and the next claim looks at everything anew', async () => {
    const [message] = await plan(plannedMessage('ann'));
    await claim();
    await ledger.permit(1, [message!.id], 0);
    await ledger.close(
      1,
      [{ kind: 'retry', messageId: message!.id, notBefore: Date.now() - 1, detail: '451 later' }],
      [],
    );
    expect(await one(message!.id)).toMatchObject({ outcome: 'planned', detail: '451 later' });
    const seen: ClaimedCustomer[] = [];
    const { reserved } = await claim(atMost(5, (customer) => seen.push(customer)));
    expect(reserved).toMatchObject([{ attempt: 2 }]);
    expect(seen[0]!.fates).toEqual([{ messageId: message!.id, kind: 'released' }]);
    expect(await database.query(`select kind, convert_from(detail, 'UTF8') as detail from message_outcome`)).toEqual([
      { kind: 'retried', detail: '451 later' },
    ]);
  });

  it('defers with the reason, and remembers when it was first judged', async () => {
    const [message] = await plan(plannedMessage('ann'));
    const until = Date.now() + 1_800_000;
    await claim((customers) =>
      customers.map((customer) => ({
        customerId: customer.customerId,
        consents: null,
        slots: customer.slots,
        messages: [
          {
            kind: 'defer',
            messageId: message!.id,
            notBefore: until,
            channel: 'email',
            reason: 'quiet_hours',
            decision: DECISION,
          },
        ],
      })),
    );
    expect(await one(message!.id)).toMatchObject({ outcome: 'held', reason: 'quiet_hours', notBefore: until });
    expect(await ledger.list({ outcome: 'held', limit: 10 })).toHaveLength(1);
    expect((await claim()).customers).toBe(0);
    await database.query("update message_open set not_before = clock_timestamp() - interval '1 s'");
    const seen: ClaimedCustomer[] = [];
    await claim(atMost(5, (customer) => seen.push(customer)));
    expect(seen[0]!.open[0]!.heldFor).toBe('quiet_hours');
    expect(seen[0]!.open[0]!.firstJudgedAt).toBeLessThanOrEqual(Date.now());
  });

  it('shows a decision everything: consent from events, the state row, withdrawals, what became of its slots', async () => {
    const ann = plannedMessage('ann', { step: 'first' });
    await plan(ann);
    await claim();
    await ledger.permit(1, [ann.message.id], 0);
    await ledger.close(1, [{ kind: 'sent', messageId: ann.message.id, providerId: null, detail: null }], []);
    const second = plannedMessage('ann', { step: 'second' });
    const from = await store.takeOver(0, 'test');
    await store.commit(0, {
      ...EMPTY,
      from,
      nextOffset: 0,
      logTime: 0,
      firedThrough: 0,
      ruleset: 0,
      planned: [second],
      cancelled: [{ messageId: second.message.id, reason: 'goal_reached', at: 5 }],
      consents: [
        { customerId: ann.customerId, change: { eventId: 'e1', time: 7, preferences: { promotional: false } } },
      ],
      states: [{ customerId: ann.customerId, nextFire: null, state: Buffer.from('state') }],
    });
    const seen: ClaimedCustomer[] = [];
    await claim(atMost(5, (customer) => seen.push(customer)));
    expect(seen).toMatchObject([
      {
        customerId: ann.customerId,
        state: Buffer.from('state'),
        inbox: [{ eventId: 'e1', time: 7, preferences: { promotional: false } }],
        open: [{ messageId: second.message.id, state: 'planned', cancelled: 'goal_reached' }],
        fates: [{ messageId: ann.message.id, kind: 'accepted' }],
      },
    ]);
    expect(await database.query('select 1 from contact_inbox')).toEqual([]);
  });

  describe('when a worker dies', () => {
    const expire = () => database.query(`update message_open set lease_until = clock_timestamp() - interval '1 ms'`);

    it('what it had only reserved is planned again, and the attempt does not count', async () => {
      const [message] = await plan(plannedMessage('ann'));
      await claim();
      expect(await ledger.recover([])).toEqual({ replanned: 0, unknown: 0 });
      await expire();
      expect(await ledger.recover([])).toEqual({ replanned: 1, unknown: 0 });
      expect((await claim(sendAll, 2)).reserved).toMatchObject([{ messageId: message!.id, attempt: 1 }]);
    });

    it('what was permitted is unknown, and its late answer changes nothing', async () => {
      const [message] = await plan(plannedMessage('ann'));
      await claim();
      await ledger.permit(1, [message!.id], 0);
      await expire();
      expect(await ledger.recover(['transactional'])).toEqual({ replanned: 0, unknown: 1 });
      expect(await one(message!.id)).toMatchObject({ outcome: 'unknown', reason: 'unknown_outcome' });
      await ledger.close(1, [{ kind: 'sent', messageId: message!.id, providerId: null, detail: null }], []);
      expect(await one(message!.id)).toMatchObject({ outcome: 'unknown' });
      const seen: ClaimedCustomer[] = [];
      await plan(plannedMessage('ann', { step: 'later' }));
      await claim(atMost(5, (customer) => seen.push(customer)));
      expect(seen[0]!.fates).toMatchObject([{ messageId: message!.id, kind: 'accepted' }]);
    });

    it('what was permitted in a category that would rather send twice is planned again', async () => {
      const [message] = await plan(plannedMessage('ann', { category: 'transactional' }));
      await claim();
      await ledger.permit(1, [message!.id], 0);
      await expire();
      expect(await ledger.recover(['transactional'])).toEqual({ replanned: 1, unknown: 0 });
      expect((await claim(sendAll, 2)).reserved).toMatchObject([{ attempt: 2 }]);
    });
  });

  it('writes outcome events into the outbox of the partition that owns the customer, and a dead address into the contact', async () => {
    const [message] = await plan(plannedMessage('ann'));
    await claim();
    const dead = { channel: 'email' as const, address: 'ann@shop.test' };
    await ledger.close(
      1,
      [
        {
          kind: 'failed',
          messageId: message!.id,
          reason: 'provider_rejected',
          detail: '550 no such user',
          suppressAddresses: [dead],
        },
      ],
      [{ messageId: null, customerKey: 'ann', recordId: 'r-1', value: Buffer.from('{"event":"Message Failed"}') }],
    );
    expect(await one(message!.id)).toMatchObject({
      outcome: 'failed',
      reason: 'provider_rejected',
      detail: '550 no such user',
    });
    const partitions = await store.partitionsWithOutbox(Array.from({ length: 24 }, (_, n) => n));
    expect(partitions).toHaveLength(1);
    expect(await store.pendingOutbox(partitions[0]!, 10)).toMatchObject([
      { seq: 0, recordId: 'r-1', target: { key: 'ann' } },
    ]);
    const [contact] = await database.query<{ addresses: Buffer }>('select addresses from contact');
    expect(decodeSuppressed(contact!.addresses)).toEqual([dead]);
  });

  it('lists by customer, rule, outcome and time, the latest first', async () => {
    const hour = 3_600_000;
    const [old, young] = await plan(
      plannedMessage('ann', { plannedAt: Date.now() - 2 * hour, rule: 'win-back' }),
      plannedMessage('ann', { plannedAt: Date.now() - hour }),
      plannedMessage('bob', { plannedAt: Date.now() - hour / 2 }),
    );
    const ids = async (query: Omit<Parameters<typeof ledger.list>[0], 'limit'>) =>
      (await ledger.list({ ...query, limit: 10 })).map((listing) => listing.messageId);
    expect(await ids({ customer: 'ann' })).toEqual([young!.id, old!.id]);
    expect(await ids({ customer: 'ann', rule: 'win-back' })).toEqual([old!.id]);
    expect(await ids({ customer: 'ann', since: Date.now() - 1.5 * hour })).toEqual([young!.id]);
    expect(await ids({ outcome: 'sent' })).toEqual([]);
    expect(await ledger.list({ limit: 1 })).toHaveLength(1);
    expect(await ledger.decision(plannedMessage('eve').message.id)).toBeNull();
  });

  it('judges by a clock that runs ahead when one is configured', async () => {
    const started = Date.now();
    const fast: Clock = { at: (realMs) => started + (realMs - started) * 3_600, now: () => Date.now() };
    const ahead = new PostgresMessageLedger(pool, { stream: STREAM, clock: fast });
    const [message] = await plan(plannedMessage('ann', { plannedAt: started + 3_600_000 }));
    const { reserved } = await waitUntil('an hour has passed in a second', async () => {
      const claimed = await ahead.claim({ worker: 1, limit: 10, leaseMs: LEASE_MS }, sendAll);
      return claimed.customers > 0 && claimed;
    });
    expect(reserved).toHaveLength(1);
    await ahead.permit(1, [message!.id], 0);
    await ahead.close(1, [{ kind: 'sent', messageId: message!.id, providerId: null, detail: null }], []);
    expect((await one(message!.id)).at).toBeGreaterThan(started + 3_600_000);
  });

  it('keeps the updates of the queue in place while messages are claimed, permitted and closed', async () => {
    await database.query('select pg_stat_reset()');
    const own = new PostgresPool({ url: database.url, applicationName: 'test', max: 1, log: () => undefined });
    const busy = new PostgresMessageLedger(own, { stream: STREAM, clock: realClock });
    for (let round = 0; round < 20; round++) {
      await plan(...Array.from({ length: 200 }, (_, n) => plannedMessage(`c-${round}-${n}`)));
      const { reserved } = await busy.claim({ worker: 1, limit: 500, leaseMs: LEASE_MS }, sendAll);
      const ids = reserved.map((message) => message.messageId);
      await busy.permit(1, ids, 0);
      await busy.close(
        1,
        ids.map((messageId) => ({ kind: 'sent', messageId, providerId: null, detail: null })),
        [],
      );
    }
    await own.end();
    const [counts] = await waitUntil('the statistics are there', async () => {
      const rows = await database.query<{ n: number; hot: number }>(
        `select n_tup_upd::int as n, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = 'message_open'`,
      );
      return rows[0]!.n >= 8_000 && rows;
    });
    expect(counts!.hot / counts!.n).toBeGreaterThan(0.7);
  });
});
