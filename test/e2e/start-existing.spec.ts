import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { useDatabase, waitUntil } from '#testkit';
import { freePort, kairos, startKairos, THANKFUL_SHOP, useFolder } from './run-kairos.js';

const rule = (name: string, start: string, more = ''): string =>
  `rule: ${name}\ncategory: care\nstart: ${start}\n${more}steps: [{ send: thanks }]\n`;

/** What is published while customers are there already. */
const LATER = {
  'segments.yaml': 'segments: { gold: { customer.tier: gold } }\n',
  'rules/gold.yaml': rule('gold', '{ enters: gold }', 'who: { customer.name: { exists: true } }\nagain: never\n'),
  'rules/quiet.yaml': rule('quiet', '{ inactive: 1 second, since: Order Completed }', 'who: { customer.tier: gold }\n'),
};

const identified = (userId: string, traits: object) => ({
  type: 'identify',
  userId,
  traits: { email: `${userId}@shop.test`, tier: 'gold', ...traits },
});

describe('starting those already inside a rule', () => {
  const database = useDatabase({ tables: false });
  const folder = useFolder();
  let env: { readonly [name: string]: string };
  const run = (...args: string[]) => kairos(args, { directory: folder.path, env });
  const publish = (...args: string[]) => run('rules', 'publish', ...args);
  const sent = async (name: string): Promise<string[]> => {
    const rows = await database.query(
      'select customer from messages where rule = $1 and outcome = $2 order by customer',
      [name, 'sent'],
    );
    return rows.map((row) => String(row['customer']));
  };

  beforeAll(async () => {
    folder.write(THANKFUL_SHOP);
    env = {
      DATABASE_URL: database.url,
      KAIROS_HTTP: `127.0.0.1:${await freePort()}`,
      KAIROS_OPS: `127.0.0.1:${await freePort()}`,
    };
    await run('migrate');
  });

  it('is refused where nobody can be inside, and without a pace', async () => {
    const refused = await publish('--start-existing', 'thanks', '--per-hour', '5');
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('make a segment (`has done: { event: …, within: … }`) and start with `enters`');
  });

  describe('while Kairos runs', () => {
    let process: ChildProcess;
    beforeAll(async () => {
      process = startKairos(['start'], { directory: folder.path, env });
      let said = '';
      process.stdout!.on('data', (text: Buffer) => (said += text.toString()));
      await waitUntil('kairos start', () => said.includes('Kairos is running'));
      const calls = [
        ...['ann', 'ben', 'cleo'].map((name) => identified(name, { name })),
        identified('nameless', {}),
        { type: 'track', userId: 'ann', event: 'Order Completed', properties: { order_id: 'o1' } },
      ];
      folder.write({ 'calls.ndjson': calls.map((call) => `${JSON.stringify(call)}\n`).join('') });
      await run('events', 'import', 'calls.ndjson', '--live');
      await waitUntil('ann is thanked', async () => (await sent('thanks')).includes('ann'));
      folder.write(LATER);
    });
    afterAll(async () => {
      process.kill('SIGTERM');
      await once(process, 'exit');
    });

    it('counts them first, and starts nobody without being told to', async () => {
      const shown = await publish('--start-existing', 'gold', '--per-hour', '100000');
      expect([shown.status, shown.stderr]).toEqual([2, expect.stringContaining('--yes') as string]);
      expect(shown.stdout).toContain('4 customers inside rule gold already: 3 would be started');
      expect(shown.stdout).toContain('not now: 1 who_false');
      expect(shown.stdout).toMatch(/\+ kept for segment gold: .*: up to \d+ B/);
    });

    it('publishes, and starts them', async () => {
      const done = await publish('--start-existing', 'gold', '--per-hour', '100000', '--yes');
      expect([done.status, done.stdout]).toEqual([0, expect.stringContaining('as ruleset 2') as string]);
      await waitUntil('all are started', async () => (await sent('gold')).length === 3);
      expect(await sent('gold')).toEqual(['ann', 'ben', 'cleo']);
    });

    it('starts those who were silent before anybody asked, of what is published already', async () => {
      const quiet = await publish('--start-existing', 'quiet', '--per-hour', '100000', '--yes');
      expect(quiet.stdout).toContain('1 customer inside rule quiet already: 1 would be started');
      expect(quiet.stdout).toContain('nothing has changed');
      await waitUntil('ann is started', async () => (await sent('quiet')).length === 1);
    });

    it('keeps the history, from which the rules are simulated and one customer is explained', async () => {
      const [simulated, explained, both] = await Promise.all([
        run('rules', 'simulate', '--history', '--format', 'json'),
        run('rules', 'explain', '--history', '--customer', 'ann', '--rule', 'thanks'),
        run('rules', 'explain', '--history', '--events', 'calls.ndjson', '--customer', 'ann'),
      ]);
      expect(JSON.parse(simulated.stdout)).toMatchObject({ events: 5, customers: 4, unreadableLines: 0 });
      expect([explained.status, explained.stdout]).toEqual([0, expect.stringContaining('Order Completed') as string]);
      expect(both).toMatchObject({ status: 2, stderr: expect.stringContaining('choose one') as string });
    });
  });
});
