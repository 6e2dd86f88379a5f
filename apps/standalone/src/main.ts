import 'reflect-metadata';
import { environment, prepareDataFolder, readConfig, type Config } from '#config';
import { readWorkspaceFolder, systemClock } from '#hosting';
import { createLog } from '#observability';
import { explainFailure } from './explain-failure.js';
import { checkPort } from './port-check.js';
import { startStandalone, type Standalone } from './start-standalone.js';
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
  say('Starting Kairos ...');
  const standalone = await startStandalone({ config, files, clock: systemClock, log, secrets: environment, say });
  process.stdout.write(welcome(standalone, config));
  stopOnSignals(standalone, config);
}

/** A second signal while stopping is the same one, seen by npm and by the terminal's process group. */
function stopOnSignals(standalone: Standalone, { log }: Config): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      if (log.format === 'pretty') say('\nStopping: what is in hand is finished ...');
      standalone.stop().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    });
  }
}

function defaultWorkspace(): string {
  return new URL('../../../../examples/shop', import.meta.url).pathname;
}

function fail(error: unknown): never {
  say(explainFailure(error));
  process.exit(2);
}

main().catch(fail);
