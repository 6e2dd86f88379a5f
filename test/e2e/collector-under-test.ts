import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type Config } from '#config';
import type { EventStream, Log } from '#engine';
import { openBackbone, prepareInstallation, systemClock, type Backbone } from '#hosting';
import type { DatabaseForTests } from '#testkit';
import { createCollector, type CollectorOptions } from '../../apps/collector/src/create-collector.js';

export const WRITE_KEY = 'wk_test_0123456789';
export const SECRET = 'a secret of the tests, with 32 characters or more';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of a JSON answer. */
  readonly body: { readonly [name: string]: unknown };
}

export interface LoggedEvent {
  readonly partition: number;
  readonly key: string;
  readonly headers: { readonly [name: string]: string } | null;
  readonly event: { readonly [name: string]: unknown };
}

/** A collector that listens, and everything it said to its log. */
export class CollectorUnderTest {
  private constructor(
    readonly backbone: Backbone,
    readonly url: string,
    readonly lines: readonly string[],
    readonly stop: () => Promise<void>,
  ) {}

  static async start(
    databaseUrl: string,
    options: CollectorOptions & { readonly stream?: EventStream } = {},
  ): Promise<CollectorUnderTest> {
    const lines: string[] = [];
    const opened = await openTestBackbone(databaseUrl, lines);
    const backbone = { ...opened, stream: options.stream ?? opened.stream };
    const app = await createCollector(backbone, options);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    return new CollectorUnderTest(backbone, `http://127.0.0.1:${port}`, lines, async () => {
      await app.close();
      await opened.close();
    });
  }

  async request(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.url + path, init);
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: json && text !== '' ? JSON.parse(text) : {},
    };
  }

  /** With the write key; `body` is sent as JSON, or as it is where it is text or bytes. */
  async post(path: string, body: unknown, headers: { readonly [name: string]: string } = {}): Promise<Answer> {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    return this.request(path, {
      method: 'POST',
      headers: { authorization: basic(WRITE_KEY), 'content-type': 'application/json', ...headers },
      body: (raw ? body : JSON.stringify(body)) as string | Uint8Array<ArrayBuffer>,
    });
  }

  /** Value of a series of `kairos_events_received_total`. */
  async received(result: string): Promise<number> {
    const { values } = await this.backbone.metrics.registry.getSingleMetric('kairos_events_received_total')!.get();
    return values.find(({ labels }) => labels['source'] === 'http' && labels['result'] === result)?.value ?? 0;
  }
}

export function basic(user: string): string {
  return `Basic ${Buffer.from(`${user}:`).toString('base64')}`;
}

export function testConfig(databaseUrl: string): Config {
  const env = {
    KAIROS_DATA: join(tmpdir(), 'kairos-test-unused'),
    KAIROS_HTTP: '127.0.0.1:0',
    KAIROS_OPS: '127.0.0.1:0',
    KAIROS_PARTITIONS: '4',
    KAIROS_WRITE_KEY: WRITE_KEY,
    KAIROS_SECRET: SECRET,
    DATABASE_URL: databaseUrl,
  };
  return readConfig(env, { directory: tmpdir(), workspace: '.', terminal: false });
}

export async function openTestBackbone(databaseUrl: string, lines: string[] = []): Promise<Backbone> {
  const say = (message: string, fields: unknown): void => void lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log: Log = { info: say, warn: say, error: say };
  return openBackbone({ config: testConfig(databaseUrl), databaseUrl, service: 'collector', clock: systemClock, log });
}

/** Lays out the stream in a fresh test database. */
export async function prepareDatabase({ url }: DatabaseForTests): Promise<void> {
  const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  await prepareInstallation(testConfig(url), url, log);
}

/** The events in the embedded log, partition by partition in its order; records of Kairos' own have no key. */
export async function loggedEvents(database: DatabaseForTests): Promise<LoggedEvent[]> {
  const rows = await database.query<{ partition: number; key: Buffer; value: Buffer; headers: LoggedEvent['headers'] }>(
    'select partition, key, value, headers from log where key is not null order by partition, log_offset',
  );
  return rows.map(({ partition, key, value, headers }) => ({
    partition,
    key: key.toString('utf8'),
    headers,
    event: JSON.parse(value.toString('utf8')) as LoggedEvent['event'],
  }));
}
