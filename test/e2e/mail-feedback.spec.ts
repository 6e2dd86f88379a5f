import { feedbackToken } from '#core';
import { decodeSuppressed } from '#engine';
import { useDatabase } from '#testkit';
import { plannedMessage } from '../integration/planned-message.js';
import { basic, CollectorUnderTest, prepareDatabase, SECRET, WRITE_KEY } from './collector-under-test.js';
import { PREFERENCES_WORKSPACE, publishForTest } from './preferences-workspace.js';

const ann = plannedMessage('ann');
const TOKEN = feedbackToken(ann.message.id, SECRET, Date.now());
const ours = (token: string | null) =>
  [
    'From: The Shop <hello@shop.test>',
    'To: ann@shop.test',
    'Subject: =?UTF-8?B?R3LDvMOfZQ==?=',
    ...(token === null ? [] : [`X-Kairos-Feedback: ${token}`]),
    'Content-Type: text/plain',
    '',
    'Hello',
  ].join('\r\n');

interface Report {
  readonly type: 'delivery-status' | 'feedback-report';
  readonly fields: readonly string[];
  readonly token?: string | null;
  readonly headersOnly?: boolean;
}

function report({ type, fields, token = TOKEN, headersOnly = false }: Report): string {
  const original = headersOnly ? ours(token).split('\r\n\r\n')[0]! : ours(token);
  return [
    'From: MAILER-DAEMON@mx.test (Mail Delivery System)',
    'To: hello@shop.test',
    'Subject: Undelivered Mail Returned to Sender',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=${type}; boundary="b1"`,
    '',
    'This is a MIME-encapsulated message.',
    '',
    '--b1',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    "I'm sorry to have to inform you that your message could not be delivered. Status: 5.1.1 X-Kairos-Feedback: no",
    '',
    '--b1',
    `Content-Type: message/${type}`,
    '',
    ...fields,
    '',
    '--b1',
    `Content-Type: ${headersOnly ? 'text/rfc822-headers' : 'message/rfc822'}`,
    '',
    original,
    '',
    '--b1--',
    '',
  ].join('\r\n');
}

const MTA = ['Reporting-MTA: dns; mx.test', 'Arrival-Date: Sat, 28 Nov 2026 10:00:00 +0000', ''];
const status = (action: string, code: string, diagnostic: string, more: readonly string[] = []) => [
  ...MTA,
  'Final-Recipient: rfc822; ann@shop.test',
  `Action: ${action}`,
  `Status: ${code}`,
  'Remote-MTA: dns; mx.test',
  `Diagnostic-Code: smtp; ${diagnostic}`,
  ...more,
];

describe('reports that come back by mail', () => {
  const database = useDatabase();
  let collector: CollectorUnderTest;

  beforeAll(async () => {
    await prepareDatabase(database);
    collector = await CollectorUnderTest.start(database.url);
    await publishForTest(collector.backbone, PREFERENCES_WORKSPACE);
  });
  beforeEach(() =>
    database.query(
      `insert into message_open (message_id, shard, partition, customer_id, customer, rule, version, step, run, template,
                                 category, channel, priority, planned_at, not_before, plan)
       values ($1, 0, 0, $2, 'ann', 'r', 1, '1', 'run', 't', 'promotional', 'email', 1, now(), now() + interval '1 day', '')`,
      [ann.message.id, ann.customerId],
    ),
  );
  afterEach(() => database.query('truncate contact, message_open, message_outcome'));
  afterAll(() => collector?.stop());

  const post = async (mail: string, headers: { [name: string]: string } = {}) => {
    const { status: code, body } = await collector.request('/v1/feedback/mail', {
      method: 'POST',
      headers: { authorization: basic(WRITE_KEY), 'content-type': 'message/rfc822', ...headers },
      body: mail,
    });
    return [code, body['result']];
  };
  const recorded = async () => {
    const outcomes = await database.query<{ kind: string; reason: string | null }>(
      'select kind, reason from message_outcome',
    );
    const contacts = await database.query<{ addresses: Buffer | null }>('select addresses from contact');
    return {
      outcomes: outcomes.map(({ kind, reason }) => `${kind} ${reason ?? ''}`.trim()),
      suppressed: contacts.flatMap(({ addresses }) => decodeSuppressed(addresses)).map(({ address }) => address),
    };
  };

  it.each<[string, readonly string[], string, readonly string[]]>([
    [
      'an address that does not exist',
      status('failed', '5.1.1', '550 5.1.1 User unknown'),
      'bounced hard',
      ['ann@shop.test'],
    ],
    [
      'one that has moved, without a code',
      status('failed', '5.0.0', '551 not here'),
      'bounced hard',
      ['ann@shop.test'],
    ],
    ['a full mailbox', status('failed', '5.2.2', '552 5.2.2 mailbox full'), 'bounced hard', []],
    ['a mail taken for spam', status('failed', '5.0.0', '550 5.7.1 rejected as spam'), 'bounced hard', []],
    ['a server that gave up waiting', status('failed', '4.4.1', '421 no answer'), 'bounced soft', []],
    ['one that still tries', status('delayed', '4.4.1', '421 no answer'), 'bounced soft', []],
    ['one that has delivered', status('delivered', '2.0.0', '250 ok'), 'delivered', []],
  ])('tell of %s', async (_, fields, outcome, suppressed) => {
    expect(await post(report({ type: 'delivery-status', fields }))).toEqual([200, 'recorded']);
    expect(await recorded()).toEqual({ outcomes: [outcome], suppressed });
  });

  it('tell of a complaint, of which nobody says whose it is', async () => {
    const fields = [
      'Feedback-Type: abuse',
      'User-Agent: Yahoo!-Mail-Feedback/2.0',
      'Version: 1',
      'Original-Rcpt-To: ann@shop.test',
    ];
    expect(await post(report({ type: 'feedback-report', fields, headersOnly: true }))).toEqual([200, 'recorded']);
    expect(await recorded()).toEqual({ outcomes: ['complained'], suppressed: ['ann@shop.test'] });
    const other = ['Feedback-Type: not-spam', 'Version: 1'];
    expect(await post(report({ type: 'feedback-report', fields: other }))).toEqual([200, 'ignored']);
  });

  it('are written down once, and in any order', async () => {
    const bounce = report({ type: 'delivery-status', fields: status('failed', '5.1.1', '550 5.1.1 no') });
    const delayed = report({ type: 'delivery-status', fields: status('delayed', '4.4.1', '421 later') });
    expect((await Promise.all([post(bounce), post(bounce), post(bounce)])).map(([, result]) => result).sort()).toEqual([
      'copy',
      'copy',
      'recorded',
    ]);
    expect(await post(delayed)).toEqual([200, 'recorded']);
    expect((await recorded()).outcomes.sort()).toEqual(['bounced hard', 'bounced soft']);
  });

  it('are believed only of who has the mail', async () => {
    const fields = status('failed', '5.1.1', '550 5.1.1 no');
    const old = feedbackToken(ann.message.id, SECRET, Date.now() - 121 * 86_400_000);
    for (const token of [null, 'x', feedbackToken(ann.message.id, `${SECRET}!`, Date.now()), old])
      expect(await post(report({ type: 'delivery-status', fields, token }))).toEqual([200, 'unknown']);
    expect(await recorded()).toEqual({ outcomes: [], suppressed: [] });
  });

  it.each([
    ['an answer by hand', ours(TOKEN)],
    ['nothing', '\r\n'],
    ['what is no mail', '\u0000\u0001{"a":'],
    ['a nest of mails', `${'Content-Type: message/rfc822\r\n\r\n'.repeat(200)}x`],
  ])('are not %s', async (_, mail) => {
    expect((await post(mail))[0]).toBe(200);
    expect(await recorded()).toEqual({ outcomes: [], suppressed: [] });
  });

  it('need the write key, and a body', async () => {
    expect((await post(ours(TOKEN), { authorization: basic('wk_wrong') }))[0]).toBe(401);
    expect((await post('{}', { 'content-type': 'application/json' }))[0]).toBe(415);
    expect((await post('x'.repeat(3_000_000)))[0]).toBe(413);
  });
});
