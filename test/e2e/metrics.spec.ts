import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { partitionFor } from '#core';
import { EmbeddedEventStream } from '#streams';
import { useDatabase, waitUntil } from '#testkit';
import { metricsOf, type Sample } from './metrics-of-process.js';
import { freePort, kairos, startKairos, THANKFUL_SHOP, useFolder } from './run-kairos.js';

const PARTITIONS = 24;

/** What others hold on to; how often each must have happened at least in what the test does (0: it need only be there). */
const PROMISED: readonly (readonly [name: string, labels: readonly string[], atLeast: number])[] = [
  ['events_received_total', ['source', 'result'], 5],
  ['events_processed_total', ['partition'], 5],
  ['events_dead_lettered_total', ['reason'], 1],
  ['consumer_lag_records', ['partition'], 0],
  ['consumer_lag_seconds', ['partition'], 0],
  ['log_time_delay_seconds', ['partition'], 0],
  ['partitions_owned', ['state'], PARTITIONS],
  ['batch_duration_seconds_count', ['phase'], 3],
  ['batch_records_count', [], 1],
  ['cache_lookups_total', ['result'], 2],
  ['fence_lost_total', ['partition'], 1],
  ['records_forwarded_total', ['client'], 1],
  ['rule_starts_total', ['rule'], 3],
  ['rules_suspended_total', ['rule'], 1],
  ['timers_pending', [], 1],
  ['timers_fired_total', ['result'], 3],
  ['messages_total', ['rule', 'channel', 'outcome', 'reason'], 2],
  ['delivery_duration_seconds_count', ['channel', 'result'], 1],
  ['messages_due', [], 0],
  ['caps_held_total', ['cap'], 1],
];

const SHOP = {
  ...THANKFUL_SHOP,
  'kairos.yaml': `${THANKFUL_SHOP['kairos.yaml']}caps: [{ at most: 1, per: 1 day, category: care }]\n`,
  'rules/reminder.yaml': `
rule: reminder
category: care
again: always
start: { event: Product Added, key: event.cart_id }
stop: { event: Order Completed }
too late after: 30 days
steps:
  - wait: 1 second
  - wait: 1 hour
  - send: thanks
`,
};

