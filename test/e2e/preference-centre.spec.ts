import {
  customerIdOf,
  decodeConsents,
  decodePreferences,
  encodeState,
  newCustomerState,
  partitionFor,
  preferencesToken,
} from '#core';
import { TcpProxy, useDatabase, waitUntil } from '#testkit';
import { plannedMessage } from '../integration/planned-message.js';
import { CollectorUnderTest, prepareDatabase, SECRET } from './collector-under-test.js';
import { PREFERENCES_WORKSPACE, publishForTest } from './preferences-workspace.js';

const ann = plannedMessage('ann');
const access = { customerId: ann.customerId, messageId: ann.message.id };
const linkOf = (changes: Partial<typeof access> = {}, secret = SECRET, now = Date.now()) =>
  `/u/p/${preferencesToken({ ...access, ...changes }, secret, now)}`;
const ALL = ['promotional', 'care', '*'].flatMap((category) =>
  ['email', 'sms'].map((channel) => `${category}|${channel}`),
);

describe('the preference centre', () => {
  const database = useDatabase();
  let proxy: TcpProxy;
  let collector: CollectorUnderTest;

  beforeAll(async () => {
    await prepareDatabase(database);
    proxy = await TcpProxy.to(database.url);
    collector = await CollectorUnderTest.start(proxy.through(database.url));
    await publishForTest(collector.backbone, PREFERENCES_WORKSPACE);
  });
  beforeEach(async () => {
    // The message in which the link stood says who she is.
    await database.query(
      `insert into message_open (message_id, shard, partition, customer_id, customer, rule, version, step, run, template,
                                 category, priority, planned_at, not_before, plan)
       values ($1, 0, 0, $2, 'ann', 'r', 1, '1', 'run', 't', 'promotional', 1, now(), now() + interval '1 day', '')`,
      [access.messageId, access.customerId],
    );
  });
  afterEach(() => database.query('truncate contact, contact_inbox, stream_outbox, message_open, customer_state'));
  afterAll(async () => {
    await collector?.stop();
    await proxy?.stop();
  });

  const page = async (headers: { [name: string]: string } = {}, link = linkOf()) =>
    (await collector.request(link, { headers })).text;
  /** As a browser does: all boxes that were shown, those that are ticked, and the rest of the form. */
  const submit = (
    ticked: readonly string[],
    rest: { readonly [name: string]: string } = {},
    { link = linkOf(), shown = ALL }: { link?: string; shown?: readonly string[] } = {},
  ) => {
    const form = new URLSearchParams({ first: '', often: '', from: '21:00', to: '09:00', ...rest });
    for (const box of shown) form.append('shown', box);
    for (const box of ticked) form.append('want', box);
    return collector.request(link, { method: 'POST', body: form, redirect: 'manual' });
  };
  const ON = ['*|email', '*|sms'];
  const stored = async () => {
    const [row] = await database.query<{ consents: Buffer; preferences: Buffer; consent_version: number }>(
      'select consents, preferences, consent_version from contact',
    );
    return {
      consents: decodeConsents(row!.consents).map(({ category, channel, given, source }) => [
        category,
        channel,
        given,
        source,
      ]),
      preferences: decodePreferences(row!.preferences)!,
      version: row!.consent_version,
    };
  };
  const ticked = (text: string) =>
    [...text.matchAll(/<input type="(?:checkbox|radio)" name="(\w+)" value="([^"]*)" checked>/g)].map(
      ([, name, value]) => `${name}=${value}`,
    );

  it('shows what holds: consents by category, channels, nothing chosen', async () => {
    const { status, headers, text } = await collector.request(linkOf());
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect([headers.get('cache-control'), headers.get('referrer-policy'), headers.get('set-cookie')]).toEqual([
      'no-store',
      'no-referrer',
      null,
    ]);
    expect(ticked(text)).toEqual([
      'want=care|email',
      'want=care|sms',
      'want=*|email',
      'want=*|sms',
      'first=',
      'often=',
    ]);
    expect(text).toContain('The &#60;Lamp&#62; Shop');
    expect(text).toContain('<legend>Offers and news</legend>');
    expect(text).not.toContain('transactional');
    expect(text).not.toMatch(/<script|<img|<link|https?:|src=|action=|javascript:/i);
  });

  it('changes nothing when it is looked at, however that is done', async () => {
    for (const init of [{}, { method: 'HEAD' }, { method: 'OPTIONS' }, { headers: { 'sec-purpose': 'prefetch' } }])
      expect((await collector.request(linkOf(), init)).status).toBeLessThan(300);
    expect((await collector.request(linkOf(), { method: 'PUT' })).status).toBe(405);
    expect(await database.query('select 1 from contact')).toEqual([]);
  });

  it('writes consents, and tells the stream of each that changed', async () => {
    const answer = await submit([...ON, 'promotional|sms', 'care|email']);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '?saved']);
    expect((await stored()).consents).toEqual([
      ['care', 'sms', false, 'customer'],
      ['promotional', 'sms', true, 'customer'],
    ]);
    const rows = await database.query<{ value: Buffer }>('select value from stream_outbox order by n');
    const events = rows.map(({ value }) => JSON.parse(value.toString('utf8')) as { [name: string]: unknown });
    expect(events.map(({ event, userId, properties }) => [event, userId, properties])).toEqual([
      [
        'Consent Changed',
        'ann',
        {
          category: 'promotional',
          channel: 'sms',
          given: true,
          source: 'preference centre',
          message_id: access.messageId,
        },
      ],
      [
        'Consent Changed',
        'ann',
        { category: 'care', channel: 'sms', given: false, source: 'preference centre', message_id: access.messageId },
      ],
    ]);
    expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(2);
    expect(ticked(await page()).slice(0, 2)).toEqual(['want=promotional|sms', 'want=care|email']);
  });

  it('tells the stream nothing where nothing changed, and leaves alone what the page did not show', async () => {
    await submit([...ON, 'care|email', 'care|sms']);
    expect(await database.query('select 1 from stream_outbox')).toEqual([]);
    await submit([], {}, { shown: ['promotional|email'] });
    const { consents, preferences } = await stored();
    expect([consents, preferences.off]).toEqual([[], []]);
  });

  it('keeps everything else she chooses, and shows it again', async () => {
    await submit(['*|email', 'care|email', 'care|sms'], {
      first: 'sms',
      only: 'on',
      quiet: 'on',
      from: '20:30',
      to: '08:15',
      often: '1/7',
    });
    const { preferences, version } = await stored();
    expect(preferences).toEqual({
      channel: 'sms',
      only: true,
      off: ['sms'],
      quiet: { from: 1230, to: 495 },
      pausedUntil: null,
      cap: { atMost: 1, days: 7 },
      endedPauses: {},
    });
    expect(version).toBe(1);
    const text = await page();
    expect(ticked(text)).toEqual([
      'want=care|email',
      'want=care|sms',
      'want=*|email',
      'first=sms',
      'only=on',
      'often=1/7',
      'quiet=on',
    ]);
    expect(text).toContain('value="20:30"');
    await submit([...ON, 'care|email', 'care|sms']);
    expect((await stored()).preferences).toMatchObject({ channel: null, only: false, off: [], quiet: null, cap: null });
  });

  it('pauses for thirty days, says until when, and ends the pause when she wants', async () => {
    await submit(ON, { pause: 'begin' });
    const until = (await stored()).preferences.pausedUntil!;
    expect(Math.abs(until - Date.now() - 30 * 86_400_000)).toBeLessThan(60_000);
    const said = new Intl.DateTimeFormat('de', { dateStyle: 'long', timeZone: 'Europe/Berlin' }).format(until);
    expect(await page({ 'accept-language': 'de' })).toContain(`bis zum ${said}.`);
    await submit(ON);
    expect((await stored()).preferences.pausedUntil).toBe(until);
    await submit(ON, { pause: 'end' });
    expect((await stored()).preferences.pausedUntil).toBeNull();
  });

  it('shows the pause of a rule, and ends it', async () => {
    const state = newCustomerState('ann');
    const until = Date.now() + 10 * 86_400_000;
    state.pauses.push({ category: 'promotional', until, run: 7 });
    const home = [partitionFor('ann', 4), access.customerId, Buffer.from(encodeState(state))] as const;
    await database.query('insert into customer_state (partition, customer_id, state) values ($1, $2, $3)', [...home]);
    expect(await page()).toContain('You have a pause until');
    await submit(ON, { pause: 'end' });
    expect((await stored()).preferences.endedPauses).toEqual({ promotional: until });
    expect(await page()).toContain('Send me nothing for 30 days');
  });

  it.each([
    [{ quiet: 'on', from: '21:00', to: '21:00' }],
    [{ quiet: 'on', from: '25:00', to: '21:00' }],
    [{ quiet: 'on', from: '', to: '' }],
  ])('says that quiet hours of %j make no sense, and keeps nothing', async (rest) => {
    const answer = await submit(['promotional|email'], rest);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('role="alert"');
    expect(await database.query('select 1 from contact')).toEqual([]);
  });

  it('takes nothing that it does not offer', async () => {
    const strange = ['gone|email', 'transactional|email', 'promotional|fax', '__proto__|email', 'promotional|push'];
    const answer = await submit(
      strange,
      { first: 'fax', often: '1000/1', pause: 'forever', only: 'on' },
      { shown: strange },
    );
    expect(answer.status).toBe(303);
    const { consents, preferences } = await stored();
    expect(consents).toEqual([]);
    expect(preferences).toMatchObject({ channel: null, only: false, cap: null, pausedUntil: null });
    const huge = await submit(Array.from({ length: 5_000 }, (_, n) => `category-${n}|email`));
    expect(huge.status).toBe(413);
  });

  it('is closed to links that were changed, are old, are signed by others, or are for something else', async () => {
    const good = linkOf();
    const old = linkOf({}, SECRET, Date.now() - 181 * 86_400_000);
    for (const link of [`${good}x`, `${good.slice(0, -3)}AAA`, old, linkOf({}, `${SECRET}!`), '/u/p/x']) {
      expect([link, (await collector.request(link)).status]).toEqual([link, 404]);
      expect([link, (await submit(['promotional|email'], {}, { link })).status]).toEqual([link, 404]);
    }
    expect(await database.query('select 1 from contact')).toEqual([]);
  });

  it.each([
    ['de-AT', 'de', 'Speichern'],
    ['fr;q=0.5, es', 'fr', 'Enregistrer'],
    ['ja', 'en', 'Save'],
    ['', 'en', 'Save'],
  ])('speaks the language that is asked for: %s', async (languages, spoken, button) => {
    const text = await page({ 'accept-language': languages });
    expect(text).toContain(`<html lang="${spoken}">`);
    expect(text).toContain(`<button type="submit">${button}</button>`);
  });

  it('does not say that it was saved while the database is away', async () => {
    await page();
    proxy.cut();
    const answer = await submit(['promotional|email']);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    proxy.mend();
    await waitUntil('it is saved', async () => (await submit(['promotional|email'])).status === 303);
    expect(collector.lines.join()).not.toContain(customerIdOf('ann'));
  });
});
