import { setTimeout as pause } from 'node:timers/promises';
import type { WorkspaceFile } from '#core';
import { SmtpSink, useDatabase, waitUntil, type DatabaseForTests } from '#testkit';
import { startKafka, type KafkaCluster } from '../../tools/kafka/kafka-broker.mjs';
import type { LogRecord, World } from './checker.mjs';
import { Installation, WRITE_KEY } from './installation.js';
import type { KairosProcess } from './kairos-process.js';
import { readLog } from './read-log.mjs';
import { httpClient, kafkaProducer, type ShopClient } from './shop-client.js';

export const EVENTS_TOPIC = 'kairos.events';
/** Sessions (30 s) and leases (60 s) of what was killed run out in it, on a slow machine. */
export const PATIENCE_MS = 180_000;

export interface KairosOnKafkaOptions {
  readonly partitions: number;
  readonly files: readonly WorkspaceFile[];
}

/**
 * An installation with a broker, a database and a mail server of its own, for the tests declared beside it: its topics
 * have fixed names, so the broker of other tests cannot be shared. Everything is gone afterwards, also after a failure.
 */
export function useKairosOnKafka(options: KairosOnKafkaOptions): KairosOnKafka {
  const hooks = { remove: (): Promise<void> => Promise.resolve() };
  // Hooks run in this order: the processes end before their database goes.
  afterAll(() => hooks.remove(), 120_000);
  const kairos = new KairosOnKafka(useDatabase(), options);
  hooks.remove = () => kairos.remove();
  beforeAll(() => kairos.prepare(), 300_000);
  return kairos;
}

export class KairosOnKafka {
  private kafka: KafkaCluster | undefined;
  private mailServer: SmtpSink | undefined;
  private prepared: Installation | undefined;
  private readonly clients: { close(): Promise<void> }[] = [];

  constructor(
    readonly database: DatabaseForTests,
    private readonly options: KairosOnKafkaOptions,
  ) {}

  get brokers(): string[] {
    return this.kafka!.brokers.split(',');
  }

  get sink(): SmtpSink {
    return this.mailServer!;
  }

  get installation(): Installation {
    return this.prepared!;
  }

  async prepare(): Promise<void> {
    [this.kafka, this.mailServer] = await Promise.all([startKafka({ quiet: true }), SmtpSink.start()]);
    const { partitions, files } = this.options;
    const { kafka, sink, database } = this;
    this.prepared = await Installation.prepare({
      brokers: kafka.brokers,
      databaseUrl: database.url,
      smtpUrl: sink.url,
      partitions,
      files,
    });
  }

  async remove(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    await this.prepared?.remove();
    await Promise.all([this.kafka?.stop(), this.mailServer?.stop()]);
  }

  httpClient(): ShopClient {
    return this.kept(httpClient(this.installation.collectorUrl, WRITE_KEY));
  }

  async kafkaProducer(): Promise<ShopClient> {
    return this.kept(await kafkaProducer(this.brokers, EVENTS_TOPIC, this.options.partitions));
  }

  /** Partitions whose owner is one of these processes. */
  async owned(...owners: readonly KairosProcess[]): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      'select count(*)::int as count from stream_partition where owner like any($1)',
      [owners.map(({ pid }) => `%/${pid}/%`)],
    );
    return row!.count;
  }

  log(): Promise<LogRecord[]> {
    return readLog(this.brokers, EVENTS_TOPIC);
  }

  ledger(): Promise<World['ledger'][number][]> {
    return this.database.query('select rule, customer, run as occurrence, outcome, reason from messages');
  }

  /** Customers whose state is there, and those whose address is not in it: whatever its format, as text. */
  async profiles(): Promise<{ readonly kept: number; readonly lost: string[] }> {
    const rows = await this.database.query<{ customer_id: string; whole: boolean }>(
      `select customer_id, position(convert_to('@shop.test', 'UTF8') in state) > 0 as whole from customer_state`,
    );
    return { kept: rows.length, lost: rows.filter(({ whole }) => !whole).map((row) => row.customer_id) };
  }

  /** Resolves when every record was applied, and no timer, record to forward or message is pending. */
  async settled(): Promise<void> {
    await waitUntil('an end of all work', () => this.isSettled(), PATIENCE_MS);
  }

  private async isSettled(): Promise<boolean> {
    await pause(300);
    const [row] = await this.database.query<{ applied: number; pending: number }>(`
      select (select coalesce(sum(next_offset), 0)::int from stream_partition) as applied,
             (select count(*)::int from customer_state where next_fire is not null) +
             (select count(*)::int from stream_outbox) +
             (select count(*)::int from message_open) as pending`);
    return row!.pending === 0 && row!.applied === (await this.log()).length;
  }

  /** Closed before the broker stops. */
  kept<Client extends { close(): Promise<void> }>(client: Client): Client {
    this.clients.push(client);
    return client;
  }
}
