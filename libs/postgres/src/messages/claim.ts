import { inboxIdOf } from '#core';
import type { ClaimRequest, Clock, CustomerWrite, DecideClaim, MessageWrite, ReservedMessage } from '#engine';
import { byteaArray, int2Array, int4Array, textArray, timestamptzArray, uuidArray } from '../binary/binary-arrays.js';
import { type DayPartitions, dayOfMessage } from '../connect/day-partitions.js';
import type { PostgresPool, PreparedCall } from '../connect/postgres-pool.js';
import {
  DATABASE_CLOCK,
  DEFER,
  DUE_CUSTOMERS,
  EMPTY_FEEDBACK,
  EMPTY_INBOX,
  POSTPONE,
  RESERVE,
  SETTLE,
  SUPPRESS,
  WRITE_CONTACTS,
} from './claim-statements.js';
import type { AddressHasher } from '../erasure/address-hasher.js';
import { lockAndRead, type LockedCustomer } from './claimed-customers.js';
import { SHARDS } from './message-row.js';
import { outcomeCalls } from './put-outcomes.js';

export interface Claim {
  readonly reserved: readonly ReservedMessage[];
  readonly customers: number;
}

type WriteOf<Kind extends MessageWrite['kind']> = Extract<MessageWrite, { kind: Kind }>;

const NOTHING: Claim = { reserved: [], customers: 0 };

/**
 * Claims due customers (delivery.md, The ledger): look without locks → lock contacts, skipping those of others → read in
 * new statements → decide → write, the last four in one transaction. A statement that locked and counted at once would
 * count with the snapshot from before its wait, and exceed a cap.
 */
export class Claims {
  private turn = 0;

  constructor(
    private readonly pool: PostgresPool,
    private readonly clock: Clock,
    private readonly days: DayPartitions,
    /** Where what rules hear of suppressed messages goes. */
    private readonly outbox: { readonly stream: string; partitions(): Promise<number> },
    private readonly hasher: AddressHasher | null,
  ) {}

  async claim(request: ClaimRequest, decide: DecideClaim): Promise<Claim> {
    // Before the database's clock is read, so that the host gives up before the lease ends, whatever the way takes.
    const giveUpAt = Date.now() + request.leaseMs;
    const due = await this.dueCustomers(request);
    if (due.length === 0) return NOTHING;
    let commitDays: () => void = () => undefined;
    const claimed = await this.pool.transaction(async (session) => {
      const { customers, realNow } = await lockAndRead(session, due, this.hasher);
      if (customers.length === 0) return NOTHING;
      const now = this.clock.at(realNow);
      const realLease = realNow + request.leaseMs;
      const writes = decide(customers, now, this.clock.at(realLease));
      const days = this.days.within(session);
      commitDays = days.committed;
      await ensureDays(days, writes);
      const known = new Map(customers.map((customer) => [customer.customerId, customer]));
      const calls = [
        ...contactCalls(writes, known),
        ...messageCalls(writes, known, { worker: request.worker, now, realLease }),
        ...(await this.outcomeCalls(writes)),
      ];
      await Promise.all(calls.map(([statement, parameters]) => session.run(statement, parameters)));
      return { reserved: reservedOf(writes, known, giveUpAt), customers: writes.length };
    });
    commitDays();
    return claimed;
  }

  private async outcomeCalls(writes: readonly CustomerWrite[]): Promise<PreparedCall[]> {
    const told = [...ofKind(writes, 'suppress'), ...ofKind(writes, 'settle')];
    const outcomes = told.flatMap(({ message }) => message.outcome ?? []);
    if (outcomes.length === 0) return [];
    return outcomeCalls({ outcomes, stream: this.outbox.stream, partitions: await this.outbox.partitions() });
  }

  private async dueCustomers(request: ClaimRequest): Promise<readonly string[]> {
    const clock = await this.pool.run<{ now: number }>(DATABASE_CLOCK);
    const now = this.clock.at(clock.rows[0]!.now);
    // Workers begin at different shards, and each at another one every time, so that they seldom meet.
    const first = (Math.abs(request.worker) * 7 + this.turn++) % SHARDS;
    const shards = Array.from({ length: SHARDS }, (_, n) => (first + n) % SHARDS);
    const due = await this.pool.run<{ customer_id: string }>(DUE_CUSTOMERS, [int2Array(shards), now, request.limit]);
    return due.rows.map((row) => row.customer_id);
  }
}

async function ensureDays(days: ReturnType<DayPartitions['within']>, writes: readonly CustomerWrite[]): Promise<void> {
  const messages = writes.flatMap((write) => write.messages);
  const daysOf = (...kinds: MessageWrite['kind'][]) =>
    messages.filter(({ kind }) => kinds.includes(kind)).map((message) => dayOfMessage(message.messageId));
  await days.ensure('message', daysOf('suppress', 'settle'));
  await days.ensure('message_outcome', daysOf('suppress', 'defer'));
}

