import { createHmac } from 'node:crypto';
import { InboxProvider } from '#channels';
import { customerIdOf, type WorkspaceFile } from '#core';
import { useDatabase } from '#testkit';
import { describeProviderContract, outgoing, yes } from '../integration/channels-contract.js';
import { CollectorUnderTest, openTestBackbone, prepareDatabase, WRITE_KEY } from './collector-under-test.js';
import { publishForTest } from './preferences-workspace.js';

const FILES = {
  'kairos.yaml': `time zone: UTC
locale: en
channels: [inbox]
categories: { promotional: { consent: none } }
`,
  'rules/abandoned-cart.yaml': `rule: abandoned-cart
category: promotional
start: { event: Product Added }
steps:
  - send: cart-reminder
  - wait: { for: { opened: cart-reminder }, up to: 1 day }
`,
  'templates/cart-reminder/inbox.hbs': 'Your cart',
};
/** A rule that hears what was opened. */
const WORKSPACE: readonly WorkspaceFile[] = Object.entries(FILES).map(([path, text]) => ({
  path,
  bytes: Buffer.from(text),
}));

/** As the shop's own server makes it. */
const bearer = (id: string, key = WRITE_KEY) =>
  `Bearer ${Buffer.from(id).toString('base64url')}.${createHmac('sha256', key).update(id).digest('hex')}`;

interface Page {
  readonly messages: readonly { readonly id: string; readonly text: string; readonly read_at: string | null }[];
  readonly unread: number;
  readonly next: string | null;
}

