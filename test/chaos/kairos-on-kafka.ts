import { setTimeout as pause } from 'node:timers/promises';
import type { WorkspaceFile } from '#core';
import { SmtpSink, useDatabase, waitUntil, type DatabaseForTests } from '#testkit';
import { startKafka, type KafkaCluster } from '../../tools/kafka/kafka-broker.mjs';
import { CART_RULES } from './chaos-workspace.js';
import { check, type Findings, type LogRecord, type World } from './checker.mjs';
import { Installation, WRITE_KEY } from './installation.js';
import type { KairosProcess } from './kairos-process.js';
import { readLog } from './read-log.mjs';
import { TrafficUnderWay } from './send-traffic.js';
import type { Network } from './torture/network.js';
import { httpClient, kafkaProducer, type ShopClient } from './shop-client.js';
import { scheduledIds, type Visit } from './traffic.js';

export const EVENTS_TOPIC = 'kairos.events';
/** Sessions (30 s) and leases (60 s) of what was killed run out in it, on a slow machine. */
export const PATIENCE_MS = 180_000;
const HTTP_LANES = 3;

export interface KairosOnKafkaOptions {
  readonly partitions: number;
  readonly files: readonly WorkspaceFile[];
  /** 1. */
  readonly brokers?: 1 | 3;
  /** Between the processes and all servers. */
  readonly network?: Network;
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

  get cluster(): KafkaCluster {
    return this.kafka!;
  }

  get sink(): SmtpSink {
    return this.mailServer!;
  }

  get installation(): Installation {
    return this.prepared!;
  }

  async prepare(): Promise<void> {
    const { partitions, files, network, brokers = 1 } = this.options;
    const detour = network === undefined ? {} : { detour: (port: number) => network.toBroker(port) };
    [this.kafka, this.mailServer] = await Promise.all([
      startKafka({ quiet: true, brokers, ...detour }),
      SmtpSink.start(),
    ]);
    const { kafka, sink, database } = this;
    const direct = { brokers: kafka.brokers, databaseUrl: database.url, smtpUrl: sink.url };
    const places = network === undefined ? direct : await network.between(direct);
    this.prepared = await Installation.prepare({ ...places, partitions, files });
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

  /** Begins to send these visits, each by its own way. */
  async send(visits: readonly Visit[]): Promise<TrafficUnderWay> {
    const overHttp = visits.filter(({ by }) => by === 'http');
    const lanes = Array.from({ length: HTTP_LANES }, (_, lane) => ({
      client: this.httpClient(),
      visits: overHttp.filter((_visit, k) => k % HTTP_LANES === lane),
    }));
    lanes.push({ client: await this.kafkaProducer(), visits: visits.filter(({ by }) => by === 'kafka') });
    return new TrafficUnderWay(lanes);
  }

  /**
   * What the checker says of all that was sent, under the rules of `chaos-workspace.ts`, once all is settled.
   * @param unknownBound connections to the mail server that were cut
   */
  async judge(visits: readonly Visit[], traffic: TrafficUnderWay, unknownBound: number): Promise<Findings> {
    const findings = check({
      scheduled: scheduledIds(visits),
      input: traffic.input,
      log: await this.log(),
      partitions: this.options.partitions,
      rules: CART_RULES,
      mails: this.sink.mails.all.map(({ to, parsed }) => ({ to: to.join(), subject: parsed.subject ?? '' })),
      domain: '@shop.test',
      ledger: await this.ledger(),
      unknownBound,
    });
    console.log(`${traffic.input.length} events, ${JSON.stringify(findings.figures)}`);
    return findings;
  }

  /** Resolves when these own so many partitions together. */
  async untilOwned(owners: readonly KairosProcess[], count: number): Promise<void> {
    await waitUntil(`${count} partitions to be owned`, async () => (await this.owned(...owners)) >= count, PATIENCE_MS);
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

  /** What the processes said last is shown where `work` fails. */
  async liveThrough(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      console.error(this.installation.lastWords);
      throw error;
    }
  }

  /** Resolves when every record was applied, and no timer, record to forward or message is pending. */
  async settled(): Promise<void> {
    await waitUntil('an end of all work', () => this.isSettled(), PATIENCE_MS);
  }

  /** Throws what is still to be done. */
  private async isSettled(): Promise<boolean> {
    await pause(300);
    const [row] = await this.database.query<{ applied: number; timers: number; outbox: number; open: number }>(`
      select (select coalesce(sum(next_offset), 0)::int from stream_partition) as applied,
             (select count(*)::int from customer_state where next_fire is not null) as timers,
             (select count(*)::int from stream_outbox) as outbox,
             (select count(*)::int from message_open) as open`);
    const { applied, timers, outbox, open } = row!;
    const { length } = await this.log();
    if (timers + outbox + open === 0 && applied === length) return true;
    throw new Error(`${applied} of ${length} applied, ${timers} timers, ${outbox} to forward, ${open} messages open`);
  }

  /** Closed before the broker stops. */
  kept<Client extends { close(): Promise<void> }>(client: Client): Client {
    this.clients.push(client);
    return client;
  }
}
