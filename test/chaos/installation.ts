import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '#config';
import type { WorkspaceFile } from '#core';
import { publishWorkspace } from '#engine';
import { EVENTS_TOPIC, prepareInstallation } from '#hosting';
import { PostgresPool, PostgresRulesetStore } from '#postgres';
import { KairosProcess } from './kairos-process.js';

export const WRITE_KEY = 'the-write-key-of-the-chaos-tests';
export const SECRET = 'a secret that all processes of this installation share';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export type Service = 'collector' | 'trigger-engine' | 'delivery';

export interface InstallationOptions {
  /** `host:port`, with commas. */
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly smtpUrl: string;
  readonly partitions: number;
  readonly files: readonly WorkspaceFile[];
  /** What providers of the workspace need besides. */
  readonly secrets?: { readonly [name: string]: string };
}

/** A distributed Kairos: processes on a Kafka broker and a PostgreSQL database. */
export class Installation {
  private readonly processes: KairosProcess[] = [];

  private constructor(
    private readonly env: { readonly [name: string]: string },
    private readonly folder: string,
    readonly collectorUrl: string,
  ) {}

  /** Tables, topics, and the workspace published; starts nothing. */
  static async prepare(options: InstallationOptions): Promise<Installation> {
    const folder = await mkdtemp(join(tmpdir(), 'kairos-chaos-'));
    const http = await freeAddress();
    const env = {
      DATABASE_URL: options.databaseUrl,
      KAFKA_BROKERS: options.brokers,
      KAIROS_PARTITIONS: String(options.partitions),
      KAIROS_DATA: folder,
      KAIROS_HTTP: http,
      KAIROS_SECRET: SECRET,
      KAIROS_WRITE_KEY: WRITE_KEY,
      KAIROS_LOG_FORMAT: 'json',
      SMTP_URL: options.smtpUrl,
      ...options.secrets,
    };
    const config = readConfig(env, { directory: folder, workspace: '.', terminal: false });
    await prepareInstallation(config, options.databaseUrl, silent);
    await publish(options);
    return new Installation(env, folder, `http://${http}`);
  }

  /** Resolves when it is ready. `ops`: the address of its health and metrics, by default any free port. */
  async start(service: Service, ops?: string): Promise<KairosProcess> {
    const process = this.spawn(service, ops);
    await process.ready();
    return process;
  }

  spawn(service: Service, ops = '127.0.0.1:0'): KairosProcess {
    const process = KairosProcess.spawn(service, { ...this.env, KAIROS_OPS: ops });
    this.processes.push(process);
    return process;
  }

  /** Those of a service that run. */
  running(service: Service): KairosProcess[] {
    return this.processes.filter(({ app, running }) => app === service && running);
  }

  /**
   * As a supervisor does it: another one whenever one has ended, until this is called off; then what runs goes on.
   * One that ends before it is ready is nothing special (its database or its brokers may be away).
   */
  supervise(service: Service): () => Promise<void> {
    let over = false;
    let current = this.spawn(service);
    const keep = async (): Promise<void> => {
      for (;;) {
        await current.exited;
        if (!current.wasReady) this.processes.splice(this.processes.indexOf(current), 1);
        if (over) return;
        current = this.spawn(service);
      }
    };
    void keep();
    return async () => {
      while (
        !(await current.ready().then(
          () => true,
          () => false,
        ))
      );
      over = true;
    };
  }

  /** All that its processes said. */
  get lines(): string[] {
    return this.processes.flatMap(({ lines }) => lines.all);
  }

  /** What ended without being told to; empty when all is well. */
  get endedAlone(): string[] {
    return this.processes.flatMap((process) => process.endedAlone ?? []);
  }

  /** The same of those that had been ready: whoever cannot reach its servers when it starts may end. */
  get endedInWork(): string[] {
    return this.processes.filter(({ wasReady }) => wasReady).flatMap((process) => process.endedAlone ?? []);
  }

  /** What the processes said last: for whoever looks for the reason of a failure. */
  get lastWords(): string {
    return this.processes
      .map(({ app, pid, running, tail }) => `── ${app} ${pid}${running ? '' : ' (ended)'}\n${tail}`)
      .join('\n');
  }

  /** Ends in good order what runs, once it is ready: before, there is no order yet. Exit statuses. */
  stop(): Promise<(number | null)[]> {
    const running = this.processes.filter((process) => process.running);
    return Promise.all(
      running.map(async (process) => {
        await process.ready().catch(() => undefined);
        return process.stop();
      }),
    );
  }

  /** Leaves nothing, whatever happened before. */
  async remove(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function publish({ databaseUrl, files }: InstallationOptions): Promise<void> {
  const pool = new PostgresPool({ url: databaseUrl, applicationName: 'kairos-chaos', max: 1, log: () => undefined });
  try {
    const { number, diagnostics } = await publishWorkspace(new PostgresRulesetStore(pool, EVENTS_TOPIC), files, 'test');
    if (number === null)
      throw new Error(`the workspace of the test has errors: ${JSON.stringify(diagnostics, null, 2)}`);
  } finally {
    await pool.end();
  }
}

/** `127.0.0.1:port`, where nobody listens. */
export async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}
