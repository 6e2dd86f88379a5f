import 'reflect-metadata';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environment, readConfig, type Config } from '#config';
import { readWorkspaceFolder, SteppedClock } from '#hosting';
import { createLog } from '#observability';
import { DemoScreen } from './demo/demo-screen.js';
import { demoCustomers, readRecordedWeek } from './demo/recorded-week.js';
import { explainFailure } from './explain-failure.js';
import { Replay } from './replay/replay.js';
import { TrackedStream } from './replay/tracked-stream.js';
import { startStandalone, type Standalone } from './start-standalone.js';

const ROOT = new URL('../../../../', import.meta.url).pathname;
const HELP = `npm run demo [-- --days N] [-- --fast]

Replays a recorded week of a real shop through the whole of Kairos: over HTTP, through the event log, the rules and
delivery, with a clock that jumps from instant to instant. Nothing leaves the machine; the mails lie in .kairos/demo-outbox afterwards.

  --days N   days of the recording, 1 to 28 (default 7)
  --fast     do not pause between decisions
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      days: { type: 'string', default: '7' },
      fast: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 1 || days > 28)
    throw Object.assign(new Error('--days must be a whole number from 1 to 28'), { code: 'usage' });
  const data = mkdtempSync(join(tmpdir(), 'kairos-demo-'));
  try {
    await demonstrate(data, days, values.fast);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function demonstrate(data: string, days: number, fast: boolean): Promise<void> {
  const week = readRecordedWeek(join(ROOT, 'examples/recordings/otto.ndjson.gz'), days);
  const config = demoConfig(data);
  const screen = new DemoScreen(process.stdout, { pace: fast || !process.stdout.isTTY ? 0 : 40 });
  screen.opening(week);
  const clock = new SteppedClock(week.from);
  const log = createLog({ ...config.log, service: 'demo' });
  const stream: { tracked?: TrackedStream } = {};
  const standalone = await startStandalone({
    config,
    files: await readWorkspaceFolder(join(ROOT, 'examples/shop')),
    clock,
    log,
    secrets: {},
    say: () => undefined,
    wrapStream: (inner) => (stream.tracked = new TrackedStream(inner)),
    hostDelivery: false,
    onDecision: (decision) => screen.decided(decision),
  });
  const interrupted = stopOnInterrupt(standalone, data);
  try {
    const replay = new Replay(standalone, clock, stream.tracked!);
    await replay.run(demoCustomers(week));
    await replay.run(week.calls, (instant, calls) => screen.passed(instant, calls));
    await replay.advanceTo(week.to);
    const { ledger, metrics } = standalone.backbone;
    screen.summary(await ledger.list({ limit: 100_000 }), await metrics.runsStarted(), keepMails(data));
  } finally {
    interrupted.done();
    await standalone.stop();
  }
}

/** The rest of the demonstration's folder goes; its mails stay to be opened, until the next one. */
function keepMails(data: string): string | null {
  const kept = join(ROOT, '.kairos', 'demo-outbox');
  try {
    rmSync(kept, { recursive: true, force: true });
    cpSync(join(data, 'outbox'), kept, { recursive: true });
    return kept;
  } catch {
    // A clone that cannot be written, or no mail at all: nothing to open, nothing lost.
    return null;
  }
}

/** Its own folder, free ports, nothing of the environment but the log's level. */
function demoConfig(data: string): Config {
  const env = {
    KAIROS_DATA: data,
    KAIROS_WORKSPACE: join(ROOT, 'examples/shop'),
    KAIROS_HTTP: '127.0.0.1:0',
    KAIROS_OPS: '127.0.0.1:0',
    KAIROS_PARTITIONS: '4',
    KAIROS_LOG: environment['KAIROS_LOG'] ?? 'error',
  };
  return readConfig(env, { directory: ROOT, workspace: 'examples/shop', terminal: process.stderr.isTTY === true });
}

function stopOnInterrupt(standalone: Standalone, data: string): { done: () => void } {
  const stop = (): void => {
    const end = (): never => {
      rmSync(data, { recursive: true, force: true });
      process.exit(130);
    };
    standalone.stop().then(end, end);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return { done: () => void process.off('SIGINT', stop).off('SIGTERM', stop) };
}

main().catch((error: unknown) => {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(2);
});
