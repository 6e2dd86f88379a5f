import { REASONS } from '#core';
import { describeWhereKafkaCanRun, useDatabase } from '#testkit';
import { CASES, SETTINGS, TEMPLATES } from './reasons-cases.js';
import { addressOf, ReasonsShop } from './reasons-shop.js';

const rules = Object.entries(CASES).map(([reason, { rule }]) => {
  const name = reason.replaceAll('_', '-');
  const start = /^start:/m.test(rule) ? '' : `start: { event: Wanted ${reason} }\n`;
  return [`rules/${name}.yaml`, `rule: ${name}\n${start}${rule}\n`];
});
const FILES = { 'kairos.yaml': SETTINGS, ...TEMPLATES, ...Object.fromEntries(rules) };

describe('the closed list of reasons', () => {
  it('has a case for each', () => {
    expect(Object.keys(CASES).sort()).toEqual([...REASONS].sort());
  });
});

describeWhereKafkaCanRun('why a message does not leave, from the request to the ledger', () => {
  const database = useDatabase();
  let shop: ReasonsShop;
  beforeAll(() => (shop = new ReasonsShop(database)).open(FILES), 300_000);
  afterAll(() => shop?.close(), 120_000);

  it.each(REASONS)('%s', async (reason) => {
    const { customer = reason.replaceAll('_', '-'), play, outcome, says } = CASES[reason];
    const start = `Wanted ${reason}`;
    if (play) await play(shop, customer, start);
    else await shop.happens(customer, start, { traits: { email: addressOf(customer) } });
    const message = await shop.endedFor(customer, reason);
    expect(message.outcome).toBe(outcome);
    const told = await shop.why(message.messageId);
    expect(told).toContain(`outcome     ${outcome}: ${reason}`);
    for (const sentence of says) expect(told).toContain(sentence);
  });
});
