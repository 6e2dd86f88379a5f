import { createHmac } from 'node:crypto';
import { encodeState, feedbackToken, newCustomerState, partitionFor, type WorkspaceFile } from '#core';
import { decodeSuppressed } from '#engine';
import { useDatabase } from '#testkit';
import { plannedMessage } from '../integration/planned-message.js';
import { CollectorUnderTest, prepareDatabase, SECRET } from './collector-under-test.js';
import { publishForTest } from './preferences-workspace.js';

const FILES = {
  'kairos.yaml': `time zone: Europe/Berlin
locale: en
channels: [sms, whatsapp, viber]
categories: { care: { consent: opt-out } }
providers:
  sms: { kind: twilio, account: TWILIO_ACCOUNT, token: TWILIO_TOKEN, from: "+4930123456", country: DE }
  whatsapp: { kind: whatsapp, token: WHATSAPP_TOKEN, phone: WHATSAPP_PHONE, app secret: WHATSAPP_APP, verify token: WHATSAPP_VERIFY }
  viber: { kind: viber, token: VIBER_TOKEN, from: Shop }
`,
  'rules/thanks.yaml': `rule: thanks
category: care
start: { event: Order Completed }
steps:
  - send: thanks
  - wait: { for: { delivered: thanks }, up to: 1 day }
`,
  'templates/thanks/sms.hbs': 'Thank you.',
  'templates/thanks/whatsapp.hbs': 'Thank you.',
  'templates/thanks/viber.hbs': 'Thank you.',
};
const WORKSPACE: readonly WorkspaceFile[] = Object.entries(FILES).map(([path, text]) => ({
  path,
  bytes: Buffer.from(text),
}));
const SECRETS = { TWILIO_TOKEN: 'tw', WHATSAPP_APP: 'app', WHATSAPP_VERIFY: 'a word', VIBER_TOKEN: 'vb' };

const ann = plannedMessage('ann');
const ID = ann.message.id;
const TOKEN = feedbackToken(ID, SECRET, Date.now());
const WAMID = 'wamid.HBgL';
const VIBER = '4912661846655238145';

const hex = (secret: string, body: string): string => createHmac('sha256', secret).update(body).digest('hex');

