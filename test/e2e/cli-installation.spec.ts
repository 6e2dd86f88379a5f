import { once } from 'node:events';
import { useDatabase, waitUntil } from '#testkit';
import { freePort, kairos, startKairos, THANKFUL_SHOP, useFolder } from './run-kairos.js';

/** The commands of an installation, against a server of DATABASE_URL and a process that runs. */
describe('the command line of an installation', () => {
  const database = useDatabase({ tables: false });
  const folder = useFolder();
  let env: { readonly [name: string]: string };
  const run = (...args: string[]) => kairos(args, { directory: folder.path, env });

  beforeAll(async () => {
    folder.write(THANKFUL_SHOP);
    env = {
      DATABASE_URL: database.url,
      KAIROS_HTTP: `127.0.0.1:${await freePort()}`,
      KAIROS_OPS: `127.0.0.1:${await freePort()}`,
    };
  });

  it('is told to migrate first, and by the doctor too', async () => {
    expect(await run('messages')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('run: kairos migrate') as string,
    });
    const { status, stdout } = await run('doctor');
    expect(status).toBe(1);
    expect(stdout).toMatch(/fail {2}tables .*\n.*→ kairos migrate/);
  });

  it('migrates once, and again without a change', async () => {
    expect((await run('migrate')).status).toBe(0);
    expect(await run('migrate')).toMatchObject({ status: 0, stdout: expect.stringContaining('up to date') as string });
  });

  it('goes on writing customers as the version before until that is finished, and says so', async () => {
    expect((await run('migrate', '--finish')).stdout).toContain('nothing to finish');
    await database.query('update stream_layout set state_version = state_version - 1');
    expect((await run('migrate')).stdout).toContain('customers are still written in version 3');
    expect((await run('migrate', '--finish')).stdout).toContain('the version of Kairos before cannot read them');
    expect((await run('migrate')).stdout).not.toContain('customers are');
    await database.query('update stream_layout set state_version = 9');
    const refused = await run('migrate');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('customers are stored in version 9');
    await database.query('update stream_layout set state_version = 4');
  });

  it('publishes what passes its tests, once', async () => {
    expect((await run('rules', 'publish')).stdout).toContain('as ruleset 1 (1 rule)');
    expect((await run('rules', 'publish')).stdout).toContain('ruleset 1 (1 rule) is published already');
    const broken = THANKFUL_SHOP['rules/thanks.test.yaml'].replace('+0m, send', '+1m, send');
    folder.write({ 'rules/thanks.test.yaml': broken });
    const refused = await run('rules', 'publish');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('was not published');
    folder.write(THANKFUL_SHOP);
  });

  it('simulates against what is published', async () => {
    const orders = ['ann', 'bob'].map((userId) =>
      JSON.stringify({ type: 'track', event: 'Order Completed', userId, timestamp: '2026-03-02T09:00:00Z' }),
    );
    const only = THANKFUL_SHOP['rules/thanks.yaml'].replace(
      '  - send',
      '  - if: { start.total: { at least: 5 } }\n    then: [stop]\n  - send',
    );
    folder.write({
      'recorded.ndjson': orders
        .join('\n')
        .replace('"ann"', '"ann","properties":{"order_id":"o1","total":9}')
        .replace('"bob"', '"bob","properties":{"order_id":"o2","total":1}'),
      'rules/thanks.yaml': only,
    });
    const args = ['rules', 'simulate', '--events', 'recorded.ndjson', '--assume-consent', '--against', 'published'];
    const { status, stdout } = await run(...args);
    folder.write(THANKFUL_SHOP);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /Compared with ruleset 1 \(published .*Z\)\n1 of 2 customers \(50 %\) would get something else/,
    );
    expect(stdout).toMatch(/- ann .*thanks \(key o1\): thanks\n {4}here, the run \(key o1\) ended: stopped/);
  });

  it('sends into the stream, imports, lists what became of it, and says why', async () => {
    expect((await run('events', 'send', 'identify', '--user', 'ann', 'email=ann@shop.test')).stdout).toContain(
      'to the event stream',
    );
    const process = startKairos(['start'], { directory: folder.path, env });
    try {
      let said = '';
      process.stdout!.on('data', (text: Buffer) => (said += text.toString()));
      await waitUntil('kairos start to say that it runs', () => said.includes('Kairos is running'));
      const sent = await run('events', 'send', 'track', '--user', 'ann', '--event', 'Order Completed', 'order_id=o1');
      expect(sent.stdout).toContain(`to http://${env['KAIROS_HTTP']}`);
      folder.write({
        'orders.ndjson': `${JSON.stringify({ type: 'track', event: 'Order Completed', userId: 'bob', properties: { order_id: 'o2' } })}\n{"type":"track"}\n`,
      });
      const imported = await run('events', 'import', 'orders.ndjson', '--live');
      expect(imported).toMatchObject({
        status: 1,
        stdout: expect.stringContaining('imported 1 events as live ones') as string,
      });
      expect(imported.stderr).toContain('orders.ndjson:2 event is missing');
      const thing = await run('events', 'send', 'track', '--event', 'Product Updated', 'product_id=lamp');
      expect(thing.status).toBe(1);
      expect(thing.stderr).toContain('declared under `items` in events.yaml');
      folder.write({
        'visits.csv': 'who;when;what\ncleo;2026-11-02T10:00:00Z;Shop Visited\n;2026-11-02T10:00:00Z;Shop Visited\n',
        'visits.mapping.yaml': 'separator: ";"\ncolumns: { who: userId, when: timestamp, what: event }\n',
      });
      const table = await run('events', 'import', 'visits.csv', '--mapping', 'visits.mapping.yaml');
      expect(table.stdout).toContain('imported 1 events as history');
      expect(table.stderr).toContain('visits.csv:3');
      expect(table.status).toBe(1);
      expect((await run('events', 'import', 'visits.csv')).stderr).toContain('say with --mapping FILE');
      const closed = async () =>
        JSON.parse((await run('messages', '--json')).stdout) as {
          messageId: string;
          customer: string;
          outcome: string;
          reason: string | null;
        }[];
      await waitUntil(
        'the decisions about both orders',
        async () =>
          (await closed()).filter(({ outcome }) => outcome === 'sent' || outcome === 'suppressed').length === 2,
      );
      expect((await closed()).map(({ customer, outcome, reason }) => [customer, outcome, reason]).sort()).toEqual([
        ['ann', 'sent', null],
        ['bob', 'suppressed', 'no_address'],
      ]);
      const [bobs] = JSON.parse((await run('messages', '--customer', 'bob', '--json')).stdout) as [
        { messageId: string },
      ];
      const why = await run('messages', 'why', bobs.messageId);
      expect(why.stdout).toContain('email: no usable address (no_address).');
      const asJson = await run('messages', 'why', bobs.messageId, '--json');
      expect(JSON.parse(asJson.stdout)).toMatchObject({
        outcome: 'suppressed',
        reason: 'no_address',
        deadLetter: null,
      });
      const none = await run('messages', 'replay', '--rule', 'thanks');
      expect(none).toMatchObject({ status: 1, stderr: expect.stringContaining('nothing to try again') as string });
      expect((await run('messages', '--outcome', 'sent')).stdout).toMatch(/ann +thanks +thanks +email +sent/);
      const shown = await run('customers', 'show', 'ann');
      expect(shown.stdout).toContain('customer.email: "ann@shop.test"');
      expect(shown.stdout).not.toContain('Preferences');
      expect(shown.stdout).toMatch(/ann +thanks +thanks +email +sent/);
      const json = JSON.parse((await run('customers', 'show', 'ann', '--json')).stdout) as object;
      expect(json).toMatchObject({ customer: 'ann', values: { email: 'ann@shop.test' }, runs: [] });
      expect((await run('state', 'inspect', '--customer', 'ann')).stdout).toMatch(/^traits +email, of 20/m);
      await run('events', 'send', 'identify', '--user', 'ann', '--anonymous', 'visitor-9');
      await waitUntil('the visitor to be ann', async () =>
        (await run('customers', 'show', 'visitor-9')).stdout.startsWith('visitor-9 is customer ann'),
      );
      expect((await run('customers', 'show', 'ann')).stdout).toContain('also known as visitor-9');
      const nobody = await run('customers', 'show', 'Ann');
      expect(nobody).toMatchObject({ status: 1, stderr: expect.stringContaining('case-sensitive') as string });
      const doctor = await run('doctor');
      expect(doctor.stdout).toContain('is Kairos: the collector answers');
      expect(doctor.status).toBe(0);
    } finally {
      process.kill('SIGTERM');
      await once(process, 'exit');
    }
  });

  it('does not know a message that was never planned', async () => {
    expect((await run('messages', 'why', '00000000-0000-0000-0000-000000000000')).status).toBe(1);
  });
});

describe('the command line with the embedded database', () => {
  const folder = useFolder();
  const run = (...args: string[]) => kairos(args, { directory: folder.path });

  it('finds nothing before the first start, and makes no database to find that out', async () => {
    expect(await run('messages')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is nothing in the data folder') as string,
    });
  });

  it('starts the server for a command and stops it again', async () => {
    folder.write(THANKFUL_SHOP);
    expect((await run('rules', 'publish')).stdout).toContain('as ruleset 1');
    expect((await run('doctor')).stdout).toContain('is not running; commands start it when they need it');
    expect((await run('rules', 'publish')).stdout).toContain('is published already');
  });
});
