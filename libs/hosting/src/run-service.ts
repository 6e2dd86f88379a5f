import { ConfigError, environment, readConfig, type Config } from '#config';
import { loadRulesets, type LoadedRulesets, type Log } from '#engine';
import { createLog } from '#observability';
import type { Backbone } from './backbone.js';
import { openBackbone } from './open-backbone.js';
import { systemClock } from './system-clock.js';

export interface ServiceSettings {
  readonly service: string;
  readonly config: Config;
  readonly log: Log;
  /** The environment, for the secrets that kairos.yaml names. */
  readonly env: { readonly [name: string]: string | undefined };
}

/** SIGTERM ends a service within this time (interfaces.md), finished or not. */
const STOP_WITHIN_MS = 15_000;
const WAIT_MS = 1_000;

/** Starts one service of a distributed installation, and stops it on SIGTERM or Ctrl-C. */
export async function runService(
  service: string,
  start: (settings: ServiceSettings) => Promise<() => Promise<void>>,
): Promise<void> {
  try {
    const env = environment;
    const config = readConfig(env, {
      directory: process.cwd(),
      workspace: '.',
      terminal: process.stderr.isTTY === true,
    });
    if (config.databaseUrl === null)
      throw new ConfigError([
        `DATABASE_URL is not set: the ${service} runs beside others, which share one database; \`npm start\` runs all in one process`,
      ]);
    const log = createLog({ ...config.log, service });
    const stop = await start({ service, config, log, env });
    // Before it is said: whoever waits for the word may stop it at once.
    stopOnSignals(stop, log);
    log.info('started');
  } catch (error) {
    const known = error instanceof Error && 'code' in error;
    process.stderr.write(
      `${service} cannot start: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(2);
  }
}

function stopOnSignals(stop: () => Promise<void>, log: Log): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error('stopped with an error', { error: String(error) });
          process.exit(1);
        },
      );
    });
  }
}

/** What processes must agree on cannot be made up by one of them. */
type Shared = 'secret' | 'writeKey';
const VARIABLES: { readonly [shared in Shared]: string } = { secret: 'KAIROS_SECRET', writeKey: 'KAIROS_WRITE_KEY' };

/** Connects a service to what `DATABASE_URL` and `KAFKA_BROKERS` name. Throws ConfigError where one of `needs` is not set. */
export async function openServiceBackbone(
  { config, log, service }: ServiceSettings,
  needs: readonly Shared[],
): Promise<Backbone> {
  const missing = needs
    .filter((shared) => config[shared] === null)
    .map(
      (shared) =>
        `${VARIABLES[shared]} is not set: the ${service} shares it with the other processes; give all of them the same value`,
    );
  if (missing.length > 0) throw new ConfigError(missing);
  return openBackbone({ config, databaseUrl: config.databaseUrl!, service, clock: systemClock, log });
}

/** The same, and the ruleset in force; waits, and says so, until one was published. */
export async function openService(
  settings: ServiceSettings,
  needs: readonly Shared[],
): Promise<{ backbone: Backbone; loaded: LoadedRulesets }> {
  const backbone = await openServiceBackbone(settings, needs);
  for (let waited = 0; ; waited++) {
    const loaded = await loadRulesets(backbone.rulesets);
    if (loaded !== null) return { backbone, loaded };
    if (waited % 30 === 0) settings.log.warn('no ruleset was published yet: run `kairos rules publish`');
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}
