import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { customerIdOf, partitionFor } from '#core';
import { useDatabase, useKafka, waitUntil, type DatabaseForTests } from '#testkit';
import { freePort, kairos, startKairos, useFolder } from './run-kairos.js';
import { erase } from '../../apps/cli/src/customers/erase.js';
import type { Output, Terminal } from '../../apps/cli/src/terminal/terminal.js';
import { tablesWith } from './tables-with.js';

const [ANN, PHONE, BOB] = ['ann-q7marker', 'device-q7marker', 'bob'];
const EMAIL = 'Anna.q7marker@shop.test';
/** In everything that is hers. */
const MARKER = 'q7marker';
/** Before she is erased, and not too late for a rule. */
const BEGUN = Date.now() - 2 * 3_600_000;

const SHOP = {
  'kairos.yaml': `
time zone: UTC
locale: en
grace: 0 seconds
channels: [email, inbox]
categories:
  care: { consent: opt-out }
  news: { consent: opt-in }
providers: { email: { kind: file, from: shop@shop.test }, inbox: { kind: inbox } }
same content: off
`,
  'segments.yaml': `
segments:
  buyers: { customer.orders: { at least: 1 } }
computed:
  customer.orders: { count: Order Completed }
`,
  'rules/thanks.yaml': `
rule: thanks
category: care
start: { event: Order Completed, key: event.order_id }
steps:
  - send: { template: thanks, channels: [email] }
  - send: { template: thanks, channels: [inbox] }
`,
  'rules/reminder.yaml': `
rule: reminder
category: news
start: { event: Product Added, key: event.product_id }
steps:
  - send: { template: thanks, channels: [email, inbox], fallback: { after: 2 hours, unless: opened } }
  - wait: 400 days
  - send: later
`,
  'rules/heard.yaml': `
rule: heard
category: care
start: { event: Message Sent, where: { event.template: thanks } }
steps:
  - wait: 30 days
  - send: later
`,
  'templates/thanks/email.hbs': '<p>Thank you, {{customer.first_name}}</p>',
  'templates/thanks/email.txt.hbs': 'Thank you, {{customer.first_name}}',
  'templates/thanks/subject.hbs': 'Thank you',
  'templates/later/email.hbs': '<p>Later</p>',
  'templates/later/email.txt.hbs': 'Later',
  'templates/later/subject.hbs': 'Later',
  'templates/thanks/inbox.hbs': 'Thank you, {{customer.first_name}}',
};