function contactCalls(writes: readonly CustomerWrite[], known: ReadonlyMap<string, LockedCustomer>): PreparedCall[] {
  const changed = writes.filter(
    (write) =>
      write.consents !== null ||
      (write.engagement ?? null) !== null ||
      !sameBytes(write.slots, known.get(write.customerId)!.slots),
  );
  const calls: PreparedCall[] = [];
  if (changed.length > 0) {
    const ids = uuidArray(changed.map((write) => write.customerId));
    const slots = byteaArray(changed.map((write) => write.slots));
    const consents = byteaArray(changed.map((write) => write.consents));
    const engagement = byteaArray(changed.map((write) => write.engagement ?? null));
    calls.push([WRITE_CONTACTS, [ids, slots, consents, engagement]]);
  }
  const read = writes.flatMap((write) =>
    known.get(write.customerId)!.inbox.map((change) => [write.customerId, inboxIdOf(change)] as const),
  );
  if (read.length > 0) {
    calls.push([
      EMPTY_INBOX,
      [uuidArray(read.map(([customerId]) => customerId)), textArray(read.map(([, eventId]) => eventId))],
    ]);
  }
  return [...calls, ...feedbackCalls(writes)];
}

function feedbackCalls(writes: readonly CustomerWrite[]): PreparedCall[] {
  const applied = writes.flatMap(({ customerId, feedback = [] }) => feedback.map((each) => ({ customerId, ...each })));
  if (applied.length === 0) return [];
  return [
    [
      EMPTY_FEEDBACK,
      [
        uuidArray(applied.map(({ customerId }) => customerId)),
        uuidArray(applied.map(({ messageId }) => messageId)),
        textArray(applied.map(({ kind }) => kind)),
        timestamptzArray(applied.map(({ at }) => at)),
      ],
    ],
  ];
}

function messageCalls(
  writes: readonly CustomerWrite[],
  known: ReadonlyMap<string, LockedCustomer>,
  use: { worker: number; now: number; realLease: number },
): PreparedCall[] {
  const reserve = ofKind(writes, 'reserve');
  const defer = ofKind(writes, 'defer');
  const calls: PreparedCall[] = [];
  if (reserve.length > 0) {
    calls.push([
      RESERVE,
      [
        use.worker,
        use.realLease,
        use.now,
        uuidArray(reserve.map(({ message }) => message.messageId)),
        textArray(reserve.map(({ message }) => message.channel)),
        byteaArray(reserve.map(({ message }) => message.decision)),
        int4Array(reserve.map(({ write }) => consentVersionAfter(write, known))),
      ],
    ]);
  }
  if (defer.length > 0) {
    calls.push([
      DEFER,
      [
        use.now,
        uuidArray(defer.map(({ message }) => message.messageId)),
        timestamptzArray(defer.map(({ message }) => message.notBefore)),
        textArray(defer.map(({ message }) => message.reason)),
        byteaArray(defer.map(({ message }) => message.decision)),
        textArray(defer.map(({ message }) => message.channel)),
      ],
    ]);
  }
  calls.push(...suppressCalls(writes, use.now), ...settleCalls(writes, use.now), ...postponeCalls(writes));
  return calls;
}

function postponeCalls(writes: readonly CustomerWrite[]): PreparedCall[] {
  const postponed = ofKind(writes, 'postpone').map(({ message }) => message);
  if (postponed.length === 0) return [];
  const ids = uuidArray(postponed.map(({ messageId }) => messageId));
  return [[POSTPONE, [ids, timestamptzArray(postponed.map(({ notBefore }) => notBefore))]]];
}

function suppressCalls(writes: readonly CustomerWrite[], now: number): PreparedCall[] {
  const suppress = ofKind(writes, 'suppress');
  if (suppress.length === 0) return [];
  return [
    [
      SUPPRESS,
      [
        now,
        uuidArray(suppress.map(({ message }) => message.messageId)),
        textArray(suppress.map(({ message }) => message.channel)),
        textArray(suppress.map(({ message }) => message.reason)),
        uuidArray(suppress.map(({ message }) => message.blockedBy)),
        byteaArray(suppress.map(({ message }) => message.decision)),
      ],
    ],
  ];
}

function settleCalls(writes: readonly CustomerWrite[], now: number): PreparedCall[] {
  const settled = ofKind(writes, 'settle').map(({ message }) => message.messageId);
  return settled.length === 0 ? [] : [[SETTLE, [now, uuidArray(settled)]]];
}

function reservedOf(
  writes: readonly CustomerWrite[],
  known: ReadonlyMap<string, LockedCustomer>,
  giveUpAt: number,
): ReservedMessage[] {
  return ofKind(writes, 'reserve').map(({ write, message }) => {
    const row = known.get(write.customerId)!.open.find((open) => open.messageId === message.messageId)!;
    return {
      messageId: message.messageId,
      customerId: write.customerId,
      plan: row.plan,
      channel: message.channel,
      attempt: row.attempt + 1,
      giveUpAt,
      consentVersion: consentVersionAfter(write, known),
      state: known.get(write.customerId)!.state,
      suppressed: known.get(write.customerId)!.addresses,
    };
  });
}

function consentVersionAfter(write: CustomerWrite, known: ReadonlyMap<string, LockedCustomer>): number {
  return known.get(write.customerId)!.consentVersion + (write.consents === null ? 0 : 1);
}

function ofKind<Kind extends MessageWrite['kind']>(
  writes: readonly CustomerWrite[],
  kind: Kind,
): { write: CustomerWrite; message: WriteOf<Kind> }[] {
  return writes.flatMap((write) =>
    write.messages.flatMap((message) => (message.kind === kind ? [{ write, message: message as WriteOf<Kind> }] : [])),
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
