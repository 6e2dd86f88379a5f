import { fileURLToPath } from 'node:url';
import { useDatabase, waitUntil } from '#testkit';
import { kairos } from './run-kairos.js';
import { addressOf, ShopUnderTest, type ShopCall } from './shop-under-test.js';

const RECIPE = fileURLToPath(new URL('../../examples/recipes/price-drop', import.meta.url));
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday, ten in the morning in Berlin. */
const START = Date.parse('2026-06-01T08:00:00Z');

const customer = (userId: string): ShopCall => ({
  type: 'identify',
  userId,
  traits: { email: addressOf(userId), name: userId },
  context: { consent: { categoryPreferences: { promotional: ['email'] } } },
});
const LAMP = { product_id: 'lamp', name: 'Lamp Aurora', price: 100 };
const BOWL = { product_id: 'bowl', name: 'Oak Bowl', price: 60 };
const says = (userId: string, event: string, properties: object): ShopCall => ({
  type: 'track',
  userId,
  event,
  properties,
});
const updated = (properties: object): ShopCall => ({ type: 'track', event: 'Product Updated', properties });

describe('the price of something on many wishlists drops', () => {
  const database = useDatabase({ tables: false });
  let shop: ShopUnderTest;
  beforeAll(async () => {
    shop = await ShopUnderTest.start(START, database.url, null, RECIPE);
  });
  afterAll(() => shop.stop());

  it('tells whoever wished for it, wherever she lives, once, and nobody else', async () => {
    const wishing = Array.from({ length: 12 }, (_, i) => `wishing-${i}`);
    await shop.at(START, ...[...wishing, 'ben', 'cleo', 'dora'].map(customer));
    await shop.at(START + HOUR, ...wishing.map((id) => says(id, 'Product Added to Wishlist', LAMP)));
    await shop.at(START + HOUR, says('ben', 'Product Added to Wishlist', BOWL));
    await shop.at(START + HOUR, says('cleo', 'Product Added to Wishlist', LAMP));
    await shop.at(START + DAY, says('cleo', 'Product Removed from Wishlist', { product_id: 'lamp' }));
    await shop.at(START + 2 * DAY, updated({ ...LAMP, price: 95 }));
    await shop.at(START + 2 * DAY + HOUR, updated({ ...LAMP, price: 85 }));
    await shop.at(START + 2 * DAY + 2 * HOUR, says('dora', 'Product Added to Wishlist', LAMP));
    await shop.until(START + 3 * DAY);
    for (const id of wishing) expect([id, await shop.decisionsFor(id)]).toEqual([id, ['price-drop sent']]);
    for (const id of ['ben', 'cleo', 'dora']) expect([id, await shop.decisionsFor(id)]).toEqual([id, []]);
    expect(shop.said.join()).not.toMatch(/item event|not live/);
  });

  it('is in the history: simulated from there, the rule decides what it has decided', async () => {
    const env = { DATABASE_URL: database.url, KAIROS_PARTITIONS: '3' };
    const simulate = () =>
      kairos(['rules', 'simulate', '--history', '--format', 'ndjson', '--workspace', RECIPE], { env });
    const decisions = await waitUntil('the history to be written', async () => {
      const { stdout } = await simulate();
      return stdout.split('\n').length > 12 ? stdout.trim().split('\n') : false;
    });
    const sent = decisions.map((line) => JSON.parse(line) as { customer: string; template: string; outcome: string });
    const live = (await shop.ledger()).map(({ customer, template, outcome }) => ({ customer, template, outcome }));
    const order = (a: { customer: string }, b: { customer: string }) => (a.customer < b.customer ? -1 : 1);
    expect(sent.map(({ customer, template, outcome }) => ({ customer, template, outcome })).sort(order)).toEqual(
      live.sort(order),
    );
    expect(live).toHaveLength(12);
  });

  it('is refused with a reason where the event does not say what it is about', async () => {
    const { collectorUrl, backbone } = shop.standalone;
    const response = await fetch(`${collectorUrl}/v1/track`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${backbone.writeKey}:`).toString('base64')}`,
      },
      body: JSON.stringify({ event: 'Product Updated', properties: { price: 85 } }),
    });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('properties.product_id')]);
  });
});
