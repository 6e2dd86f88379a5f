import { setTimeout as pause } from 'node:timers/promises';
import { describeWhereKafkaCanRun } from '#testkit';
import { chaosWorkspace } from './chaos-workspace.js';
import { useKairosOnKafka } from './kairos-on-kafka.js';
import type { SentCall, ShopClient } from './shop-client.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
/** Carts are reminded of after this; those of a flash sale not when it is later than `too late after`. */
const WAIT_MS = 8 * SECOND;
const EACH = 20;

const files = chaosWorkspace({
  'rules/cart-reminder.yaml': `
rule: cart-reminder
category: service
start: { event: Product Added, key: event.cart_id }
while running: restart wait
stop: { event: Order Completed, where: { event.cart_id: start.cart_id } }
steps:
  - wait: 8 seconds
  - send: cart-reminder
`,
  'rules/flash-sale.yaml': `
rule: flash-sale
category: service
too late after: 5 seconds
start: { event: Flash Sale Entered }
steps:
  - wait: 2 seconds
  - send: welcome
`,
});

describeWhereKafkaCanRun('after an outage', () => {
  const kairos = useKairosOnKafka({ partitions: 6, files });
  let http: ShopClient;
  let kafka: ShopClient;
  let made = 0;

  beforeAll(async () => {
    await Promise.all([kairos.installation.start('collector'), kairos.installation.start('delivery')]);
    http = kairos.httpClient();
    kafka = await kairos.kafkaProducer();
  }, 240_000);

  const customers = (name: string): string[] => Array.from({ length: EACH }, (_, k) => `${name}-${k}`);
  const call = (userId: string, event: string | null, at: number): SentCall => {
    const base = { userId, messageId: `m${made++}`, timestamp: new Date(at).toISOString() };
    return event === null
      ? { ...base, type: 'identify', traits: { email: `${userId}@shop.test`, name: userId } }
      : { ...base, type: 'track', event, properties: { cart_id: userId } };
  };
  /** Half of them by each way. */
  const send = async (users: readonly string[], event: string | null, at = Date.now()): Promise<void> => {
    const calls = users.map((user) => call(user, event, at));
    await Promise.all([
      http.send(calls.filter((_, k) => k % 2 === 0)),
      kafka.send(calls.filter((_, k) => k % 2 === 1)),
    ]);
  };
  const outcomes = async (rule: string, users: readonly string[]): Promise<string[]> => {
    const rows = (await kairos.ledger()).filter((row) => row.rule === rule && users.includes(row.customer));
    return rows
      .map(({ customer, outcome, reason }) => `${customer} ${outcome}${reason === null ? '' : ` ${reason}`}`)
      .sort();
  };
  const mailed = (users: readonly string[]): string[] =>
    kairos.sink.mails.all
      .flatMap(({ to }) => to)
      .filter((address) => users.includes(address.split('@')[0]!))
      .sort();
  const addresses = (users: readonly string[]): string[] => users.map((user) => `${user}@shop.test`).sort();
  const all = (users: readonly string[], outcome: string): string[] => users.map((user) => `${user} ${outcome}`).sort();

  it('of the engine nobody is reminded of a cart that was bought meanwhile', async () => {
    const [bought, late, left, flash] = ['bought', 'late', 'left', 'flash'].map(customers) as [
      string[],
      string[],
      string[],
      string[],
    ];
    const everybody = [...bought, ...late, ...left, ...flash];
    await send(everybody, null);
    await send([...bought, ...late, ...left], 'Product Added');
    await send(flash, 'Flash Sale Entered');
    const carts = Date.now();
    await send(bought, 'Order Completed');
    // That long the engine is away: the reminders are due meanwhile, and some orders come even later.
    await pause(carts + WAIT_MS + 2 * SECOND - Date.now());
    await send(late, 'Order Completed');

    const engine = await kairos.installation.start('trigger-engine');
    await kairos.settled();
    expect(await outcomes('cart-reminder', bought)).toEqual([]);
    expect(await outcomes('cart-reminder', late)).toEqual(all(late, 'suppressed run_stopped'));
    expect(await outcomes('cart-reminder', left)).toEqual(all(left, 'sent'));
    expect(await outcomes('flash-sale', flash)).toEqual(all(flash, 'suppressed too_late'));
    expect(mailed(everybody)).toEqual(addresses(left));
    expect(await engine.stop()).toBe(0);
  }, 300_000);

  it('of the clients, which deliver an hour late, nobody is reminded of a cart that was bought meanwhile', async () => {
    await kairos.installation.start('trigger-engine');
    const [once, later, left] = ['once', 'later', 'forgotten'].map(customers) as [string[], string[], string[]];
    const everybody = [...once, ...later, ...left];
    const anHourAgo = Date.now() - HOUR;
    await send(everybody, null, anHourAgo);
    // Cart and order in one request, and a request for the order alone while the rest of the burst is waited for.
    const burst = once.flatMap((user) => [
      call(user, 'Product Added', anHourAgo),
      call(user, 'Order Completed', anHourAgo + 20 * 60 * SECOND),
    ]);
    await http.send(burst);
    await send([...later, ...left], 'Product Added', anHourAgo);
    await pause(SECOND);
    await send(later, 'Order Completed', anHourAgo + 20 * 60 * SECOND);

    await kairos.settled();
    expect(await outcomes('cart-reminder', [...once, ...later])).toEqual([]);
    expect(await outcomes('cart-reminder', left)).toEqual(all(left, 'sent'));
    expect(mailed(everybody)).toEqual(addresses(left));
    expect(kairos.installation.endedAlone).toEqual([]);
    expect(new Set(await kairos.installation.stop())).toEqual(new Set([0]));
  }, 300_000);
});