describe('the inbox of a customer', () => {
  const database = useDatabase();
  let collector: CollectorUnderTest;

  beforeAll(async () => {
    await prepareDatabase(database);
    collector = await CollectorUnderTest.start(database.url);
    await publishForTest(collector.backbone, WORKSPACE);
  });
  afterEach(() => database.query('truncate inbox_message, message, message_outcome, contact_feedback, stream_outbox'));
  afterAll(() => collector?.stop());

  const put = async (customer: string, text: string) => {
    const rendered = { subject: `About ${text}`, html: null, text, locale: 'en' };
    const message = outgoing({ channel: 'inbox', address: customer, customer, rendered });
    expect(await new InboxProvider(collector.backbone.inbox).send(message, yes)).toMatchObject({ kind: 'accepted' });
    return message.id;
  };
  /** As delivery closes it a moment later. */
  const close = async (id: string, customer: string) => {
    await database.query(`select ensure_days('message', array[message_day($1::uuid)])`, [id]);
    await database.query(
      `insert into message (day, message_id, customer_id, customer, rule, version, step, run, template, category, channel,
                            priority, planned_at, at, permitted_at, outcome, attempt)
       values (message_day($1), $1, $2, $3, 'abandoned-cart', 1, '1', 'cart', 'cart-reminder', 'promotional', 'inbox', 1, now(),
               now(), now(), 'sent', 1)`,
      [id, customerIdOf(customer), customer],
    );
  };
  const get = async (customer: string, query = '') => {
    const { status, body } = await collector.request(`/v1/inbox${query}`, {
      headers: { authorization: bearer(customer) },
    });
    return { status, page: body as unknown as Page };
  };
  const markRead = (customer: string, body: object) =>
    collector.post('/v1/inbox/read', body, { authorization: bearer(customer) });

  describeProviderContract('Inbox', async () => {
    const { inbox, close } = await openTestBackbone(database.url);
    return {
      provider: new InboxProvider(inbox),
      accepted: async () => {
        const rows = await database.query<{ id: string }>('select message_id as id from inbox_message order by at');
        return rows.map(({ id }) => id);
      },
      falter: async () =>
        void (await database.query('alter table inbox_message add constraint no check (false) not valid')),
      recover: async () => void (await database.query('alter table inbox_message drop constraint no')),
      stop: async () => {
        await database.query('alter table inbox_message drop constraint if exists no');
        await database.query('truncate inbox_message');
        await close();
      },
    };
  });

  it('is read page by page, the newest first', async () => {
    const ids = [];
    for (let n = 1; n <= 5; n++) ids.unshift(await put('ann', `news ${n}`));
    const first = (await get('ann', '?limit=2')).page;
    const second = (await get('ann', `?limit=2&after=${first.next}`)).page;
    const third = (await get('ann', `?limit=2&after=${second.next}`)).page;
    expect([first, second, third].flatMap(({ messages }) => messages.map(({ id }) => id))).toEqual(ids);
    expect([first.unread, third.next]).toEqual([5, null]);
    expect(first.messages[0]).toMatchObject({
      title: 'About news 5',
      text: 'news 5',
      category: 'promotional',
      read_at: null,
    });
  });

  it('is nobody else’s: neither read nor marked', async () => {
    const id = await put('ann', 'for ann');
    expect((await get('bob')).page).toEqual({ messages: [], unread: 0, next: null });
    expect((await markRead('bob', { ids: [id] })).body).toEqual({ read: [] });
    expect((await get('ann')).page.unread).toBe(1);
  });

  it.each([
    ['no token', {}],
    ['the write key alone', { authorization: `Basic ${Buffer.from(`${WRITE_KEY}:`).toString('base64')}` }],
    [
      'the signature of another',
      { authorization: bearer('bob').replace(/ [^.]+/, ` ${Buffer.from('ann').toString('base64url')}`) },
    ],
    ['another key', { authorization: bearer('ann', 'wk_other') }],
  ])('is not shown to %s', async (_what, headers: { [name: string]: string }) => {
    await put('ann', 'for ann');
    const { status, text } = await collector.request('/v1/inbox', { headers });
    expect(status).toBe(401);
    expect(text).not.toContain('for ann');
  });

  it('keeps when a message was read, once, and tells the rules, however fast she was', async () => {
    await database.query('truncate stream_outbox');
    const [one, two] = [await put('ann', 'one'), await put('ann', 'two')];
    await Promise.all([one, two].map((id) => close(id, 'ann')));
    expect((await markRead('ann', { ids: [one, 'no id'] })).body).toEqual({ read: [one] });
    expect((await markRead('ann', { all: true })).body).toEqual({ read: [two] });
    expect((await markRead('ann', { all: true })).body).toEqual({ read: [] });
    const { messages, unread } = (await get('ann')).page;
    expect([unread, messages.map(({ read_at }) => typeof read_at)]).toEqual([0, ['string', 'string']]);
    const told = await database.query<{ value: Buffer }>('select value from stream_outbox order by n');
    const events = told.map(({ value }) => JSON.parse(value.toString()) as { properties: object });
    expect(events).toMatchObject(
      [one, two].map((id) => ({
        event: 'Message Opened',
        userId: 'ann',
        messageId: `${id}:Message Opened::inbox`,
        properties: { message_id: id, channel: 'inbox', rule: 'abandoned-cart', template: 'cart-reminder' },
      })),
    );
    expect(events.some(({ properties }) => 'machine' in properties)).toBe(false);
  });

  it('counts for the channel that she uses, and once, though nobody had marked it after it was told', async () => {
    const id = await put('ann', 'one');
    await close(id, 'ann');
    await markRead('ann', { ids: [id] });
    await database.query('update inbox_message set read_at = null');
    expect((await markRead('ann', { ids: [id] })).body).toEqual({ read: [id] });
    const outcomes = await database.query('select kind, reason from message_outcome');
    expect(outcomes).toEqual([{ kind: 'opened', reason: null }]);
    const answers = await database.query('select customer_id, kind from contact_feedback');
    expect(answers).toEqual([{ customer_id: customerIdOf('ann'), kind: 'opened' }]);
  });

  it.each([{}, { ids: 'all' }, { ids: [1] }, { ids: Array.from({ length: 101 }, () => 'x') }])(
    'refuses %j as what was read',
    async (body) => {
      expect((await markRead('ann', body)).status).toBe(400);
    },
  );

  it('may be asked by pages of other addresses, and says what it can', async () => {
    const preflight = await collector.request('/v1/inbox/read', { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
    expect((await collector.request('/v1/inbox', { method: 'DELETE' })).status).toBe(405);
    expect((await get('ann', '?limit=0')).status).toBe(400);
  });
});