function eraseSuite(brokers: () => readonly string[] | null): void {
  const database = useDatabase({ tables: false });
  const folder = useFolder();
  let env: { readonly [name: string]: string };
  let running: ChildProcess | null = null;
  const run = (...args: string[]) => kairos(args, { directory: folder.path, env });

  /** Somebody at a terminal who answers what she is asked. */
  const typing = (answer: string): { readonly terminal: Terminal; readonly said: () => string } => {
    let said = '';
    const output: Output = {
      isTerminal: true,
      color: false,
      columns: 100,
      write: (text) => void (said += text),
      line: (text = '') => void (said += `${text}\n`),
      drained: () => Promise.resolve(),
    };
    const ask = (question: string): Promise<string> => {
      output.write(question);
      return Promise.resolve(answer);
    };
    return {
      terminal: { out: output, err: output, directory: folder.path, environment: env, ask },
      said: () => said,
    };
  };

  const start = async (): Promise<void> => {
    running = startKairos(['start'], { directory: folder.path, env });
    let said = '';
    running.stderr!.on('data', (text: Buffer) => (said += text.toString()));
    running.stdout!.on('data', (text: Buffer) => (said += text.toString()));
    await waitUntil('Kairos to be ready', async () => {
      if (running!.exitCode !== null) throw new Error(said);
      const ready = await fetch(`http://${env['KAIROS_OPS']}/health/ready`).catch(() => null);
      const collects = await fetch(`http://${env['KAIROS_HTTP']}/v1/batch`).catch(() => null);
      return ready?.ok === true && collects !== null;
    });
  };
  const stop = async (): Promise<void> => {
    if (running === null) return;
    if (running.kill('SIGTERM')) await once(running, 'exit');
    running = null;
  };
  const send = async (...batch: readonly object[]): Promise<void> => {
    const answer = await fetch(`http://${env['KAIROS_HTTP']}/v1/batch`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${env['KAIROS_WRITE_KEY']}:`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ batch }),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  };
  /** Everything that was sent until now has been applied and recorded, and nothing waits to be sent or judged. */
  const settled = async (): Promise<void> => {
    const sentinel = `sentinel-${Math.random()}`;
    const partitions = new Set<number>();
    const probes: object[] = [];
    for (let n = 0; partitions.size < 3; n++) {
      const userId = `${sentinel}-${n}`;
      if (partitions.has(partitionFor(userId, 3))) continue;
      partitions.add(partitionFor(userId, 3));
      probes.push({
        type: 'track',
        userId,
        event: 'Product Added',
        properties: { product_id: 'p' },
        messageId: userId,
      });
    }
    await send(...probes);
    await waitUntil('the engine and the recorder to have come so far', async () => {
      const count = async (sql: string) => Number((await database.query<{ n: string }>(sql))[0]!.n);
      const recorded = await count(`select count(*) as n from event_history where customer like '${sentinel}%'`);
      const applied = await count(
        `select count(*) as n from customer_state where position(convert_to('${sentinel}', 'UTF8') in state) > 0`,
      );
      const left = await count(`select count(*) as n from stream_outbox`);
      return recorded === 3 && applied === 3 && left === 0;
    });
  };
  const due = async (): Promise<number> =>
    Number(
      (
        await database.query<{ n: string }>(
          `select count(*) as n from message_open where customer like '%${MARKER}%' and not_before < clock_timestamp()`,
        )
      )[0]!.n,
    );

  beforeAll(async () => {
    folder.write(SHOP);
    const [http, ops] = [await freePort(), await freePort()];
    const kafka = brokers();
    env = {
      DATABASE_URL: database.url,
      KAIROS_HTTP: `127.0.0.1:${http}`,
      KAIROS_OPS: `127.0.0.1:${ops}`,
      KAIROS_WRITE_KEY: 'wk_of-the-erasure-tests',
      KAIROS_PARTITIONS: '3',
      KAIROS_DATA: join(folder.path, 'data'),
      ...(kafka === null ? {} : { KAFKA_BROKERS: kafka.join(',') }),
    };
    expect((await run('migrate')).stderr).toBe('');
    await start();
    const at = (minute: number) => new Date(BEGUN + minute * 60_000).toISOString();
    const consent = { categoryPreferences: { news: true, care: true } };
    const track = (ids: object, event: string, properties: object, minute: number) => ({
      type: 'track',
      ...ids,
      event,
      properties,
      messageId: `${MARKER}-${event}-${minute}`,
      timestamp: at(minute),
    });
    await send(
      track({ anonymousId: PHONE }, 'Product Added', { product_id: `${MARKER}-p1` }, 0),
      {
        type: 'identify',
        userId: ANN,
        anonymousId: PHONE,
        timestamp: at(1),
        traits: { email: EMAIL, first_name: `Anna ${MARKER}`, phone: `+49${MARKER}` },
        context: { consent, device: { token: `token-${MARKER}`, type: 'ios' } },
      },
      {
        type: 'identify',
        userId: BOB,
        timestamp: at(1),
        traits: { email: 'bob@shop.test', first_name: 'Bob' },
        context: { consent },
      },
      { ...track({ userId: BOB }, 'Order Completed', { order_id: 'o-bob' }, 2), messageId: 'of-bob' },
    );
    await settled();
    await send(track({ userId: ANN, anonymousId: PHONE }, 'Order Completed', { order_id: `${MARKER}-o1` }, 3));
    await settled();
    await waitUntil('what is due to have left', async () => (await due()) === 0);
    // What is not hers by its key names her all the same.
    await database.query(
      `insert into dead_letter (stream, partition, log_offset, reason, detail, key, value)
       values ('kairos.events', 0, 900001, 'unreadable', 'test', null, $1),
              ('kairos.events', 0, 900002, 'unreadable', 'test', $2, 'x'),
              ('kairos.events', 0, 900003, 'unreadable', 'test', null, 'not hers')`,
      [Buffer.from(`{"userId": "${ANN}", "email": "${EMAIL}"`), Buffer.from(PHONE)],
    );
    await settled();
  });
  afterAll(stop);

  it('is all there before: the search would find it', async () => {
    expect(await tablesWith(database, MARKER)).toEqual(
      expect.arrayContaining([
        'contact_merge',
        'customer_state',
        'dead_letter',
        'event_history',
        'inbox_message',
        'message',
        'message_open',
        'run_trace',
      ]),
    );
    expect(await tablesWith(database, customerIdOf(ANN))).toEqual(expect.arrayContaining(['contact', 'message']));
  });

  it('exports everything that is kept of her, under whichever of her ids', async () => {
    const exported = await run('customers', 'export', PHONE);
    expect(exported.stderr).toBe('');
    const json = JSON.parse(exported.stdout) as { readonly [part: string]: unknown };
    expect(json).toMatchObject({
      asked: PHONE,
      customer: ANN,
      ids: expect.arrayContaining([ANN, PHONE]),
      profile: { email: EMAIL, orders: 1 },
      segments: [{ name: 'buyers', inside: true }],
      consents: expect.arrayContaining([
        {
          category: 'news',
          channel: 'email',
          given: true,
          source: 'event',
          time: new Date(BEGUN + 60_000).toISOString(),
        },
      ]),
      messages: expect.arrayContaining([
        expect.objectContaining({
          rule: 'thanks',
          outcome: 'sent',
          decision: expect.objectContaining({ checks: expect.anything() }),
        }),
      ]),
      inbox: [expect.objectContaining({ text: expect.stringContaining(`Thank you, Anna ${MARKER}`) as string })],
      runs: expect.arrayContaining([expect.objectContaining({ rule: 'reminder' })]),
    });
    expect((json['events'] as { event: { messageId: string } }[]).map(({ event }) => event.messageId)).toEqual(
      expect.arrayContaining([`${MARKER}-Product Added-0`, `${MARKER}-Order Completed-3`]),
    );
    const written = await run('customers', 'export', ANN, '--out', 'ann.json');
    expect(written).toMatchObject({ status: 0, stdout: '' });
    const path = join(folder.path, 'ann.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ customer: ANN });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await run('customers', 'export', ANN, '--out', 'ann.json')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('it is there already') as string,
    });
    expect(await run('customers', 'export', 'nobody')).toMatchObject({ status: 1, stdout: '' });
  });

  it('erases nobody without a person or --yes, nor with another secret than that of delivery', async () => {
    expect(await run('customers', 'erase', ANN)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('or with --yes') as string,
    });
    expect(await run('customers', 'erase', 'nobody', '--yes')).toMatchObject({ status: 1, stdout: '' });
    const other = { ...env, KAIROS_SECRET: 'x'.repeat(40) };
    const refused = await kairos(['customers', 'erase', ANN, '--yes'], { directory: folder.path, env: other });
    expect(refused).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is not the one that delivery has') as string,
    });
    const none = { ...env, KAIROS_DATA: join(folder.path, 'elsewhere') };
    const unknown = await kairos(['customers', 'erase', ANN, '--yes'], { directory: folder.path, env: none });
    expect(unknown).toMatchObject({ status: 2, stderr: expect.stringContaining('KAIROS_SECRET is not set') as string });
    expect(existsSync(join(folder.path, 'elsewhere', 'secret'))).toBe(false);
    const mistyped = typing('bob');
    expect(await erase(mistyped.terminal, PHONE, {})).toBe(1);
    expect(mistyped.said()).toMatch(new RegExp(`customer ${ANN} is erased for good, also as ${PHONE}`));
    expect(mistyped.said()).toContain('nothing was erased');
    expect(await tablesWith(database, MARKER)).toContain('customer_state');
  });

  it('leaves nothing of her in any table while her events go on coming, but what the documents name', async () => {
    // Late ones, each another: before, while and after she is erased. None of them is of somebody new.
    let [going, sent] = [true, 0];
    const load = (async () => {
      while (going) {
        const ids = [{ userId: ANN }, { anonymousId: PHONE }, { userId: ANN, anonymousId: PHONE }];
        await send(
          ...ids.map((each) => ({
            type: 'track',
            ...each,
            event: sent % 2 === 0 ? 'Product Added' : 'Order Completed',
            properties: { product_id: `${MARKER}-p${sent}`, order_id: `${MARKER}-o${sent}` },
            messageId: `${MARKER}-load-${sent++}`,
            timestamp: new Date(BEGUN + 3_600_000 + sent).toISOString(),
            context: { traits: { email: EMAIL, city: MARKER } },
          })),
        );
      }
    })();
    await waitUntil('the load to be under way', () => Promise.resolve(sent > 60));
    const erased = await run('customers', 'erase', PHONE, '--yes', '--reason', 'request 4711');
    expect(erased).toMatchObject({ status: 0, stdout: expect.stringContaining(`${ANN} was erased`) as string });
    expect(erased.stderr).not.toContain('does not run now');
    const before = sent;
    await waitUntil('more of hers to come', () => Promise.resolve(sent > before + 60));
    going = false;
    await load;
    await settled();
    await waitUntil('everything to be over', async () => (await due()) === 0);
    await settled();
    // The log itself forgets by its retention; Kafka's is no table.
    expect((await tablesWith(database, MARKER)).filter((table) => table !== 'log')).toEqual([]);
    for (const id of [ANN, PHONE])
      expect([...(await tablesWith(database, customerIdOf(id)))].sort()).toEqual([
        'contact',
        'customer_state',
        'erased_customer',
      ]);
    const { stdout } = await run('customers', 'show', ANN);
    expect(stdout).toBe('');
    expect((await run('customers', 'show', ANN)).stderr).toMatch(/was erased 20\d\d-/);
    expect(await run('customers', 'erase', ANN, '--yes')).toMatchObject({ status: 1 });
  });

  it('goes on counting what was sent, and keeps who wanted it', async () => {
    const messages = await database.query<{ outcome: string; n: string }>(
      `select outcome, count(*) as n from message where customer = '' group by 1`,
    );
    expect(messages.map(({ outcome }) => outcome)).toContain('sent');
    const audit = await database.query('select * from erasure');
    expect(audit).toMatchObject([{ reason: 'request 4711', ids: 2 }]);
    const listed = await run('messages', '--rule', 'thanks');
    expect(listed.stdout).toContain('(erased)');
    const letters = await database.query<{ value: Buffer }>('select value from dead_letter');
    expect(letters.map(({ value }) => value.toString())).toEqual(['not hers']);
  });

  it('takes what comes after as of somebody new, whose address is written to no more', async () => {
    const now = new Date().toISOString();
    await send(
      { type: 'identify', userId: ANN, timestamp: now, traits: { email: EMAIL.toLowerCase(), first_name: 'New' } },
      { type: 'track', userId: ANN, event: 'Order Completed', properties: { order_id: 'new' }, timestamp: now },
    );
    await settled();
    const listed = async () =>
      JSON.parse((await run('messages', '--customer', ANN, '--json')).stdout) as {
        channel: string;
        outcome: string;
        reason: string;
      }[];
    await waitUntil('both to be judged', async () => {
      const found = await listed();
      return found.length === 2 && found.every(({ outcome }) => outcome === 'sent' || outcome === 'suppressed');
    });
    expect((await listed()).map(({ outcome, reason }) => `${outcome} ${reason}`).sort()).toEqual([
      'sent null',
      'suppressed address_suppressed',
    ]);
    expect((await run('customers', 'show', ANN)).stdout).toContain(EMAIL.toLowerCase());
  });

  it('erases where no engine runs, too: as soon as one does', async () => {
    await stop();
    const typed = typing(` ${BOB} `);
    expect(await erase(typed.terminal, BOB, {})).toBe(0);
    expect(typed.said()).toContain('does not run now');
    expect(await isKept(database, 'bob@shop.test')).toBe(true);
    await start();
    await waitUntil('it to have read the record', async () => !(await isKept(database, 'bob@shop.test')));
    await settled();
    expect((await tablesWith(database, 'bob@shop.test')).filter((table) => table !== 'log')).toEqual([]);
  });
}

async function isKept(database: DatabaseForTests, text: string): Promise<boolean> {
  return (await tablesWith(database, text)).includes('customer_state');
}

describe('a customer who is erased, on the embedded log', () => eraseSuite(() => null));

const kafka = useKafka();
kafka.describe('a customer who is erased, on Kafka', () => eraseSuite(() => kafka.brokers));
