import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { findHeldPostgres } from '#postgres';
import { SmtpSink, waitUntil } from '#testkit';
import { CART_RULES, chaosWorkspace } from './chaos-workspace.js';
import { check, type World } from './checker.mjs';
import { freeAddress, WRITE_KEY } from './installation.js';
import { KairosProcess } from './kairos-process.js';
import { readEmbeddedLog } from './read-embedded-log.js';
import { seededRandom } from './seeded-random.js';
import { TrafficUnderWay } from './send-traffic.js';
import { httpClient, type ShopClient } from './shop-client.js';
import { scheduledIds, shopTraffic } from './traffic.js';

const PARTITIONS = 4;
const EVENTS = 2_000;
const LENGTH_MS = 20_000;
const LANES = 2;
/** Of one process to the mail server. */
const CONNECTIONS = 10;
/** Leases (60 s) of what was killed run out in it, on a slow machine. */
const PATIENCE_MS = 180_000;

const seed = Number(process.env['KAIROS_CHAOS_SEED'] ?? Date.now() % 1_000_000);

describe(`kill -9 of npm start in the middle of ${EVENTS} events (KAIROS_CHAOS_SEED=${seed})`, () => {
  const random = seededRandom(seed + 1);
  const processes: KairosProcess[] = [];
  let folder: string;
  let sink: SmtpSink;
  let env: { readonly [name: string]: string };
  let client: ShopClient;
  let database: pg.Client | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kairos-chaos-'));
    sink = await SmtpSink.start();
    for (const { path, bytes } of chaosWorkspace()) {
      await mkdir(dirname(join(folder, 'shop', path)), { recursive: true });
      await writeFile(join(folder, 'shop', path), bytes);
    }
    const http = await freeAddress();
    env = {
      KAIROS_WORKSPACE: join(folder, 'shop'),
      KAIROS_DATA: join(folder, 'data'),
      KAIROS_PARTITIONS: String(PARTITIONS),
      KAIROS_HTTP: http,
      KAIROS_OPS: await freeAddress(),
      KAIROS_WRITE_KEY: WRITE_KEY,
      KAIROS_LOG_FORMAT: 'json',
      SMTP_URL: sink.url,
    };
    client = httpClient(`http://${http}`, WRITE_KEY);
  }, 60_000);

  afterAll(async () => {
    await client?.close();
    await database?.end().catch(() => undefined);
    await Promise.all(processes.map((process) => process.kill()));
    await endServerIn(join(folder, 'data', 'postgres', 'cluster'));
    await sink?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  const start = async (): Promise<KairosProcess> => {
    const process = KairosProcess.spawn('standalone', env);
    processes.push(process);
    await process.ready();
    return process;
  };
  const query = async <Row extends pg.QueryResultRow>(text: string): Promise<Row[]> =>
    (await database!.query<Row>(text)).rows;
  const settled = async (): Promise<boolean> => {
    await pause(200);
    const [row] = await query<{ pending: number }>(`
      select (select count(*)::int from customer_state where next_fire is not null) +
             (select count(*)::int from stream_outbox) + (select count(*)::int from message_open) +
             (select count(*)::int from log_partition l left join stream_partition p using (stream, partition)
               where l.next_offset <> coalesce(p.next_offset, 0)) as pending`);
    return row!.pending === 0;
  };
  it('loses nothing that was answered, and sends every expected message once', async () => {
    const first = await start();
    const visits = shopTraffic({ seed, events: EVENTS, lengthMs: LENGTH_MS });
    const traffic = new TrafficUnderWay(
      Array.from({ length: LANES }, (_, lane) => ({
        client,
        visits: visits.filter((_visit, k) => k % LANES === lane),
      })),
    );
    const share = 0.3 + 0.3 * random();
    await waitUntil('the middle', () => traffic.acknowledged > share * EVENTS, PATIENCE_MS);
    await first.kill();
    const second = await start();
    await traffic.done;
    database = new pg.Client({ connectionString: (await findHeldPostgres(join(folder, 'data', 'postgres')))!.url });
    await database.connect();
    await waitUntil('an end of all work', settled, PATIENCE_MS);
    const { violations, figures } = check({
      scheduled: scheduledIds(visits),
      input: traffic.input,
      log: await readEmbeddedLog({ query }),
      partitions: PARTITIONS,
      rules: CART_RULES,
      mails: sink.mails.all.map(({ to, parsed }) => ({ to: to.join(), subject: parsed.subject ?? '' })),
      domain: '@shop.test',
      ledger: await query<World['ledger'][number]>(
        'select rule, customer, run as occurrence, outcome, reason from messages',
      ),
      unknownBound: CONNECTIONS,
    });
    console.log(`seed ${seed}: ${traffic.input.length} events, ${JSON.stringify(figures)}`);
    expect(violations.slice(0, 20)).toEqual([]);
    expect(figures.sent).toBeGreaterThan(EVENTS / 10);
    await database.end();
    expect(second.endedAlone).toBeNull();
    expect(await second.stop()).toBe(0);
  }, 600_000);
});

/** The embedded server outlives a killed Kairos on purpose; here nobody comes back for it. */
async function endServerIn(cluster: string): Promise<void> {
  const running = async (): Promise<number> =>
    Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);
  const pid = await running();
  if (pid > 0) process.kill(pid, 'SIGINT');
  await waitUntil('the end of the server', async () => !((await running()) > 0));
}