describe('GET /metrics of a standalone process that has had some traffic', () => {
  const database = useDatabase({ tables: false });
  const folder = useFolder();
  let env: { readonly [name: string]: string };
  let running: ChildProcess;
  let stream: EmbeddedEventStream;
  let samples: readonly Sample[] = [];
  const run = (...args: string[]) => kairos(args, { directory: folder.path, env });
  const track = (user: string, event: string, ...properties: string[]) =>
    run('events', 'send', 'track', '--user', user, '--event', event, ...properties);
  const total = (name: string, labels: Sample['labels'] = {}): number =>
    samples
      .filter((sample) => sample.name === `kairos_${name}`)
      .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  const reaches = (what: string, is: () => boolean) =>
    waitUntil(what, async () => {
      samples = await metricsOf(env['KAIROS_OPS']!);
      return is();
    });

  beforeAll(async () => {
    folder.write(SHOP);
    env = {
      DATABASE_URL: database.url,
      KAIROS_HTTP: `127.0.0.1:${await freePort()}`,
      KAIROS_OPS: `127.0.0.1:${await freePort()}`,
    };
    expect((await run('migrate')).status).toBe(0);
    // A timer of somebody whose state cannot be read.
    await database.query(
      `insert into customer_state (partition, customer_id, next_fire, state) values (0, gen_random_uuid(), 1, '\\x63')`,
    );
    running = startKairos(['start'], { directory: folder.path, env });
    await waitUntil('Kairos to be ready', async () => {
      const answer = await fetch(`http://${env['KAIROS_HTTP']}/`).catch(() => null);
      return answer !== null;
    });
    stream = new EmbeddedEventStream({
      name: 'kairos.events',
      group: 'test',
      partitions: PARTITIONS,
      connectionString: database.url,
      clock: { at: (ms: number) => ms, now: () => Date.now() },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    await run('events', 'send', 'identify', '--user', 'ann', 'email=ann@shop.test');
    await track('ann', 'Order Completed', 'order_id=o1');
    await track('ann', 'Order Completed', 'order_id=o2');
    for (const customer of ['bob', 'eve', 'zoe']) await track(customer, 'Product Added', 'cart_id=c1');
    // Bob's run waits for the second time when it is ended.
    await reaches('timers that have fired', () => total('timers_fired_total', { result: 'fired' }) >= 3);
    await track('bob', 'Order Completed', 'order_id=o3');
    // An event of yesterday: what it arms is born late.
    const late = JSON.stringify({
      type: 'track',
      event: 'Product Added',
      userId: 'lou',
      properties: { cart_id: 'c1' },
      timestamp: new Date(Date.now() - 86_400_000).toISOString(),
    });
    const elsewhere = (partitionFor('lou', PARTITIONS) + 1) % PARTITIONS;
    await stream.append([{ key: 'lou', partition: elsewhere, value: Buffer.from(late), headers: { client: 'till' } }]);
    await stream.append([{ key: null, value: Buffer.from('Dear Sir or Madam') }]);
    await fetch(`http://${env['KAIROS_HTTP']}/v1/track`, { method: 'POST', body: '{}' });
    await reaches('a forwarded event', () => total('records_forwarded_total', { client: 'till' }) === 1);
    await reaches('a dead letter', () => total('events_dead_lettered_total', { reason: 'unreadable' }) === 1);
    await reaches('both messages', () => total('messages_total') >= 2);
    await reaches('a timer that was born late', () => total('timers_fired_total', { result: 'late' }) >= 1);
    // Another owner wrote: nothing of the next batch may stand.
    await database.query(`update stream_partition set epoch = epoch + 1`);
    await track('ann', 'Order Completed', 'order_id=o4');
    await reaches('the loss', () => total('fence_lost_total') >= 1);
    await reaches('all partitions', () => total('partitions_owned', { state: 'ready' }) === PARTITIONS);
  }, 240_000);
  afterAll(async () => {
    await stream.close();
    running.kill('SIGTERM');
    await once(running, 'exit');
  });

  it.each(PROMISED)('has kairos_%s by %j', (name, labels, atLeast) => {
    const found = samples.filter((sample) => sample.name === `kairos_${name}`);
    expect(found).not.toEqual([]);
    for (const sample of found) expect(Object.keys(sample.labels).sort()).toEqual([...labels].sort());
    expect(total(name)).toBeGreaterThanOrEqual(atLeast);
  });

  it('counts what it says it counts', () => {
    expect(total('batch_duration_seconds_count', { phase: 'load' })).toBeGreaterThan(0);
    expect(total('batch_duration_seconds_count', { phase: 'evaluate' })).toBeGreaterThan(0);
    expect(total('batch_duration_seconds_count', { phase: 'commit' })).toBeGreaterThan(0);
    expect(total('cache_lookups_total', { result: 'hit' })).toBeGreaterThan(0);
    expect(total('cache_lookups_total', { result: 'miss' })).toBeGreaterThan(0);
    expect(total('timers_fired_total', { result: 'cancelled' })).toBe(1);
    expect(total('timers_fired_total', { result: 'suspended' })).toBe(1);
    expect(total('messages_total', { rule: 'thanks', channel: 'email', outcome: 'sent' })).toBe(1);
    expect(total('messages_total', { rule: 'thanks', outcome: 'suppressed', reason: 'frequency_cap' })).toBeGreaterThan(
      0,
    );
    expect(total('events_received_total', { source: 'http', result: 'unauthorized' })).toBe(1);
  });

  it('holds nothing of a customer', () => {
    const said = samples.flatMap(({ labels }) => Object.values(labels));
    expect(said.filter((text) => /\b(?:ann|bob|eve|zoe|lou)\b|shop\.test/.test(text))).toEqual([]);
  });
});
