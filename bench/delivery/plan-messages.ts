import { createHash } from 'node:crypto';
import { customerIdOf, encodeState, newCustomerState, partitionFor, type PlannedMessage } from '#core';
import { PostgresPartitionStore, PostgresPool, fixStreamLayout } from '#postgres';
import { orderOf } from './bench-shop.js';

export const STREAM = 'kairos.events';
export const PARTITIONS = 8;
const PORTION = 2_000;
const DAY_MS = 86_400_000;

export interface Plan {
  readonly customers: number;
  /** Of each customer. */
  readonly each: number;
  readonly kind: 'mail' | 'call';
}

export const customerOf = (n: number): string => `customer-${n}`;
export const addressOf = (customer: string): string => `${customer}@shop.test`;

/** Plans them as the engine does, each customer with her state, and makes PostgreSQL look at what is there. */
export async function planMessages(databaseUrl: string, plan: Plan): Promise<void> {
  const pool = new PostgresPool({ url: databaseUrl, applicationName: 'bench-plan', max: 2, log: () => undefined });
  try {
    await fixStreamLayout(pool, STREAM, PARTITIONS);
    const store = new PostgresPartitionStore(pool, STREAM);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const mine = Array.from({ length: plan.customers }, (_, n) => n).filter(
        (n) => partitionFor(customerOf(n), PARTITIONS) === partition,
      );
      for (let from = 0; from < mine.length; from += PORTION)
        await planPortion(store, partition, mine.slice(from, from + PORTION), plan);
    }
    await pool.run({ name: 'bench_analyze', text: 'analyze message_open, customer_state' });
  } finally {
    await pool.end();
  }
}

async function planPortion(
  store: PostgresPartitionStore,
  partition: number,
  customers: readonly number[],
  plan: Plan,
): Promise<void> {
  const from = await store.takeOver(partition, 'bench');
  const states = customers.map((n) => {
    const customer = customerOf(n);
    const state = newCustomerState(customer);
    state.traits.set('email', addressOf(customer), 0);
    state.traits.set('name', `Ann ${n}`, 0);
    return { customerId: customerIdOf(customer), nextFire: null, state: encodeState(state) };
  });
  const planned = customers.flatMap((n) =>
    Array.from({ length: plan.each }, (_, turn) => ({
      customerId: customerIdOf(customerOf(n)),
      message: messageOf(n, turn, plan),
    })),
  );
  const nothing = { cancelled: [], consents: [], traces: [], outbox: [], outboxSent: [], deadLetters: [] };
  await store.commit(partition, {
    ...nothing,
    from,
    nextOffset: 0,
    logTime: 0,
    firedThrough: 0,
    ruleset: 1,
    states,
    planned,
    watch: { added: [], removed: [] },
    listed: { added: [], removed: [] },
    heard: { ids: [], forgetBefore: null },
    jobs: { open: [], done: [] },
  });
}

function messageOf(n: number, turn: number, { each, kind }: Plan): PlannedMessage {
  const due = Date.now() - 1_000;
  const number = n * each + turn;
  const properties = orderOf(number);
  return {
    id: idOf(number, due),
    customer: customerOf(n),
    rule: 'thanks',
    version: 1,
    key: `o${number}`,
    occurrence: `event-${number}`,
    startedAt: due,
    step: '1',
    round: 0,
    template: kind === 'call' ? 'webhook:sink' : 'thanks',
    channels: null,
    with: null,
    style: null,
    fallback: null,
    ignoresQuietHours: false,
    webhook: kind === 'call' ? { to: 'sink', body: properties } : null,
    named: null,
    category: 'care',
    priority: 50 + turn,
    onCapped: { kind: 'drop' },
    due,
    plannedAt: due,
    expiresAt: null,
    tooLateAfterMs: DAY_MS,
    heldOut: false,
    start: { id: `event-${number}`, name: 'Order Completed', time: due, properties },
    starts: null,
  };
}

/** A message id of this day (delivery.md, The ledger). */
function idOf(number: number, due: number): string {
  const bytes = createHash('sha256').update(`message ${number}`).digest().subarray(0, 16);
  bytes.writeInt32BE(Math.floor(due / DAY_MS));
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
