import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { customerIdOf, withdrawal, type Channel, type PlannedMessage } from '#core';
import { PostgresContactBook, PostgresPartitionStore, type PostgresPool } from '#postgres';
import { EMPTY } from '../../integration/ledger-decisions.js';
import { plannedMessage } from '../../integration/planned-message.js';
import type { Withdrawn } from './checker.mjs';
import { CHANNELS, NIGHTLY, PROMOTIONAL, RARE } from './stress-shop.js';

export const STREAM = 'kairos.events';
export const PARTITIONS = 24;
/** By then the messages of a round are claimed, and wait for a connection or for their answer. */
const UNDER_WAY_MS = 120;
/** Between the two messages of a round: claims meet one that came while they waited. */
const APART_MS = 30;
/** Customers that opt out at the same time. */
const LANES = 4;
const UNLOCKED = 'opt-out without the lock';
const clock = { at: (ms: number): number => ms, now: (): number => Date.now() };

export interface Size {
  readonly customers: number;
  /** Messages of each. */
  readonly messagesEach: number;
  readonly kills: number;
  /** Between rounds of two messages of each customer. */
  readonly roundMs: number;
  /** A bug. */
  readonly plant?: string;
}

export interface Played {
  readonly planned: ReadonlySet<string>;
  readonly optOuts: readonly Withdrawn[];
  readonly stops: ReadonlyMap<string, number>;
}

/** Processes that deliver; the driver kills some and starts others. */
export interface Workers {
  start(): Promise<void>;
  readonly children: Iterable<ChildProcess>;
}

/** Plans in portions while workers claim, die and come back, customers opt out and runs stop. */
export async function playOut(pool: PostgresPool, size: Size, workers: Workers): Promise<Played> {
  const driver = new Driver(pool, size, workers);
  const rounds = Math.ceil(size.messagesEach / 2);
  for (let round = 0; round < rounds; round++) await driver.playRound(round, rounds);
  return driver;
}

class Driver implements Played {
  readonly planned = new Set<string>();
  readonly optOuts: Withdrawn[] = [];
  readonly stops = new Map<string, number>();
  private readonly store: PostgresPartitionStore;
  private readonly contacts: PostgresContactBook;
  private readonly customers: readonly string[];
  private readonly left = new Set<string>();
  private killed = 0;
  private before: readonly PlannedMessage[] = [];

  constructor(
    pool: PostgresPool,
    private readonly size: Size,
    private readonly workers: Workers,
  ) {
    this.store = new PostgresPartitionStore(pool, STREAM);
    this.contacts = new PostgresContactBook(pool, { clock, stream: STREAM, partitions: PARTITIONS });
    this.customers = Array.from({ length: size.customers }, (_, n) => `customer-${n}`);
  }

  async playRound(round: number, rounds: number): Promise<void> {
    const first = await this.plan(2 * round);
    await pause(APART_MS);
    const second = await this.plan(2 * round + 1);
    await pause(UNDER_WAY_MS);
    const messages = [...first, ...second];
    await this.optOut(round, first);
    await this.stop(messages.filter((_, n) => (n + round) % 9 === 0));
    // Those of the round before have left by now, and some wait for their fallback.
    await this.stop(
      this.before.filter(({ id, fallback }, n) => fallback !== null && n % 2 === 0 && !this.stops.has(id)),
    );
    this.before = messages;
    if (this.killed < this.size.kills && round >= (this.killed * rounds) / this.size.kills) await this.kill();
    await pause(this.size.roundMs);
  }

  private async plan(turn: number): Promise<readonly PlannedMessage[]> {
    const messages = this.customers.map((customer, n) => plannedMessage(customer, contentOf(n, turn)));
    for (const { message } of messages) this.planned.add(message.id);
    await this.commit({ planned: messages });
    return messages.map(({ message }) => message);
  }

  private async stop(messages: readonly PlannedMessage[]): Promise<void> {
    const at = Date.now();
    await this.commit({ cancelled: messages.map(({ id }) => ({ messageId: id, reason: 'run_stopped' as const, at })) });
    for (const { id } of messages) this.stops.set(id, Date.now());
  }

  private async kill(): Promise<void> {
    this.killed++;
    [...this.workers.children].find((child) => child.exitCode === null && !child.killed)?.kill('SIGKILL');
    await this.workers.start();
  }

  /** Some by one click, which withdraws one channel, some in the preference centre, which withdraws all. In the end half of all. */
  private async optOut(round: number, messages: readonly PlannedMessage[]): Promise<void> {
    const leaving = messages.filter(({ customer }, n) => n % 16 === round && !this.left.has(customer) && round < 8);
    const one = async ({ customer, id }: PlannedMessage, n: number): Promise<void> => {
      this.left.add(customer);
      const channels: readonly Channel[] = n % 2 === 0 ? ['email'] : CHANNELS;
      await this.withdraw(customer, channels, id);
      const at = Date.now();
      for (const channel of channels) this.optOuts.push({ customer, category: PROMOTIONAL, channel, at });
    };
    // The plant commits in the engine's way, which is one after the other.
    const lanes = this.size.plant === UNLOCKED ? 1 : LANES;
    const waiting = [...leaving.entries()];
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await one(next[1], next[0]);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  private async withdraw(customer: string, channels: readonly Channel[], messageId: string): Promise<void> {
    const access = { customerId: customerIdOf(customer), messageId };
    if (this.size.plant === UNLOCKED) {
      const change = { id: messageId, category: PROMOTIONAL, channels, time: Date.now(), rule: 'none' };
      return this.commit({ consents: [{ customerId: access.customerId, change }] });
    }
    if (channels.length === 1)
      return this.contacts.unsubscribe({ ...access, category: PROMOTIONAL, channel: channels[0]! });
    return this.contacts.change(access, ({ preferences, now }) => ({
      consents: withdrawal(PROMOTIONAL, channels, now),
      preferences,
    }));
  }

  private async commit(what: object): Promise<void> {
    const from = await this.store.takeOver(0, 'stress');
    const place = { from, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0 };
    await this.store.commit(0, { ...EMPTY, ...place, ...what });
  }
}

/** Of twelve messages of a customer three are rare and one nightly; every third has a fallback, every fifth a channel of its own. */
function contentOf(n: number, turn: number): Partial<PlannedMessage> {
  const place = n + turn;
  const category = place % 4 === 1 ? RARE : place % 12 === 3 ? NIGHTLY : PROMOTIONAL;
  return {
    template: 'hello',
    key: `cart-${turn}`,
    channels: place % 5 === 0 ? [CHANNELS[(place / 5) % CHANNELS.length]!] : null,
    priority: 10 * (place % 3),
    fallback: place % 3 === 0 && category === PROMOTIONAL ? { afterMs: 3_000, unless: 'opened' } : null,
    category,
    onCapped: category === RARE ? { kind: 'drop' } : null,
  };
}
