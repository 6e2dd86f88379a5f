import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Client } from 'pg';
import { useDatabase, waitUntil } from '#testkit';
import { CLONE, freePort, kairos, THANKFUL_SHOP, useFolder } from './run-kairos.js';

interface Health {
  readonly status: number;
  readonly body: {
    readonly status: string;
    readonly parts: readonly {
      readonly name: string;
      readonly state: string;
      readonly trouble: string | null;
      readonly progress?: { readonly [figure: string]: number };
    }[];
  };
}

const EVENTS = 3;
/** The record of the ruleset stands before them. */
const RECORDS = EVENTS + 1;
const TIMERS = 50;

/** A process of its own, held in each of its states by locks that somebody else has. */
describe('a trigger-engine that starts', () => {
  const database = useDatabase({ tables: false });
  const folder = useFolder();
  let env: { readonly [name: string]: string };
  let engine: ChildProcess | null = null;
  const run = (...args: string[]) => kairos(args, { directory: folder.path, env });

  const health = async (): Promise<Health | null> => {
    const answer = await fetch(`http://${env['KAIROS_OPS']}/health/ready`).catch(() => null);
    return answer === null ? null : { status: answer.status, body: (await answer.json()) as Health['body'] };
  };
  const healthIs = async (status: string): Promise<Health> => {
    let latest: Health | null = null;
    await waitUntil(`the engine to be ${status}`, async () => (latest = await health())?.body.status === status);
    return latest!;
  };
  /** Nobody else gets at the table until what is returned is called. */
  const locked = async (table: string): Promise<() => Promise<void>> => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`begin; lock table ${table} in access exclusive mode`);
    return async () => {
      await client.query('commit');
      await client.end();
    };
  };

  beforeAll(async () => {
    folder.write(THANKFUL_SHOP);
    env = {
      DATABASE_URL: database.url,
      KAIROS_OPS: `127.0.0.1:${await freePort()}`,
      KAIROS_HTTP: `127.0.0.1:${await freePort()}`,
    };
    expect((await run('migrate')).status).toBe(0);
    expect(await run('rules', 'publish')).toMatchObject({ status: 0 });
    for (let n = 0; n < EVENTS; n++)
      await run('events', 'send', 'track', '--user', 'ann', '--event', 'Order Completed', `order_id=o${n}`);
    // As if nobody had read for an hour.
    await database.query(`update log set append_time = append_time - 3600000`);
    await database.query(
      `insert into customer_state (partition, customer_id, next_fire, state)
       select 0, gen_random_uuid(), extract(epoch from now() + interval '30 days') * 1000, '' from generate_series(1, ${TIMERS})`,
    );
  });
  afterAll(async () => {
    if (engine === null) return;
    engine.kill('SIGTERM');
    await once(engine, 'exit');
  });

  it('says how many timers are loaded, then how far it is behind, then that it is ready; the doctor says the same', async () => {
    const showTimers = await locked('customer_state');
    const takeMessages = await locked('message_open');
    engine = spawn(process.execPath, ['scripts/start.mjs', 'apps/trigger-engine/src/main.js'], {
      cwd: CLONE,
      env: { PATH: process.env['PATH']!, ...env },
      stdio: 'ignore',
    });

    await waitUntil('partitions to be given to it', async () => {
      const part = (await health())?.body.parts[0];
      return part?.state === 'starting' && part.progress !== undefined;
    });
    const starting = await healthIs('starting');
    expect(starting.status).toBe(503);
    expect(starting.body.parts[0]).toMatchObject({ name: 'trigger-engine', progress: { percent: 0, timers: 0 } });
    expect(starting.body.parts[0]!.trouble).toMatch(/^loading timers: 0 %, 0 so far, 0 of \d+ partitions have theirs$/);
    expect((await run('doctor')).stdout).toMatch(/warn {2}port KAIROS_OPS .* starting: trigger-engine: loading timers/);

    await showTimers();
    // All other partitions hold the record of the ruleset alone, and are through with it in a moment.
    await waitUntil('the one that is blocked to be left', async () => {
      const latest = await health();
      return latest?.body.status === 'catching up' && latest.body.parts[0]!.progress!['partitions'] === 1;
    });
    const behind = await healthIs('catching up');
    expect(behind.status).toBe(200);
    expect(behind.body.parts[0]!.progress).toMatchObject({ records: RECORDS, partitions: 1 });
    expect(behind.body.parts[0]!.progress!['seconds']).toBeGreaterThanOrEqual(3600);
    expect((await run('doctor')).stdout).toMatch(
      /warn {2}port KAIROS_OPS .* catching up: .*: 4 records in 1 partitions/,
    );
    await waitUntil('the metrics to say so', async () => {
      const series = await (await fetch(`http://${env['KAIROS_OPS']}/metrics`)).text();
      const lag = new RegExp(`^kairos_consumer_lag_records\\{partition="\\d+"\\} ${RECORDS}$`, 'm');
      return lag.test(series) && /^kairos_partitions_owned\{state="catching_up"\} 1$/m.test(series);
    });

    await takeMessages();
    const ready = await healthIs('ready');
    expect(ready.status).toBe(200);
    expect(ready.body.parts[0]).toEqual({ name: 'trigger-engine', state: 'ready', trouble: null });
    await waitUntil('the metrics to say so', async () => {
      const series = await (await fetch(`http://${env['KAIROS_OPS']}/metrics`)).text();
      return /^kairos_timers_pending 50$/m.test(series) && !/^kairos_consumer_lag_records\{.*\} [1-9]/m.test(series);
    });
    expect((await run('doctor')).stdout).toMatch(/ok {4}port KAIROS_OPS .* is Kairos, ready\n/);
  }, 240_000);
});
