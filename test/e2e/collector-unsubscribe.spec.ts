import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { readConfig } from '#config';
import { customerIdOf, decodeConsents, deliveryPolicy, unsubscribeToken } from '#core';
import { claimDecider, type DecideClaim } from '#engine';
import { systemClock } from '#hosting';
import { TcpProxy, useDatabase, waitUntil, type DatabaseForTests } from '#testkit';
import { startStandalone, type Standalone } from '../../apps/standalone/src/start-standalone.js';
import { plannedMessage } from '../integration/planned-message.js';
import { basic, CollectorUnderTest, loggedEvents, prepareDatabase, SECRET, WRITE_KEY } from './collector-under-test.js';
import { UNSUBSCRIBE_WORKSPACE } from './unsubscribe-workspace.js';

const { id: messageId } = plannedMessage('ann').message;
const linkOf = (changes: object = {}, secret = SECRET, now = Date.now()) => {
  const of = { customerId: customerIdOf('ann'), category: 'promotional', channel: 'email' as const, messageId };
  return `/u/${unsubscribeToken({ ...of, ...changes }, secret, now)}`;
};
const consentsOf = async (database: DatabaseForTests, customer = 'ann') => {
  const rows = await database.query<{ consents: Buffer | null }>(
    'select consents from contact where customer_id = $1',
    [customerIdOf(customer)],
  );
  return rows.flatMap(({ consents }) => decodeConsents(consents ?? new Uint8Array(0)));
};
const WITHDRAWN = { category: 'promotional', channel: 'email', given: false, source: 'customer' };

describe('the link to unsubscribe', () => {
  const database = useDatabase();
  let proxy: TcpProxy;
  let collector: CollectorUnderTest;

  beforeAll(async () => {
    await prepareDatabase(database);
    proxy = await TcpProxy.to(database.url);
    collector = await CollectorUnderTest.start(proxy.through(database.url));
  });
  afterEach(() => database.query('truncate contact, contact_inbox, stream_outbox'));
  afterAll(async () => {
    await collector?.stop();
    await proxy?.stop();
  });

  const oneClick = (path: string, headers: { [name: string]: string } = {}) =>
    collector.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: 'List-Unsubscribe=One-Click',
    });

  it('shows a page with a form that works without script, and loads nothing', async () => {
    const { status, headers, text } = await collector.request(linkOf());
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('set-cookie')).toBeNull();
    expect(text).toMatch(/<form method="post"><button type="submit">Unsubscribe<\/button><\/form>/);
    expect(text).toContain('“Offers and news”');
    expect(text).not.toMatch(/<script|<img|<link|https?:|src=|action=|javascript:/i);
  });

  it('changes nothing when it is looked at', async () => {
    for (const init of [
      {},
      { method: 'HEAD' },
      { method: 'OPTIONS' },
      { headers: { purpose: 'prefetch', 'sec-purpose': 'prefetch;prerender' } },
    ])
      expect((await collector.request(linkOf(), init)).status).toBeLessThan(300);
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const answer = await collector.request(linkOf(), { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
    }
    expect(await database.query('select 1 from contact')).toEqual([]);
  });

  it('withdraws the category on its channel by one click of a mail program, without cookies', async () => {
    const answer = await oneClick(linkOf());
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null]);
    expect(answer.text).toContain('You will get no more messages of the kind “Offers and news”');
    expect(await consentsOf(database)).toMatchObject([WITHDRAWN]);
  });

  it.each<[string, RequestInit]>([
    ['the button of the page', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' }],
    ['a form in parts', { body: formOf({ 'List-Unsubscribe': 'One-Click' }) }],
    ['nothing', {}],
    ['what is no JSON', { headers: { 'content-type': 'application/json' }, body: '{' }],
  ])('does the same for %s', async (_, init) => {
    expect((await collector.request(linkOf(), { method: 'POST', ...init })).status).toBe(200);
    expect(await consentsOf(database)).toMatchObject([WITHDRAWN]);
  });

  it('may be used twice, and each withdraws its own', async () => {
    for (const link of [linkOf(), linkOf(), linkOf({ category: 'care' }), linkOf({ channel: 'sms' })])
      expect((await oneClick(link)).status).toBe(200);
    expect(await consentsOf(database)).toMatchObject([
      { category: 'care', channel: 'email', given: false },
      { category: 'promotional', channel: 'email', given: false },
      { category: 'promotional', channel: 'sms', given: false },
    ]);
  });

  it('keeps both of two that are used at the same moment', async () => {
    const customers = Array.from({ length: 40 }, (_, n) => `both-${n}`);
    await Promise.all(
      customers.flatMap((customer) =>
        ['care', 'promotional'].map((category) => oneClick(linkOf({ customerId: customerIdOf(customer), category }))),
      ),
    );
    for (const customer of customers)
      expect(await consentsOf(database, customer)).toMatchObject([{ category: 'care' }, { category: 'promotional' }]);
  });

  it('overrules a consent that waits to be applied, whatever time that claims', async () => {
    const change = Buffer.from(JSON.stringify({ promotional: true }));
    await database.query(
      `insert into contact_inbox (customer_id, event_id, event_time, change) values ($1, 'e', $2, $3)`,
      [customerIdOf('ann'), Date.now() + 240_000, change],
    );
    await oneClick(linkOf());
    expect(await database.query('select 1 from contact_inbox')).toEqual([]);
    const given = (await consentsOf(database)).map((entry) => [entry.channel, entry.given]);
    expect(given.length).toBeGreaterThan(1);
    expect(given).toEqual(given.map(([channel]) => [channel, channel !== 'email']));
  });

  it('is unknown when a character of it was changed, or it was signed by somebody else or long ago', async () => {
    const good = linkOf();
    const changed = [...good.slice(3)].map((character, at) => {
      const other = character === 'a' ? 'b' : 'a';
      return `${good.slice(0, 3 + at)}${other}${good.slice(4 + at)}`;
    });
    const forged = [linkOf({}, `${SECRET}!`), linkOf({}, SECRET, Date.now() - 800 * 86_400_000), '/u/x', '/u/%20'];
    for (const link of [...changed.filter((_, at) => at % 7 === 0), changed.at(-1)!, ...forged]) {
      for (const answer of [await collector.request(link), await oneClick(link)]) {
        expect([link, answer.status]).toEqual([link, 404]);
        expect(answer.text).toContain('This link is incomplete or too old');
      }
    }
    expect(await database.query('select 1 from contact')).toEqual([]);
  });

  it.each([
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['fr, de;q=0.5, en;q=0.4', 'de'],
    ['en;q=0.1, de;q=0', 'en'],
    ['del, fr', 'en'],
    ['*', 'en'],
    ['', 'en'],
    ['__proto__, constructor', 'en'],
    ['de;q=x;;;,,,', 'en'],
  ])('speaks the language that is asked for: %s', async (languages, spoken) => {
    const { text } = await collector.request(linkOf(), { headers: { 'accept-language': languages } });
    expect(/<html lang="(..)">/.exec(text)?.[1]).toBe(spoken);
    expect(text).toContain(spoken === 'de' ? '>Abmelden</button>' : '>Unsubscribe</button>');
  });

  it('does not say that it was done while the database is away', async () => {
    proxy.cut();
    const answer = await oneClick(linkOf());
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.text).toContain('Please try again in a minute');
    proxy.mend();
    await waitUntil('it is done', async () => (await oneClick(linkOf())).status === 200);
    expect(await consentsOf(database)).toMatchObject([WITHDRAWN]);
    expect(collector.lines.join()).not.toContain(customerIdOf('ann'));
  });
});

