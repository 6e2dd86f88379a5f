import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import kafkajs, { type Producer } from 'kafkajs';
import { readConfig } from '#config';
import type { WorkspaceFile } from '#core';
import type { MessageListing } from '#engine';
import { readWorkspaceFolder, SteppedClock } from '#hosting';
import { createLog } from '#observability';
import { SmtpSink, type ReceivedMail } from '#testkit';
import { Replay, type ReplayedCall, type SendCalls } from '../../apps/standalone/src/replay/replay.js';
import { TrackedStream } from '../../apps/standalone/src/replay/tracked-stream.js';
import { startStandalone, type Standalone } from '../../apps/standalone/src/start-standalone.js';

const SHOP = fileURLToPath(new URL('../../examples/shop', import.meta.url));
const TOPIC = 'kairos.events';

export type ShopCall = { readonly type: 'track' | 'identify' } & {
  readonly [name: string]: unknown;
};

/**
 * examples/shop as it is, with its grace, in one process on a stepped clock, and a mail server. Its events come over
 * HTTP or, where brokers are given, from a plain Kafka producer that knows nothing of Kairos but topic and format.
 * Another workspace takes the place of the shop where it is given.
 */
export class ShopUnderTest {
  private constructor(
    readonly standalone: Standalone,
    readonly sink: SmtpSink,
    private readonly time: { readonly clock: SteppedClock; readonly replay: Replay },
    /** What it said to whoever started it. */
    readonly said: readonly string[],
    readonly stop: () => Promise<void>,
  ) {}

  /** @param start ms; what its clock shows first */
  static async start(
    start: number,
    databaseUrl: string,
    brokers: string | null,
    workspace = SHOP,
  ): Promise<ShopUnderTest> {
    const data = mkdtempSync(join(tmpdir(), 'kairos-shop-'));
    const sink = await SmtpSink.start();
    const env = {
      KAIROS_DATA: data,
      // Links lead to this address, so it has to be known before.
      KAIROS_HTTP: `127.0.0.1:${await freePort()}`,
      KAIROS_OPS: '127.0.0.1:0',
      KAIROS_PARTITIONS: '3',
      DATABASE_URL: databaseUrl,
      SMTP_URL: sink.url,
      ...(brokers === null ? {} : { KAFKA_BROKERS: brokers }),
    };
    const clock = new SteppedClock(start);
    const stream: { tracked?: TrackedStream } = {};
    const said: string[] = [];
    const standalone = await startStandalone({
      config: readConfig(env, { directory: data, workspace, terminal: false }),
      files: (await readWorkspaceFolder(workspace)).map(withSender),
      clock,
      log: createLog({ level: 'error', format: 'json', service: 'test' }),
      secrets: env,
      say: (line) => said.push(line),
      wrapStream: (inner) => (stream.tracked = new TrackedStream(inner)),
      hostDelivery: false,
    });
    const producer = brokers === null ? null : await connectProducer(brokers);
    const send = producer === null ? undefined : overKafka(producer, stream.tracked!);
    const replay = new Replay(standalone, clock, stream.tracked!, send);
    return new ShopUnderTest(standalone, sink, { clock, replay }, said, async () => {
      await producer?.disconnect();
      await standalone.stop();
      await sink.stop();
      rmSync(data, { recursive: true, force: true });
    });
  }

  /** Calls that happen at `at` and reach the stream at that very instant; what is due before them has acted. */
  async at(at: number, ...calls: readonly ShopCall[]): Promise<void> {
    await this.time.replay.run(calls.map((call) => ({ at, call: stamped(call, at) })));
  }

  /** Lets all pass that is due up to `instant`, included. */
  async until(instant: number): Promise<void> {
    await this.time.replay.advanceTo(instant + 1);
    await this.time.clock.stepTo(instant);
  }

  /** The next half past ten in Berlin (summer time), at least half a day ahead. */
  nextMorning(): number {
    const day = 24 * 3_600_000;
    return Math.ceil((this.time.clock.now() + day / 2) / day) * day + 8.5 * 3_600_000;
  }

  mailsTo(customer: string): readonly ReceivedMail[] {
    return this.sink.mails.all.filter(({ to }) => to.includes(addressOf(customer)));
  }

  subjectsTo(customer: string): readonly (string | undefined)[] {
    return this.mailsTo(customer).map(({ parsed }) => parsed.subject);
  }

  /** What became of the customer's messages, the earliest first: `template outcome reason`. */
  async decisionsFor(customer: string): Promise<readonly string[]> {
    return (await this.ledger(customer)).map(({ template, outcome, reason }) =>
      [template, outcome, reason].filter(Boolean).join(' '),
    );
  }

  /** All rows of the ledger, or one customer's, in the order in which they were planned. */
  async ledger(customer?: string): Promise<readonly MessageListing[]> {
    const rows = await this.standalone.backbone.ledger.list({
      limit: 1_000,
      ...(customer === undefined ? {} : { customer }),
    });
    return [...rows].sort((a, b) => a.plannedAt - b.plannedAt || (a.template < b.template ? -1 : 1));
  }
}

/** Recipes name no sender: that is their shop's to say. */
function withSender(file: WorkspaceFile): WorkspaceFile {
  if (file.path !== 'kairos.yaml' || /^providers:/m.test(Buffer.from(file.bytes).toString())) return file;
  const providers = '\nproviders: { email: { kind: smtp, url: SMTP_URL, from: "Juniper & Oak <hello@shop.test>" } }\n';
  return { ...file, bytes: Buffer.concat([file.bytes, Buffer.from(providers)]) };
}

export function addressOf(customer: string): string {
  return `${customer}@customers.test`;
}

let count = 0;
function stamped(call: ShopCall, at: number): ReplayedCall['call'] {
  return { messageId: `call-${++count}`, timestamp: new Date(at).toISOString(), ...call };
}

async function connectProducer(brokers: string): Promise<Producer> {
  const kafka = new kafkajs.Kafka({
    clientId: 'a-shop',
    brokers: brokers.split(','),
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  return producer;
}

function overKafka(producer: Producer, tracked: TrackedStream): SendCalls {
  return async (calls) => {
    // One by one, so that the answers tell where each one lies.
    for (const { call } of calls) {
      const message = { key: String(call['userId']), value: JSON.stringify(call) };
      const places = await producer.send({ topic: TOPIC, acks: -1, messages: [message] });
      for (const { partition, baseOffset } of places) tracked.wrote(partition, Number(baseOffset));
    }
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
