import type { ReceivedMail } from '#testkit';
import { describeWhereKafkaCanRun, useDatabase } from '#testkit';
import { startKafka, type KafkaCluster } from '../../tools/kafka/kafka-broker.mjs';
import { addressOf, ShopUnderTest, type ShopCall } from './shop-under-test.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday, ten in the morning in Berlin; all that follows lies in summer time. */
const START = Date.parse('2026-06-01T08:00:00Z');
/** Of the workspace, as nobody says otherwise: what reaches the stream this long after a wait's end still comes first. */
const GRACE = 10 * SECOND;
const GERMAN = { locale: 'de', timezone: 'Europe/Berlin' };
const AMERICAN = { locale: 'en-US', timezone: 'America/New_York' };

const says = (userId: string, event: string, properties: object = {}): ShopCall => ({
  type: 'track',
  userId,
  event,
  properties,
});
const cart = (userId: string): ShopCall =>
  says(userId, 'Product Added', { product_id: 'mug', name: 'Blauer Becher', price: 24 });
const order = (userId: string, total = 24): ShopCall =>
  says(userId, 'Order Completed', { order_id: `o-${userId}`, total });
const customer = (
  userId: string,
  traits: object = GERMAN,
  consents: object = { promotional: ['email'] },
): ShopCall => ({
  type: 'identify',
  userId,
  traits: { email: addressOf(userId), name: userId[0]!.toUpperCase() + userId.slice(1), ...traits },
  context: { consent: { categoryPreferences: consents } },
});

function unsubscribeLink(mail: ReceivedMail): string {
  return /^<(http[^>]+)>$/.exec(mail.header('List-Unsubscribe') ?? '')![1]!;
}

/** The HTML as its author wrote it: tracked links as what they lead to. */
function htmlOf(mail: ReceivedMail): string {
  const tracked = /http[^"]+\/c\/[^"~]+~[0-9a-f]+~([\w-]+)\.[\w-]+/g;
  return (mail.parsed.html ?? '').replace(tracked, (_, target: string) => Buffer.from(target, 'base64url').toString());
}