describe('a customer who unsubscribes', () => {
  const database = useDatabase();
  let data: string;
  let standalone: Standalone;

  const start = async (hostDelivery: boolean) => {
    data = mkdtempSync(join(tmpdir(), 'kairos-unsubscribe-'));
    const env = {
      KAIROS_DATA: data,
      KAIROS_HTTP: '127.0.0.1:0',
      KAIROS_OPS: '127.0.0.1:0',
      KAIROS_PARTITIONS: '4',
      KAIROS_WRITE_KEY: WRITE_KEY,
      KAIROS_SECRET: SECRET,
      DATABASE_URL: database.url,
    };
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
    standalone = await startStandalone({
      config: readConfig(env, { directory: data, workspace: '.', terminal: false }),
      files: UNSUBSCRIBE_WORKSPACE,
      clock: systemClock,
      log: silent,
      secrets: {},
      say: () => undefined,
      hostDelivery,
    });
  };
  afterEach(async () => {
    await standalone?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const post = async (path: string, body: unknown) => {
    const response = await fetch(standalone.collectorUrl + path, {
      method: 'POST',
      headers: { authorization: basic(WRITE_KEY), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.status;
  };
  const wantOffers = async (customers: readonly string[]) => {
    const batch = customers.flatMap((userId) => [
      { type: 'identify', userId, traits: { email: `${userId}@shop.test` } },
      { type: 'track', event: 'Offer Wanted', userId },
    ]);
    expect(await post('/v1/batch', { batch })).toBe(200);
  };
  const unsubscribe = async (link: string) => {
    const init = { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) };
    expect((await fetch(standalone.collectorUrl + link, init)).status).toBe(200);
  };

  it('is reserved for nothing and permitted nothing from the answer on, while three workers claim', async () => {
    await start(false);
    const { ledger } = standalone.backbone;
    const customers = Array.from({ length: 200 }, (_, n) => `customer-${n}`);
    await wantOffers(customers);
    const open = await waitUntil('all to be planned', async () => {
      const rows = await database.query<{ message_id: string; customer: string }>(
        'select message_id, customer from message_open',
      );
      return rows.length === customers.length && rows;
    });
    const offers = new Set(open.map((row) => row.message_id));
    const answered = new Set<string>();
    const seen = { reservedBefore: 0, reservedAfter: 0, permittedBefore: 0, permittedAfter: 0 };
    const { loaded } = standalone;
    const policy = deliveryPolicy(loaded.workspace);
    const decide = claimDecider({
      rulesets: loaded.rulesets,
      policy,
      spreadReleases: false,
      onDecision: () => undefined,
    });
    // Runs while the rows are locked: whoever was answered before it was answered before the claim decided.
    const watched: DecideClaim = (claimed, now, leaseUntil) => {
      const writes = decide(claimed, now, leaseUntil);
      for (const { customerId, messages } of writes)
        for (const message of messages)
          if (message.kind === 'reserve' && offers.has(message.messageId))
            seen[answered.has(customerId) ? 'reservedAfter' : 'reservedBefore']++;
      return writes;
    };
    const left = async () =>
      Number((await database.query<{ n: string }>(`select count(*) n from message_open where rule = 'offer'`))[0]!.n);
    const click = async (customerId: string, id: string) => {
      await unsubscribe(linkOf({ customerId, messageId: id }));
      answered.add(customerId);
    };
    const work = async (worker: number) => {
      while ((await left()) > 0) {
        const { reserved } = await ledger.claim({ worker, limit: 10, leaseMs: 60_000 }, watched);
        const last = reserved.filter((message) => offers.has(message.messageId)).at(-1);
        // Between claim and permit, where the claim knew nothing of it.
        if (last !== undefined) await click(last.customerId, last.messageId);
        const early = new Set(answered);
        const ids = reserved.map((message) => message.messageId);
        const permitted = await ledger.permit(worker, ids, 5_000);
        for (const { messageId: id, customerId } of reserved)
          if (permitted.has(id) && offers.has(id)) seen[early.has(customerId) ? 'permittedAfter' : 'permittedBefore']++;
        // Planned again at once: claimed until it is refused.
        await ledger.close(
          worker,
          ids.map((id) => ({ kind: 'release', messageId: id })),
          [],
        );
      }
    };
    const workers = [1, 2, 3].map(work);
    const hands = [0, 1, 2, 3].map(async (hand) => {
      for (let k = hand; k < open.length; k += 4) await click(customerIdOf(open[k]!.customer), open[k]!.message_id);
    });
    await Promise.all([...hands, ...workers]);
    expect(seen).toMatchObject({ reservedAfter: 0, permittedAfter: 0 });
    expect(seen.reservedBefore).toBeGreaterThan(0);
    expect(seen.permittedBefore).toBeGreaterThan(0);
    const messages = await ledger.list({ limit: 1_000, rule: 'offer' });
    expect(messages.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual(
      messages.map(() => 'suppressed no_consent'),
    );
    expect(messages).toHaveLength(customers.length);
    await waitUntil('the stream to hear of all', async () => {
      const [row] = await database.query<{ n: string }>('select count(*) n from stream_outbox');
      return row!.n === '0';
    });
    const told = (await loggedEvents(database)).filter(({ event }) => event['event'] === 'Consent Changed');
    expect(new Set(told.map(({ event }) => event['messageId'])).size).toBe(customers.length);
    expect(new Set(told.map(({ key }) => key))).toEqual(new Set(customers));
  });

  it('does so by the link of a real mail, and a rule hears of it', async () => {
    await database.query('truncate log, message_open, message, contact, customer_state');
    await start(true);
    await wantOffers(['ann']);
    const mails = async () => {
      const folder = join(data, 'outbox');
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.eml'));
      return Promise.all(files.sort().map((file) => PostalMime.parse(readFileSync(join(folder, file)))));
    };
    const [offer] = await waitUntil('the offer', async () => (await mails()).length === 1 && mails());
    const header = (name: string) => offer!.headers.find(({ key }) => key === name)!.value;
    expect(offer!.subject).toBe('An offer');
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    const link = new URL(/<(https?:[^>]+)>/.exec(header('list-unsubscribe'))![1]!).pathname;
    await unsubscribe(link);
    const both = await waitUntil('the goodbye', async () => (await mails()).length === 2 && mails());
    const goodbye = both.find(({ subject }) => subject === 'We heard you');
    expect(goodbye!.text).toContain('No more offers by email.');
    await unsubscribe(link);
    await wantOffers(['ann']);
    const { ledger } = standalone.backbone;
    await waitUntil(
      'the second offer',
      async () => (await ledger.list({ limit: 9, reason: 'no_consent' })).length === 1,
    );
    expect((await mails()).map(({ subject }) => subject).sort()).toEqual(['An offer', 'We heard you']);
    expect((await ledger.list({ limit: 9, rule: 'goodbye' })).length).toBe(1);
  });
});

function formOf(fields: { readonly [name: string]: string }): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}
