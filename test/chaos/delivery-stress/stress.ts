import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fixStreamLayout, PostgresPool } from '#postgres';
import type { DatabaseForTests } from '#testkit';
import { check, type Closed, type Sunk } from './checker.mjs';
import { PARTITIONS, playOut, STREAM, type Size, type Workers } from './play-out.js';
import { CAPS, CHANNELS, NIGHTLY, stressFiles } from './stress-shop.js';

const WORKER = new URL('worker.mjs', import.meta.url).pathname;
const MINUTE_MS = 60_000;
/** Nothing ended for so long: nothing will. First retries and leases take less. */
const STUCK_MS = 30_000;

export interface Stress extends Size {
  readonly workers: number;
  /** Of one process on one channel. */
  readonly connections: number;
  /** What a provider takes for its answer at most. */
  readonly answerMs: number;
  /** How long nightly messages are held at least; they are released at the next whole minute after it. null: not at all. */
  readonly nightMs: number | null;
}

export interface StressResult {
  readonly wrong: readonly string[];
  readonly figures: object;
  readonly sent: number;
}

/** Runs it to its end and says what went wrong, and how much was sent. */
export async function runStress(database: DatabaseForTests, size: Stress): Promise<StressResult> {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-stress-'));
  const pool = new PostgresPool({ url: database.url, applicationName: 'stress', max: 8, log: () => undefined });
  const nightUntil = size.nightMs === null ? null : Math.ceil((Date.now() + size.nightMs) / MINUTE_MS) * MINUTE_MS;
  const workers = new Processes(folder, database.url, size, stressFiles(nightUntil));
  try {
    await fixStreamLayout(pool, STREAM, PARTITIONS);
    await Promise.all(Array.from({ length: size.workers }, () => workers.start()));
    const begun = Date.now();
    const played = await playOut(pool, size, workers);
    await allEnded(database, nightUntil ?? 0);
    const closed = await database.query<Closed>(
      `select message_id, customer, category, outcome, reason, extract(epoch from at)::float8 * 1000 as at from message`,
    );
    const open = await database.query<{ message_id: string; row: object }>(
      'select message_id, to_jsonb(m) as row from message_open m',
    );
    const sinks = workers.sinks();
    const wrong = check({
      ...played,
      sinks,
      closed,
      open: new Map(open.map(({ message_id, row }) => [message_id, JSON.stringify(row)])),
      caps: CAPS,
      quiet: nightUntil === null ? null : { category: NIGHTLY, until: nightUntil },
      unknownBound: size.kills * size.connections * CHANNELS.length,
    });
    return { wrong, figures: figuresOf(closed, sinks, Date.now() - begun), sent: sinks.length };
  } finally {
    workers.killAll();
    await pool.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Processes implements Workers {
  private readonly all: ChildProcess[] = [];

  constructor(
    private readonly folder: string,
    private readonly databaseUrl: string,
    private readonly size: Stress,
    private readonly files: { readonly [path: string]: string },
  ) {}

  get children(): Iterable<ChildProcess> {
    return this.all;
  }

  async start(): Promise<void> {
    const number = this.all.length + 1;
    const { plant, connections, answerMs } = this.size;
    const { databaseUrl, files } = this;
    const options = { databaseUrl, number, sink: this.sinkOf(number), files, plant, connections, answerMs };
    const child = fork(WORKER, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.all.push(child);
    await once(child, 'message');
  }

  sinks(): Sunk[] {
    return this.all.flatMap((_, index) => read(this.sinkOf(index + 1)));
  }

  killAll(): void {
    for (const child of this.all) if (child.exitCode === null) child.kill('SIGKILL');
  }

  private sinkOf(number: number): string {
    return join(this.folder, `${number}.ndjson`);
  }
}

/** Resolves when nothing is open any more, or when nothing has ended for long: the checker says what was left behind. */
async function allEnded(database: DatabaseForTests, notBefore: number): Promise<void> {
  let before = Infinity;
  let moved = performance.now();
  for (;;) {
    const [row] = await database.query<{ n: number }>('select count(*)::int as n from message_open');
    if (row!.n === 0) return;
    if (row!.n < before) moved = performance.now();
    if (performance.now() - moved > STUCK_MS && Date.now() > notBefore + STUCK_MS) return;
    before = row!.n;
    await pause(500);
  }
}

function figuresOf(closed: readonly Closed[], sinks: readonly Sunk[], ms: number): object {
  const count = (keys: readonly string[]): { readonly [key: string]: number } => {
    const counts: Record<string, number> = {};
    for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
    return counts;
  };
  return {
    seconds: Math.round(ms / 1000),
    ended: closed.length,
    accepted: sinks.length,
    outcomes: count(closed.map(({ outcome, reason }) => (reason === null ? outcome : `${outcome}: ${reason}`))),
    channels: count(sinks.map(({ channel }) => channel)),
  };
}

function read(file: string): Sunk[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Sunk);
}