/** What everybody may expect of a mail, whatever it says. */
function expectWellMade(mail: ReceivedMail): void {
  const { subject, text, from, to } = mail.parsed;
  const html = htmlOf(mail);
  expect(mail.from).toBe('hello@shop.test');
  expect(from).toMatchObject({ address: 'hello@shop.test', name: 'Juniper & Oak' });
  expect(to?.map(({ address }) => address)).toEqual(mail.to);
  expect(mail.header('Message-ID')).toMatch(/^<[0-9a-f-]{36}@shop\.test>$/);
  expect(mail.header('List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
  for (const part of [html, text]) {
    expect(part).toContain('https://shop.test/');
    expect(part).toContain(unsubscribeLink(mail));
  }
  for (const part of [subject, html, text]) {
    expect(part?.trim()).toBeTruthy();
    expect(part).not.toMatch(/\{\{|\}\}|undefined|null|NaN|\[object/);
  }
}

function theThreeRules(begin: () => Promise<ShopUnderTest>): void {
  let shop: ShopUnderTest;
  beforeAll(async () => (shop = await begin()), 120_000);
  afterAll(() => shop?.stop());

  it('remind of a cart an hour after the last thing was put in, in the language of the customer', async () => {
    const start = shop.nextMorning();
    await shop.at(start, customer('ann'), cart('ann'));
    await shop.at(start + 40 * MINUTE, cart('ann'));
    await shop.until(start + 100 * MINUTE + GRACE - SECOND);
    expect(shop.subjectsTo('ann')).toEqual([]);
    await shop.until(start + 101 * MINUTE);
    const [mail] = shop.mailsTo('ann');
    expectWellMade(mail!);
    expect(mail!.to).toEqual(['ann@customers.test']);
    expect(Math.abs(Date.parse(mail!.header('Date')!) - start - 100 * MINUTE)).toBeLessThan(MINUTE);
    expect(mail!.parsed.subject).toBe('In Ihrem Warenkorb liegt noch etwas');
    for (const part of [htmlOf(mail!), mail!.parsed.text]) {
      expect(part).toContain('Hallo Ann,');
      expect(part).toContain('Blauer Becher');
      expect(part!.replace(/&nbsp;|\u00a0/g, ' ')).toContain('24,00 €');
      expect(part).toContain('https://shop.test/cart');
      expect(part).toContain('Abmelden');
    }
    const [row] = await shop.ledger('ann');
    expect(row).toMatchObject({ rule: 'abandoned-cart', template: 'cart-reminder', outcome: 'sent', channel: 'email' });
    expect(mail!.header('Message-ID')).toBe(`<${row!.messageId}@shop.test>`);
  });

  it('write English with American prices to an American', async () => {
    const start = shop.nextMorning() + 6 * HOUR;
    await shop.at(start, customer('ben', AMERICAN), cart('ben'));
    await shop.until(start + 61 * MINUTE);
    const [mail] = shop.mailsTo('ben');
    expectWellMade(mail!);
    expect(mail!.parsed.subject).toBe('You left something in your cart');
    for (const part of [htmlOf(mail!), mail!.parsed.text]) {
      expect(part).toContain('Hello Ben,');
      expect(part).toContain('€24.00');
      expect(part).toContain('Unsubscribe');
    }
  });

  it('remind nobody who orders in the last second, nor within the grace after it; a second later it is too late', async () => {
    const start = shop.nextMorning();
    const buyers = ['cleo', 'dora', 'eric'] as const;
    for (const buyer of buyers) await shop.at(start, customer(buyer), cart(buyer));
    await shop.at(start + HOUR - SECOND, order('cleo'));
    await shop.at(start + HOUR + GRACE - SECOND, order('dora'));
    await shop.at(start + HOUR + GRACE + SECOND, order('eric'));
    await shop.until(start + 2 * DAY);
    expect(await Promise.all(buyers.map((buyer) => shop.decisionsFor(buyer)))).toEqual([
      [],
      [],
      ['cart-reminder sent'],
    ]);
    expect(buyers.map((buyer) => shop.mailsTo(buyer).length)).toEqual([0, 0, 1]);
  });

  it('are held back by the cap of one a day until there is room', async () => {
    const start = shop.nextMorning();
    await shop.at(start, customer('fay'), cart('fay'));
    await shop.until(start + DAY + MINUTE);
    // The last call is due a day after the cart, 23 hours after the reminder.
    expect(await shop.decisionsFor('fay')).toEqual(['cart-reminder sent', 'cart-last-call held frequency_cap']);
    const [reminder, held] = await shop.ledger('fay');
    expect(held!.notBefore! - reminder!.at!).toBeGreaterThanOrEqual(DAY);
    await shop.until(start + DAY + HOUR);
    expect(shop.mailsTo('fay')).toHaveLength(1);
    await shop.until(start + DAY + HOUR + 2 * MINUTE);
    expect(shop.subjectsTo('fay')).toEqual([
      'In Ihrem Warenkorb liegt noch etwas',
      'Sollen wir es zurück ins Regal stellen?',
    ]);
  });

  it('are held at night until half past eight in the zone of the customer, and withdrawn by the order of the night', async () => {
    const evening = shop.nextMorning() + 10 * HOUR; // 20:30 in Berlin, 14:30 in New York
    const night = ['gus', 'ivy'] as const;
    await shop.at(evening, customer('jon', AMERICAN), cart('jon'));
    for (const sleeper of night) await shop.at(evening, customer(sleeper), cart(sleeper));
    await shop.until(evening + 2 * HOUR);
    expect(shop.mailsTo('jon')).toHaveLength(1);
    for (const sleeper of night) expect(await shop.decisionsFor(sleeper)).toEqual(['cart-reminder held quiet_hours']);
    await shop.at(evening + 6 * HOUR, order('ivy'));
    await shop.until(evening + 12 * HOUR - MINUTE);
    expect(night.flatMap((sleeper) => shop.subjectsTo(sleeper))).toEqual([]);
    // Releases are spread over ten minutes.
    await shop.until(evening + 12 * HOUR + 11 * MINUTE);
    expect(shop.mailsTo('gus')).toHaveLength(1);
    expect(await shop.decisionsFor('ivy')).toEqual(['cart-reminder suppressed goal_reached']);
    expect(shop.subjectsTo('ivy')).toEqual([]);
  });

  it('care for what was bought a day and a week after its delivery, and for each order of its own', async () => {
    const start = shop.nextMorning();
    const delivered = (userId: string): ShopCall => says(userId, 'Order Delivered', { order_id: 'A-17' });
    await shop.at(
      start,
      customer('kim', GERMAN, {}),
      customer('lea', AMERICAN, {}),
      customer('max', GERMAN, { care: false }),
    );
    await shop.at(start + 8 * HOUR, delivered('kim'), delivered('lea'), delivered('max'));
    await shop.at(start + 2 * DAY, says('lea', 'Product Reviewed', { order_id: 'A-17', rating: 5 }));
    await shop.until(start + 8 * DAY);
    expect(shop.subjectsTo('kim')).toEqual(['Ihr Paket ist da: drei Dinge, die helfen', 'Und, wie ist es?']);
    expect(shop.subjectsTo('lea')).toEqual(['Your parcel has arrived: three things that help']);
    expect(await shop.decisionsFor('max')).toEqual([
      'care-tips suppressed no_consent',
      'how-was-it suppressed no_consent',
    ]);
    expect(shop.subjectsTo('max')).toEqual([]);
    const [tips, question] = shop.mailsTo('kim');
    expect(tips!.parsed.text).toContain('A-17');
    expect(htmlOf(question!)).toContain('https://shop.test/orders/A-17/review');
    expect((await shop.ledger('kim')).map(({ key }) => key)).toEqual(['A-17', 'A-17']);
  });

  it('win back who was silent for sixty days, with an offer a week later for good customers only', async () => {
    const start = shop.nextMorning() + 7 * HOUR; // 17:30 in Berlin
    // Half past midnight in Berlin, still the day before in New York.
    const midnight = start + 7 * HOUR;
    await shop.at(
      start,
      customer('pia'),
      customer('quinn'),
      customer('otto'),
      customer('tina'),
      customer('nina', AMERICAN),
    );
    await shop.at(start, customer('hal'), customer('uma'), customer('vera'));
    await shop.at(start, order('otto'), order('hal', 300), order('uma', 300), order('vera', 300));
    await shop.at(midnight, order('pia', 180), order('quinn', 30), order('tina', 180), order('nina', 30));
    // A cart mail at the very instant of the hello, and one an hour before it.
    await shop.at(start + 60 * DAY - 2 * HOUR, cart('vera'));
    await shop.at(start + 60 * DAY - HOUR, cart('uma'));
    await shop.until(start + 61 * DAY);
    await shop.at(start + 61 * DAY, order('tina'));
    await shop.until(start + 69 * DAY);

    expect(shop.subjectsTo('pia')).toEqual(['Lange nicht gesehen', 'Der Versand geht auf uns']);
    expect(shop.subjectsTo('quinn')).toEqual(['Lange nicht gesehen']);
    expect(shop.subjectsTo('tina')).toEqual(['Lange nicht gesehen']);
    const day = new Intl.DateTimeFormat('de', { dateStyle: 'long', timeZone: 'Europe/Berlin' }).format(midnight);
    const dayBefore = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'America/New_York' }).format(
      midnight,
    );
    for (const part of ['text', 'html'] as const) {
      expect(shop.mailsTo('pia')[0]!.parsed[part]).toContain(`Seit dem ${day}`);
      expect(shop.mailsTo('nina')[0]!.parsed[part]).toContain(`since ${dayBefore}`);
    }
    // Drawn by a hash of rule and customer: hal is always among the tenth that is never written to.
    expect(await shop.decisionsFor('hal')).toEqual(['we-miss-you suppressed holdout', 'come-back suppressed holdout']);
    expect(shop.subjectsTo('hal')).toEqual([]);
    expect((await shop.decisionsFor('vera')).slice(0, 2)).toEqual([
      'cart-reminder sent',
      'we-miss-you suppressed frequency_cap',
    ]);
    expect((await shop.decisionsFor('uma')).slice(0, 2)).toEqual([
      'cart-reminder sent',
      'we-miss-you suppressed outranked',
    ]);
  });

  it('end with one click in the mail program, and not with a look at the page', async () => {
    const start = shop.nextMorning();
    await shop.at(start, customer('yara'), cart('yara'));
    await shop.until(start + 2 * HOUR);
    const link = unsubscribeLink(shop.mailsTo('yara')[0]!);
    const page = await fetch(link);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<form method="post">')]);
    await shop.until(start + 2 * DAY);
    expect(shop.mailsTo('yara')).toHaveLength(2);

    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
    expect((await fetch(link, { method: 'POST', body })).status).toBe(200);
    await shop.at(start + 4 * DAY, cart('yara'), says('yara', 'Order Delivered', { order_id: 'o-yara' }));
    await shop.until(start + 6 * DAY);
    expect((await shop.decisionsFor('yara')).slice(2)).toEqual([
      'cart-reminder suppressed no_consent',
      'care-tips sent',
      'cart-last-call suppressed no_consent',
    ]);
    // What was bought is another matter than advertising.
    expect(shop.subjectsTo('yara').slice(2)).toEqual(['Ihr Paket ist da: drei Dinge, die helfen']);
  });

  it('leave a ledger in which all that was planned is sent or suppressed, and what was sent is what arrived', async () => {
    await shop.until(shop.nextMorning() + 70 * DAY);
    const rows = await shop.ledger();
    const sent = rows.filter(({ outcome }) => outcome === 'sent');
    const suppressed = rows.filter(({ outcome, reason }) => outcome === 'suppressed' && reason !== null);
    expect(sent.length).toBeGreaterThan(20);
    expect(sent.length + suppressed.length).toBe(rows.length);
    const { all } = shop.sink.mails;
    all.forEach(expectWellMade);
    const arrived = all.map((mail) => `${mail.header('Message-ID')} ${mail.to.join()}`);
    expect(arrived.sort()).toEqual(sent.map((row) => `<${row.messageId}@shop.test> ${addressOf(row.customer)}`).sort());
  });
}

describe('the three rules of the example shop, over HTTP on the embedded log,', () => {
  const database = useDatabase({ tables: false });
  theThreeRules(() => ShopUnderTest.start(START, database.url, null));
});

describeWhereKafkaCanRun('the three rules of the example shop, from records written to Kafka,', () => {
  const database = useDatabase({ tables: false });
  // A broker of its own: the topic has one name, and what other tests wrote to it would be this shop's events too.
  let kafka: KafkaCluster | undefined;
  afterAll(() => kafka?.stop());
  theThreeRules(async () => {
    kafka = await startKafka({ quiet: true });
    return ShopUnderTest.start(START, database.url, kafka.brokers);
  });
});
