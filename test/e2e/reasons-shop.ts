import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reason } from '#core';
import { SmtpSink, waitUntil, type DatabaseForTests, type HttpSink } from '#testkit';
import { startKafka, type KafkaCluster } from '../../tools/kafka/kafka-broker.mjs';
import { Installation, WRITE_KEY } from '../chaos/installation.js';
import type { KairosProcess } from '../chaos/kairos-process.js';
import { twilioServer, type ProviderServer } from '../integration/provider-servers.js';
import { kairos } from './run-kairos.js';

export interface Decided {
  readonly messageId: string;
  readonly outcome: string;
  readonly template: string;
}

/**
 * Collector, engine and delivery, each a process, on Kafka, PostgreSQL, a mail server and a server of text messages: what
 * the cases of reasons are played on.
 */
export class ReasonsShop {
  private readonly folder = mkdtempSync(join(tmpdir(), 'kairos-reasons-'));
  private kafka: KafkaCluster | undefined;
  private mails: SmtpSink | undefined;
  private texts: ProviderServer | undefined;
  private installation: Installation | undefined;
  private worker: KairosProcess | undefined;

  constructor(private readonly database: DatabaseForTests) {}

  /** @param files of the workspace; the address of the texts' server is put where they say `TEXTS`. */
  async open(files: { readonly [path: string]: string }): Promise<void> {
    this.mails = await SmtpSink.start();
    this.texts = await twilioServer('AC1', 'secret');
    this.kafka = await startKafka({ quiet: true });
    this.installation = await Installation.prepare({
      brokers: this.kafka.brokers,
      databaseUrl: this.database.url,
      smtpUrl: this.mails.url,
      partitions: 2,
      files: Object.entries(files).map(([path, text]) => ({
        path,
        bytes: Buffer.from(text.replace('TEXTS', this.texts!.sink.url)),
      })),
      secrets: { TWILIO_ACCOUNT: 'AC1', TWILIO_TOKEN: 'secret' },
    });
    [this.worker] = await Promise.all([
      this.installation.start('delivery'),
      this.installation.start('trigger-engine'),
      this.installation.start('collector'),
    ]);
  }

  async close(): Promise<void> {
    await this.installation?.remove();
    await Promise.all([this.kafka?.stop(), this.mails?.stop(), this.texts?.sink.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get delivery(): KairosProcess {
    return this.worker!;
  }

  get mailServer(): SmtpSink {
    return this.mails!;
  }

  get textServer(): HttpSink {
    return this.texts!.sink;
  }

  /** What `traits` says of her, then what happens to her. */
  async happens(customer: string, event: string, { traits = {}, properties = {} } = {}): Promise<void> {
    await this.post([
      { type: 'identify', userId: customer, traits },
      { type: 'track', userId: customer, event, properties },
    ]);
  }

  async post(batch: readonly object[]): Promise<void> {
    const answer = await fetch(`${this.installation!.collectorUrl}/v1/batch`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${WRITE_KEY}:`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ batch }),
    });
    expect([answer.status, await answer.text()]).toEqual([200, '{"success":true}']);
  }

  /** Resolves when a message to her is `held`, `sent`, `failed` or whatever `outcome` says, with this template. */
  decided(customer: string, template: string, outcome: string): Promise<Decided> {
    return waitUntil(`${template} to be ${outcome}`, async () => {
      const rows = await this.messagesOf(customer);
      const found = rows.find((row) => row.template === template && row.outcome === outcome);
      if (found === undefined) throw new Error(JSON.stringify(rows));
      return found;
    });
  }

  /** Resolves when a message to her has ended for this reason. */
  endedFor(customer: string, reason: Reason): Promise<Decided> {
    return waitUntil(`a message that ends with ${reason}`, async () => {
      const rows = await this.messagesOf(customer);
      const found = rows.find((row) => row.reason === reason && row.outcome !== 'held');
      if (found === undefined) throw new Error(`${JSON.stringify(rows)}\n${this.installation!.lastWords}`);
      return found;
    });
  }

  messagesOf(customer: string): Promise<(Decided & { readonly reason: string | null })[]> {
    return this.database.query(
      `select message_id as "messageId", outcome, template, reason from messages where customer = $1 order by planned_at`,
      [customer],
    );
  }

  /** Resolves when the mail reached the shop's mail server. */
  async mailTo(customer: string): Promise<string> {
    const mail = await this.mailServer.mails.first(({ to }) => to.includes(addressOf(customer)));
    return mail.parsed.html ?? '';
  }

  /** What a person at a terminal is told. */
  async why(messageId: string): Promise<string> {
    const { stdout, stderr, status } = await kairos(['messages', 'why', messageId], {
      directory: this.folder,
      env: { DATABASE_URL: this.database.url, KAIROS_DATA: this.folder },
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    return stdout;
  }

  /** The database's clock, ms. */
  async now(): Promise<number> {
    const [row] = await this.database.query<{ now: number }>(
      'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
    );
    return row!.now;
  }
}

export const addressOf = (customer: string): string => `${customer}@shop.test`;
