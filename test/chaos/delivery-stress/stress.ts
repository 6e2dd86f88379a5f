import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { customerIdOf } from '#core';
import { fixStreamLayout, PostgresContactBook, PostgresPartitionStore, PostgresPool } from '#postgres';
import { waitUntil, type DatabaseForTests } from '#testkit';
import { EMPTY } from '../../integration/ledger-decisions.js';
import { plannedMessage } from '../../integration/planned-message.js';
import { check, type Sunk } from './checker.mjs';

const WORKER = new URL('worker.mjs', import.meta.url).pathname;
const STREAM = 'kairos.events';
const PARTITIONS = 24;

/** Short windows, so that every customer meets them all the time; what is held waits, so that nothing is dropped. */
const CAPS = [
  { atMost: 1, lengthMs: 2_000, channel: 'email' },
  { atMost: 2, lengthMs: 5_000 },
];
const FILES = {
  'kairos.yaml': `
time zone: UTC
locale: en
channels: [email, sms]
categories: { promotional: { consent: opt-out } }
caps:
  - { at most: 1, per: 2 seconds, channel: email }
  - { at most: 2, per: 5 seconds }
on capped: defer up to 1 day
same content: off
`,
  'rules/abandoned-cart.yaml': `
rule: abandoned-cart
category: promotional
start: { event: Product Added }
steps: [ { send: hello } ]
`,
  'templates/hello/email.hbs': 'Hello',
  'templates/hello/subject.hbs': 'Hello',
  'templates/hello/sms.hbs': 'Hello',
};

export interface Stress {
  readonly workers: number;
  readonly customers: number;
  readonly messagesEach: number;
  readonly kills: number;
  /** A bug put around the product. */
  readonly plant?: string;
}

/** Runs it to its end and says what went wrong, and how much was sent. */
export async function runStress(database: DatabaseForTests, size: Stress): Promise<{ wrong: string[]; sent: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-stress-'));
  const pool = new PostgresPool({ url: database.url, applicationName: 'stress', max: 8, log: () => undefined });
  const children = new Map<number, ChildProcess>();
  const start = async (number: number): Promise<void> => {
    const sink = join(folder, `${number}.ndjson`);
    const options = { databaseUrl: database.url, number, sink, files: FILES, temporaryShare: 0.05, plant: size.plant };
    const child = fork(WORKER, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    children.set(number, child);
    await once(child, 'message');
  };
  try {
    await fixStreamLayout(pool, STREAM, PARTITIONS);
    const { planned, optOuts, stops } = await playOut(pool, size, { start, children });
    await waitUntil(
      'everything to have ended',
      async () => {
        const [row] = await database.query<{ n: number }>('select count(*)::int as n from message_open');
        return row!.n === 0;
      },
      80_000,
    ).catch(() => undefined);
    const closed = await database.query<{ message_id: string; outcome: string }>(
      'select message_id, outcome from message',
    );
    const open = await database.query<{ message_id: string; row: object }>(
      'select message_id, to_jsonb(m) as row from message_open m',
    );
    const sinks = [...children.keys()].flatMap((number) => read(join(folder, `${number}.ndjson`)));
    const world = {
      planned,
      sinks,
      closed,
      open: new Map(open.map(({ message_id, row }) => [message_id, JSON.stringify(row)])),
      optOuts,
      stops,
      caps: CAPS,
      kills: size.kills,
      connections: 8,
    };
    return { wrong: check(world), sent: sinks.length };
  } finally {
    for (const child of children.values()) if (child.exitCode === null) child.kill('SIGKILL');
    await pool.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Processes {
  readonly start: (number: number) => Promise<void>;
  readonly children: ReadonlyMap<number, ChildProcess>;
}

/** Plans in portions while workers claim, die and come back, customers opt out and runs stop. */
async function playOut(pool: PostgresPool, size: Stress, { start, children }: Processes) {
  const store = new PostgresPartitionStore(pool, STREAM);
  const clock = { at: (ms: number) => ms, now: () => Date.now() };
  const contacts = new PostgresContactBook(pool, { clock, stream: STREAM, partitions: PARTITIONS });
  const customers = Array.from({ length: size.customers }, (_, n) => `customer-${n}`);
  const planned = new Set<string>();
  const optOuts = new Map<string, number>();
  const stops = new Map<string, number>();
  const commit = async (what: object) => {
    const from = await store.takeOver(0, 'stress');
    await store.commit(0, { ...EMPTY, from, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0, ...what });
  };
  await Promise.all(Array.from({ length: size.workers }, (_, n) => start(n + 1)));
  let next = size.workers + 1;
  for (let round = 0; round < size.messagesEach; round++) {
    const messages = customers.map((customer, n) =>
      plannedMessage(customer, {
        template: 'hello',
        key: `cart-${round}`,
        channels: null,
        priority: 10 * ((n + round) % 3),
        fallback: (n + round) % 3 === 0 ? { afterMs: 3_000, unless: 'opened' } : null,
      }),
    );
    for (const { message } of messages) planned.add(message.id);
    await commit({ planned: messages });
    if (round < size.kills) {
      [...children.values()].find((child) => child.exitCode === null && !child.killed)?.kill('SIGKILL');
      await start(next++);
    }
    for (const [n, { message }] of messages.entries()) {
      if ((n + round) % 9 !== 0) continue;
      const cancelled = [{ messageId: message.id, reason: 'run_stopped' as const, at: Date.now() }];
      await commit({ cancelled });
      stops.set(message.id, Date.now());
    }
    const leaving = customers.filter((_, n) => n % 10 === round % 10 && n % 3 === 0 && !optOuts.has(customers[n]!));
    for (const customer of leaving) {
      for (const channel of ['email', 'sms'] as const) {
        const messageId = messages.find(({ message }) => message.customer === customer)!.message.id;
        await contacts.unsubscribe({ customerId: customerIdOf(customer), category: 'promotional', channel, messageId });
      }
      optOuts.set(customer, Date.now());
    }
    await pause(300);
  }
  return { planned, optOuts, stops };
}

function read(file: string): Sunk[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Sunk);
}