describe('what providers tell of messages', () => {
  const database = useDatabase();
  let collector: CollectorUnderTest;

  beforeAll(async () => {
    await prepareDatabase(database);
    collector = await CollectorUnderTest.start(database.url, { secrets: SECRETS });
    await publishForTest(collector.backbone, WORKSPACE);
  });
  beforeEach(() =>
    database.query('truncate contact, customer_state, message, message_open, message_outcome, stream_outbox'),
  );
  afterAll(() => collector?.stop());

  /** A message that has left on this channel, and how the provider named it. */
  const left = async (channel: string, providerId: string): Promise<void> => {
    await database.query(`select ensure_days('message', array[message_day($1::uuid)])`, [ID]);
    await database.query(
      `insert into message (day, message_id, customer_id, customer, rule, version, step, run, template, category, channel,
                            priority, planned_at, at, permitted_at, outcome, attempt, provider_id)
       values (message_day($1), $1, $2, 'ann', 'thanks', 1, '1', 'order', 'thanks', 'care', $3, 1, now(), now(), now(), 'sent', 1, $4)`,
      [ID, ann.customerId, channel, providerId],
    );
  };
  const twilio = async (form: { readonly [name: string]: string }, changes: { token?: string; m?: string } = {}) => {
    const path = `/v1/feedback/twilio?m=${encodeURIComponent(changes.m ?? TOKEN)}`;
    const fields = Object.entries(form).sort(([a], [b]) => (a < b ? -1 : 1));
    const signed = collector.backbone.config.publicUrl + path + fields.flat().join('');
    const signature = createHmac('sha1', changes.token ?? 'tw')
      .update(signed)
      .digest('base64');
    return collector.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
      body: new URLSearchParams(form).toString(),
    });
  };
  const whatsapp = (value: object, secret = 'app') => {
    const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ value }] }] });
    return collector.request('/v1/feedback/whatsapp', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${hex(secret, body)}` },
      body,
    });
  };
  const viber = (event: string, token = VIBER, at = Date.now()) => {
    const body = `{"event":"${event}","timestamp":${at},"message_token":${token},"user_id":"01234567890A="}`;
    return collector.request('/v1/feedback/viber', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-viber-content-signature': hex('vb', body) },
      body,
    });
  };
  const recorded = async (): Promise<string[]> => {
    const rows = await database.query<{ kind: string; reason: string | null }>(
      'select kind, reason from message_outcome order by kind',
    );
    return rows.map(({ kind, reason }) => `${kind} ${reason ?? ''}`.trim());
  };
  const suppressed = async (): Promise<string[]> => {
    const rows = await database.query<{ addresses: Buffer | null }>('select addresses from contact');
    return rows
      .flatMap(({ addresses }) => decodeSuppressed(addresses))
      .map(({ channel, address }) => `${channel} ${address}`);
  };
  const seconds = (): string => String(Math.floor(Date.now() / 1000));

  it('Twilio: delivered once, however often it says so, and the rule that waits for it hears of it', async () => {
    await left('sms', 'SM1');
    const form = { MessageSid: 'SM1', MessageStatus: 'delivered', To: '+491701234567', AccountSid: 'AC1' };
    expect((await twilio(form)).body).toEqual({ success: true, results: ['recorded'] });
    expect((await twilio(form)).body).toEqual({ success: true, results: ['copy'] });
    expect((await twilio({ ...form, MessageStatus: 'sent' })).body).toEqual({ success: true, results: [] });
    expect(await recorded()).toEqual(['delivered']);
    const told = await database.query<{ value: Buffer }>('select value from stream_outbox');
    expect(told.map(({ value }) => JSON.parse(value.toString()) as object)).toEqual([
      expect.objectContaining({
        event: 'Message Delivered',
        userId: 'ann',
        properties: expect.objectContaining({ message_id: ID, template: 'thanks', channel: 'sms' }),
      }),
    ]);
  });

  it('Twilio: a forged signature, and an address made by somebody else, change nothing', async () => {
    await left('sms', 'SM1');
    const form = { MessageSid: 'SM1', MessageStatus: 'delivered' };
    expect((await twilio(form, { token: 'another' })).status).toBe(403);
    const foreign = feedbackToken(ID, 'a secret of somebody else, also 32 long', Date.now());
    expect((await twilio(form, { m: foreign })).body).toEqual({ success: true, results: [] });
    expect(await recorded()).toEqual([]);
  });

  it('Twilio: a number that takes no texts is not used any more', async () => {
    await left('sms', 'SM1');
    const state = newCustomerState('ann');
    state.traits.set('phone', '+491701234567', Date.now());
    await database.query('insert into customer_state (partition, customer_id, state) values ($1, $2, $3)', [
      partitionFor('ann', 4),
      ann.customerId,
      Buffer.from(encodeState(state)),
    ]);
    const form = { MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30006' };
    expect((await twilio(form)).body).toEqual({ success: true, results: ['recorded'] });
    expect(await recorded()).toEqual(['bounced hard']);
    expect(await suppressed()).toEqual(['sms +491701234567']);
  });

  it('WhatsApp: proves its address only to who knows the word', async () => {
    const ask = (word: string) =>
      collector.request(`/v1/feedback/whatsapp?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${word}`);
    const right = await ask('a%20word');
    expect([right.status, right.text]).toEqual([200, '1158201444']);
    expect((await ask('another')).status).toBe(403);
    const script = await collector.request(
      '/v1/feedback/whatsapp?hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=a%20word',
    );
    expect(script.status).toBe(403);
  });

  it('WhatsApp: several statuses in one call, out of order, and a reply to a message that only WhatsApp names', async () => {
    await left('whatsapp', WAMID);
    const about = { id: WAMID, timestamp: seconds(), recipient_id: '491701234567', biz_opaque_callback_data: ID };
    const statuses = [
      { ...about, status: 'read' },
      { ...about, status: 'delivered' },
      { ...about, status: 'delivered' },
      { id: 'wamid.of-somebody', timestamp: seconds(), status: 'delivered' },
      { ...about, status: 'delivered', timestamp: '1577836800' },
    ];
    const messages = [
      { from: '491701234567', id: 'wamid.2', timestamp: seconds(), context: { id: WAMID }, type: 'text' },
    ];
    const { body } = await whatsapp({ statuses, messages });
    expect(body['results']).toEqual(['recorded', 'recorded', 'copy', 'unknown', 'ignored', 'recorded']);
    expect((await recorded()).map((line) => line.split(' ')[0])).toEqual(['delivered', 'opened', 'replied']);
    expect((await whatsapp({ statuses }, 'another')).status).toBe(403);
  });

  it('Viber: a message is known by the number that Viber gave it, all its digits', async () => {
    await left('viber', VIBER);
    expect((await viber('delivered')).body).toEqual({ success: true, results: ['recorded'] });
    // It may be told before it is written down that Viber took it: Viber asks again.
    const early = await viber('delivered', '4912661846655238144');
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '5']);
    const old = await viber('delivered', '4912661846655238144', Date.now() - 3_600_000);
    expect(old.body).toEqual({ success: true, results: ['unknown'] });
    expect((await viber('subscribed')).body).toEqual({ success: true, results: [] });
    expect(await recorded()).toEqual(['delivered']);
  });

  it('a message whose fallback waits is found, too', async () => {
    await database.query(
      `insert into message_open (message_id, shard, partition, customer_id, customer, rule, version, step, run, template, category,
                                 channel, priority, planned_at, not_before, state, sent_on, sent_at, sent_provider_id, plan)
       values ($1, 0, 0, $2, 'ann', 'thanks', 1, '1', 'order', 'thanks', 'care', 'viber', 1, now(), now() + interval '1 day', 3,
               array['viber'], now(), $3, '')`,
      [ID, ann.customerId, VIBER],
    );
    expect((await viber('failed')).body).toEqual({ success: true, results: ['recorded'] });
    const [row] = await database.query<{ due: boolean }>('select not_before <= now() as due from message_open');
    expect(row).toEqual({ due: true });
  });

  it('what WhatsApp tells of a message that has gone on by SMS is about WhatsApp, and what it tells again about nothing', async () => {
    const knows = async (whatsappNumber: string) => {
      const state = newCustomerState('ann');
      state.traits.set('phone', '+491701234567', Date.now());
      state.traits.set('whatsapp', whatsappNumber, Date.now());
      await database.query(
        `insert into customer_state (partition, customer_id, state) values ($1, $2, $3)
         on conflict (partition, customer_id) do update set state = excluded.state`,
        [partitionFor('ann', 4), ann.customerId, Buffer.from(encodeState(state))],
      );
    };
    await knows('491701111111');
    await database.query(
      `insert into message_open (message_id, shard, partition, customer_id, customer, rule, version, step, run, template, category,
                                 channel, priority, planned_at, not_before, state, sent_on, sent_at, sent_provider_id, plan)
       values ($1, 0, 0, $2, 'ann', 'thanks', 1, '1', 'order', 'thanks', 'care', 'sms', 1, now(), now() + interval '1 day', 3,
               array['whatsapp', 'sms'], now(), 'SM1', '')`,
      [ID, ann.customerId],
    );
    const failed = { id: WAMID, timestamp: seconds(), biz_opaque_callback_data: ID, status: 'failed' };
    const tell = () => whatsapp({ statuses: [{ ...failed, errors: [{ code: 131026 }] }] });
    expect((await tell()).body['results']).toEqual(['recorded']);
    expect(await suppressed()).toEqual(['whatsapp 491701111111']);
    // What waits for an answer to the SMS goes on waiting.
    expect(await database.query('select not_before > now() as waits from message_open')).toEqual([{ waits: true }]);
    await knows('491702222222');
    expect((await tell()).body['results']).toEqual(['copy']);
    expect(await suppressed()).toEqual(['whatsapp 491701111111']);
  });

  it('without the secret nothing is believed, and the answer says what is missing', async () => {
    const bare = await CollectorUnderTest.start(database.url);
    try {
      const answer = await bare.request('/v1/feedback/viber', { method: 'POST', body: '{}' });
      expect([answer.status, JSON.stringify(answer.body)]).toEqual([
        404,
        expect.stringContaining('kairos.yaml names its secret'),
      ]);
    } finally {
      await bare.stop();
    }
  });

  it('nobody is suppressed by who does not say that the address is dead', async () => {
    await left('viber', VIBER);
    await viber('failed');
    expect(await suppressed()).toEqual([]);
  });
});
