import { setTimeout as pause } from 'node:timers/promises';
import { describeWhereKafkaCanRun, SmtpSink, useDatabase, waitUntil, type DatabaseForTests } from '#testkit';
import { startKafka, type KafkaCluster } from '../../tools/kafka/kafka-broker.mjs';
import { CART_RULES, chaosWorkspace } from './chaos-workspace.js';
import { check, type LogRecord, type World } from './checker.mjs';
import { Customers } from './crash-points/customers.js';
import { runsIn, type Run, type Setting } from './crash-points/points.mjs';
import { WalkedKairos } from './crash-points/walked-kairos.js';
import { EVENTS_TOPIC } from './kairos-on-kafka.js';
import { readEmbeddedLog } from './read-embedded-log.js';
import { readLog } from './read-log.mjs';

const PARTITIONS = 3;
/** Of one process to the mail server. */
const CONNECTIONS = 10;
const PATIENCE_MS = 120_000;
/** In which somebody comes by a point. */
const REACHED_MS = 60_000;
/** Some of them, while a point is worked on: `CRASH_POINTS='permit' npm test -- test/chaos/crash-points.spec.ts`. */
const only = new RegExp(process.env['CRASH_POINTS'] ?? '');

/** Visitors who can opt out of what they get. */
const files = chaosWorkspace({
  'kairos.yaml': `
time zone: UTC
locale: en
shop: { name: The Shop, url: "https://shop.test", support: hello@shop.test }
channels: [email]
categories:
  service: { consent: none, counts toward caps: false, same content: off }
  promotional: { consent: opt-out, same content: off }
caps:
  - { at most: 1, per: 1 day, category: promotional }
`,
});

function walkIn(setting: Setting): void {
  const database = useDatabase();
  const runs = runsIn(setting).filter(({ point, mode }) => only.test(`${point}, ${mode}`));
  let sink: SmtpSink;
  let kafka: KafkaCluster | undefined;
  let kairos: WalkedKairos;
  let customers: Customers;

  beforeAll(async () => {
    sink = await SmtpSink.start();
    if (setting === 'kafka') kafka = await startKafka({ quiet: true });
    const brokers = kafka?.brokers ?? null;
    kairos = await WalkedKairos.prepare({
      databaseUrl: database.url,
      smtpUrl: sink.url,
      partitions: PARTITIONS,
      files,
      brokers,
    });
    await kairos.start();
    customers = await Customers.open(
      kairos.url,
      brokers === null ? null : { brokers: brokers.split(','), partitions: PARTITIONS },
      sink,
    );
  }, 300_000);

  afterAll(async () => {
    await customers?.leave();
    await kairos?.remove();
    await Promise.all([kafka?.stop(), sink?.stop()]);
  }, 120_000);

  const walk = async (run: Run): Promise<void> => {
    const deadline = performance.now() + REACHED_MS;
    await kairos.walk(run, async (reached) => {
      while (!reached()) {
        if (performance.now() > deadline) throw new Error(`nobody came by: ${run.point}, ${run.mode}`);
        customers.come(run);
        for (let looks = 0; looks < 100 && !reached(); looks++) await pause(10);
      }
    });
  };

  it.each(runs.map((run) => [run.point, run.mode, run] as const))('%s %s', async (_point, _mode, run) => {
    try {
      await walk(run);
    } catch (error) {
      console.error(kairos.lastWords);
      throw error;
    }
  });

  it('and nothing was lost, nothing doubled, and everything that is written has its point', async () => {
    await customers.done;
    const log = () => (kafka ? readLog(kafka.brokers.split(','), EVENTS_TOPIC) : readEmbeddedLog(database));
    await waitUntil('an end of all work', () => isSettled(database, log), PATIENCE_MS).catch((error: unknown) => {
      console.error(kairos.lastWords);
      throw error;
    });
    const { violations, figures } = check({
      ...customers.sent,
      log: await log(),
      partitions: PARTITIONS,
      rules: CART_RULES,
      mails: sink.mails.all.map(({ to, parsed }) => ({ to: to.join(), subject: parsed.subject ?? '' })),
      domain: '@shop.test',
      ledger: await database.query<World['ledger'][number]>(
        'select rule, customer, run as occurrence, outcome, reason from messages',
      ),
      unknownBound: runs.filter(leavesUnknown).length * CONNECTIONS,
    });
    console.log(`${runs.length} runs, ${customers.sent.input.length} events, ${JSON.stringify(figures)}`);
    expect(violations.slice(0, 20)).toEqual([]);
    expect(kairos.unlisted).toEqual([]);
    expect(await kairos.stop()).toBe(0);
  }, 300_000);
}

/** A process that dies leaves mails behind of which nobody knows; so does a permit, or a mail, without an answer. */
function leavesUnknown({ point, mode, atStart, afterDeath }: Run): boolean {
  return atStart || afterDeath || mode.startsWith('dies') || point === 'permit' || point.includes('mail');
}

/** Throws what is still to be done. */
async function isSettled(database: DatabaseForTests, log: () => Promise<LogRecord[]>): Promise<boolean> {
  await pause(300);
  const [row] = await database.query<{ applied: number; timers: number; outbox: number; open: number }>(`
    select (select coalesce(sum(next_offset), 0)::int from stream_partition) as applied,
           (select count(*)::int from customer_state where next_fire is not null) as timers,
           (select count(*)::int from stream_outbox) as outbox,
           (select count(*)::int from message_open) as open`);
  const { applied, timers, outbox, open } = row!;
  const { length } = await log();
  if (timers + outbox + open === 0 && applied === length) return true;
  throw new Error(`${applied} of ${length} applied, ${timers} timers, ${outbox} to forward, ${open} messages open`);
}

describe('a process that dies, fails or hangs at each of its crash points', () => walkIn('embedded'));
describeWhereKafkaCanRun('the same with Kafka', () => walkIn('kafka'));
