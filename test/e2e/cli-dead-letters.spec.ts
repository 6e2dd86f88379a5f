import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { customerIdOf, partitionFor } from '#core';
import { useDatabase, waitUntil } from '#testkit';
import { freePort, kairos, startKairos, THANKFUL_SHOP, useFolder } from './run-kairos.js';

const PARTITIONS = 24;

describe('records that could not be applied, on the command line', () => {
  const database = useDatabase({ tables: false });
  const folder = useFolder();
  let env: { readonly [name: string]: string };
  let running: ChildProcess | null = null;
  const run = (...args: string[]) => kairos(args, { directory: folder.path, env });
  const letters = async (...args: string[]) =>
    JSON.parse((await run('dead-letters', '--json', ...args)).stdout) as {
      readonly id: string;
      readonly held: number;
    }[];

  const start = async () => {
    running = startKairos(['start'], { directory: folder.path, env });
    await waitUntil('Kairos to be ready', async () => {
      const answer = await fetch(`http://${env['KAIROS_OPS']}/health/ready`).catch(() => null);
      return answer?.ok === true;
    });
  };
  const stop = async () => {
    if (running === null) return;
    running.kill('SIGTERM');
    await once(running, 'exit');
    running = null;
  };

  beforeAll(async () => {
    folder.write(THANKFUL_SHOP);
    const [http, ops] = [await freePort(), await freePort()];
    env = { DATABASE_URL: database.url, KAIROS_HTTP: `127.0.0.1:${http}`, KAIROS_OPS: `127.0.0.1:${ops}` };
    expect((await run('migrate')).status).toBe(0);
    expect(await run('dead-letters')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringContaining('none') as string,
    });
    // A row that no version can read: whatever happens to her cannot be applied.
    await database.query(
      `insert into customer_state (partition, customer_id, state)
       values (${partitionFor('ann', PARTITIONS)}, '${customerIdOf('ann')}', '\\x63')`,
    );
    await start();
    await run('events', 'send', 'track', '--user', 'ann', '--event', 'Order Completed', 'order_id=o1');
    await waitUntil('a dead letter', async () => (await letters()).length === 1);
  });
  afterAll(stop);

  it('are listed and shown, with whom they hold', async () => {
    const listed = await run('dead-letters');
    expect(listed.stdout).toMatch(/^id +time +reason +position +key +holds +settled +detail\n1 .* poison .* ann +1 /);
    const shown = await run('dead-letters', 'show', '1');
    expect(shown.stdout).toContain('holds       1 customer: nothing that needs consent is sent');
    expect(shown.stdout).toContain('"event":"Order Completed"');
    expect(JSON.parse((await run('dead-letters', 'show', '1', '--json')).stdout)).toMatchObject({
      reason: 'poison',
      held: 1,
    });
    expect(await run('dead-letters', 'show', '2')).toMatchObject({ status: 1, stdout: '' });
    expect((await run('dead-letters', 'show', 'ann')).status).toBe(2);
  });

  it('are replayed only when they are named, and with --yes', async () => {
    expect(await run('dead-letters', 'replay')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('name dead letters') as string,
    });
    const preview = await run('dead-letters', 'replay', '--reason', 'poison');
    expect(preview).toMatchObject({ status: 0, stderr: expect.stringContaining('would be replayed') as string });
    expect(await letters()).toHaveLength(1);
  });

  it('come back as another when nothing was mended', async () => {
    expect(await run('dead-letters', 'replay', '1', '--yes')).toMatchObject({ status: 0, stdout: '1\n' });
    await waitUntil('another dead letter', async () => (await letters())[0]?.id === '2');
    expect(await letters('--settled')).toMatchObject([{ id: '2' }, { id: '1', resolution: 'replayed' }]);
    expect(await run('dead-letters', 'replay', '1', '--yes')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('it was replayed already') as string,
    });
  });

  it('do what they should have done once it was', async () => {
    await stop();
    await database.query(`delete from customer_state where customer_id = '${customerIdOf('ann')}'`);
    await start();
    expect((await run('dead-letters', 'replay', '--all', '--yes')).stdout).toBe('2\n');
    await waitUntil('the message', async () => {
      const listed = JSON.parse((await run('messages', '--json')).stdout) as { readonly outcome: string }[];
      return listed.length === 1;
    });
    expect(await letters()).toEqual([]);
  });

  it('can be dropped', async () => {
    await database.query(
      `insert into dead_letter (stream, partition, log_offset, reason, detail) values ('kairos.events', 0, 999, 'unreadable', 'test')`,
    );
    const { id } = (await letters())[0]!;
    expect(await run('dead-letters', 'replay', id)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('it has no value') as string,
    });
    expect((await run('dead-letters', 'drop', id)).stderr).toContain('would be dropped');
    expect((await run('dead-letters', 'drop', id, '--yes')).stdout).toBe(`${id}\n`);
    expect(await letters()).toEqual([]);
  });

  it('are also rules that cannot go on for somebody: the doctor and the metrics say so', async () => {
    await stop();
    // Her timer is due, and what is known of her cannot be read.
    await database.query(
      `insert into customer_state (partition, customer_id, next_fire, state)
       values (${partitionFor('eve', PARTITIONS)}, '${customerIdOf('eve')}', 1, '\\x63')`,
    );
    await start();
    await waitUntil('a dead letter', async () => (await letters('--reason', 'suspended')).length === 1);
    expect(await letters('--reason', 'suspended')).toMatchObject([{ held: 1 }]);
    const { stdout } = await run('doctor');
    expect(stdout).toMatch(
      /warn {2}suspended +all that time brings about for 1 customer, who are held\n +→ kairos dead-/,
    );
    const metrics = await (await fetch(`http://${env['KAIROS_OPS']}/metrics`)).text();
    expect(metrics).toContain('kairos_rules_suspended_total{rule=""} 1');
  });
});
