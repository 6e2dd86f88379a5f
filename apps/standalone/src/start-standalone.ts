import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Config } from '#config';
import { orderDiagnostics, readWorkspace, type DeliveryDecision, type Diagnostic, type WorkspaceFile } from '#core';
import {
  loadRulesets,
  publishWorkspace,
  type Clock,
  type EventStream,
  type LoadedRulesets,
  type Log,
  type TriggerEngine,
} from '#engine';
import { openBackbone, prepareInstallation, type Backbone } from '#hosting';
import { startEmbeddedPostgres } from '#postgres';
import { runRuleTests } from '#rule-testing';
import { findTemplateProblems } from '#templates';
import { createCollector } from '../../collector/src/create-collector.js';
import { CurrentDelivery } from '../../delivery/src/current-delivery.js';
import { createEngine } from '../../trigger-engine/src/create-engine.js';
import { createHistory } from '../../trigger-engine/src/create-history.js';
import { EngineServer } from '../../trigger-engine/src/engine-server.js';
import { StandaloneModule } from './standalone.module.js';

export interface StandaloneOptions {
  readonly config: Config;
  readonly files: readonly WorkspaceFile[];
  readonly clock: Clock;
  readonly log: Log;
  /** The environment, for the secrets that kairos.yaml names. */
  readonly secrets: { readonly [name: string]: string | undefined };
  /** One line for the person at the terminal. */
  readonly say: (line: string) => void;
  readonly onDecision?: (decision: DeliveryDecision) => void;
  /** For a replay, which must know what was written to the stream. */
  readonly wrapStream?: (stream: EventStream) => EventStream;
  /** Default true; a replay drives delivery itself. */
  readonly hostDelivery?: boolean;
}

export interface Standalone {
  readonly backbone: Backbone;
  readonly engine: TriggerEngine;
  readonly delivery: CurrentDelivery;
  readonly loaded: LoadedRulesets;
  readonly collectorUrl: string;
  /** Finishes what is in hand, in the order of an event's life, and closes everything. */
  stop(): Promise<void>;
}

/** The workspace has errors: nothing was started. */
export class WorkspaceInvalidError extends Error {
  readonly code = 'workspace_invalid';
  readonly retryable = false;

  constructor(
    readonly diagnostics: readonly Diagnostic[],
    readonly files: readonly WorkspaceFile[],
  ) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    super(`the workspace has ${errors === 1 ? 'an error' : `${errors} errors`}; mend it and start again`);
    this.name = 'WorkspaceInvalidError';
  }
}

type Closing = () => Promise<unknown>;

/**
 * All services in one process, on the embedded PostgreSQL and the embedded log where the configuration names nothing
 * else: the same modules as the separate services, wired to one backbone.
 */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const closings: Closing[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closings.splice(0).reverse()) await close();
  };
  try {
    return { ...(await startAll(options, closings)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(options: StandaloneOptions, closings: Closing[]): Promise<Omit<Standalone, 'stop'>> {
  const { config, log, clock } = options;
  await checkWorkspace(options.files);
  const databaseUrl = await database(options, closings);
  await prepareInstallation(config, databaseUrl, log);
  const opened = await openBackbone({ config, databaseUrl, service: 'standalone', clock, log });
  closings.push(() => opened.close());
  const backbone = { ...opened, stream: options.wrapStream?.(opened.stream) ?? opened.stream };
  const loaded = await publish(backbone, options);
  const engine = createEngine(backbone, loaded);
  const delivery = new CurrentDelivery(backbone, loaded, { ...options, fallback: 'outbox' });
  closings.push(() => delivery.close());
  const { http, ops } = config;
  const app = await NestFactory.create(
    StandaloneModule.with(engine, delivery, backbone.metrics, options.hostDelivery ?? true),
    {
      logger: false,
    },
  );
  app.connectMicroservice({ strategy: new EngineServer(engine) });
  closings.push(() => app.close());
  await app.startAllMicroservices();
  const history = createHistory(backbone);
  closings.push(() => history?.stop() ?? Promise.resolve());
  await history?.start();
  await app.listen(ops.port, ops.host);
  await allChangedOver(backbone, loaded.rulesets.current.number, engine);
  const collector = await createCollector(backbone, { secrets: options.secrets });
  closings.push(() => collector.close());
  await collector.listen(http.port, http.host);
  return { backbone, engine, delivery, loaded, collectorUrl: addressOf(collector, http.host) };
}

/** Before anything is started. Throws WorkspaceInvalidError. */
async function checkWorkspace(files: readonly WorkspaceFile[]): Promise<void> {
  const { diagnostics, toCheck } = readWorkspace(files);
  const found = orderDiagnostics([...diagnostics, ...(await findTemplateProblems(toCheck))]);
  if (found.some(({ severity }) => severity === 'error')) throw new WorkspaceInvalidError(found, files);
}

async function database({ config, say }: StandaloneOptions, closings: Closing[]): Promise<string> {
  if (config.databaseUrl !== null) return config.databaseUrl;
  const postgres = await startEmbeddedPostgres({ dataDir: join(config.data, 'postgres'), log: say });
  closings.push(() => postgres.stop());
  return postgres.url;
}

async function publish(backbone: Backbone, { files, say }: StandaloneOptions): Promise<LoadedRulesets> {
  const { unchanged, number } = await publishWorkspace(backbone.rulesets, files, 'start');
  const loaded = (await loadRulesets(backbone.rulesets))!;
  if (unchanged) return loaded;
  say(`published the workspace as ruleset ${number}`);
  const { failed } = runRuleTests(
    loaded.workspace,
    files.filter(({ path }) => path.endsWith('.test.yaml')),
    { only: null },
  );
  // Unlike `kairos rules publish`, which refuses: whoever starts on a desk is trying things out.
  if (failed > 0) say(`${failed} of its tests fail: npx kairos rules test shows them`);
  return loaded;
}

/** Gives up waiting after this time: another engine may own partitions and be slow. Real ms. */
const CHANGE_OVER_MS = 15_000;

/** Whoever has changed rules and starts again expects them to hold for the first event sent. */
async function allChangedOver({ rulesets, log }: Backbone, number: number, engine: TriggerEngine): Promise<void> {
  for (let waited = 0; waited < CHANGE_OVER_MS; waited += 50) {
    const { active, partitions } = await rulesets.activation(number);
    if (active >= partitions && engine.isSettled) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  log.warn(
    'not all partitions have changed over to the ruleset yet, or some still fill what it counts from the history',
    { ruleset: number },
  );
}

function addressOf(app: INestApplication, host: string): string {
  const { port } = app.getHttpServer().address() as { port: number };
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
