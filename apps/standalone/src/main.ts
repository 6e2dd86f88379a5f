import 'reflect-metadata';
import { environment, prepareDataFolder, readConfig } from '#config';
import { readWorkspaceFolder, systemClock } from '#hosting';
import { createLog } from '#observability';
import { explainFailure } from './explain-failure.js';
import { checkPort } from './port-check.js';
import { startStandalone } from './start-standalone.js';
import { welcome } from './welcome.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const config = readConfig(environment, {
    directory: process.cwd(),
    workspace: defaultWorkspace(),
    terminal: process.stderr.isTTY === true,
  });
  prepareDataFolder(config.data);
  await Promise.all([checkPort('KAIROS_HTTP', config.http), checkPort('KAIROS_OPS', config.ops)]);
  const files = await readWorkspaceFolder(config.workspace);
  const log = createLog({ ...config.log, service: 'standalone' });
  const stop = stopSignal();
  say('Starting Kairos ...');
  const standalone = await startStandalone({ config, files, clock: systemClock, log, secrets: environment, say });
  if (!stop.isGiven) process.stdout.write(await welcome(standalone, config));
  await stop.given;
  if (config.log.format === 'pretty') say('\nStopping: what is in hand is finished ...');
  await standalone.stop();
  process.exit(0);
}

interface StopSignal {
  readonly given: Promise<void>;
  readonly isGiven: boolean;
}

/** npm and the terminal's process group both tell of one Ctrl-C; another one is meant when it comes a second later. */
const ECHO_MS = 1_000;

/** Ctrl-C while it starts waits for the start, so that the embedded PostgreSQL is stopped too; a second one does not wait. */
function stopSignal(): StopSignal {
  let firstAt: number | null = null;
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (firstAt !== null && performance.now() - firstAt > ECHO_MS) process.exit(130);
      firstAt ??= performance.now();
      give();
    });
  }
  return {
    given,
    get isGiven() {
      return firstAt !== null;
    },
  };
}

function defaultWorkspace(): string {
  return new URL('../../../../examples/shop', import.meta.url).pathname;
}

function fail(error: unknown): never {
  say(explainFailure(error));
  process.exit(2);
}

main().catch(fail);
