import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { readConfig } from '#config';
import { clickToken, openToken, type WorkspaceFile } from '#core';
import { systemClock } from '#hosting';
import { useDatabase, waitUntil } from '#testkit';
import { startStandalone, type Standalone } from '../../apps/standalone/src/start-standalone.js';
import { messageIdOf } from '../integration/planned-message.js';
import { basic, loggedEvents, SECRET, WRITE_KEY } from './collector-under-test.js';

const FILES = {
  'kairos.yaml': `time zone: UTC
locale: en
channels: [email]
categories:
  promotional: { consent: opt-out }
same content: off
`,
  'rules/offer.yaml': `rule: offer
category: promotional
start: { event: Offer Wanted }
steps:
  - send: { template: offer, style: brief, expires: 1 day }
`,
  'rules/thanks.yaml': `rule: thanks
category: promotional
start: { clicked: offer }
steps:
  - send: { template: thanks, expires: 1 day }
`,
  'templates/offer/subject.hbs': 'An offer',
  'templates/offer/email.hbs': '<p>The plain one, for sends without a style.</p>',
  'templates/offer/email.brief.hbs': '<p><a href="https://shop.test/lamp?from=mail&amp;id=7">The lamp</a></p>',
  'templates/thanks/subject.hbs': 'Thanks for looking',
  'templates/thanks/email.hbs': '<p><a href="https://shop.test/">Shop</a>{{! tracking: off }}</p>',
};
const WORKSPACE: readonly WorkspaceFile[] = Object.entries(FILES).map(([path, text]) => ({
  path,
  bytes: Buffer.from(text),
}));
const PERSON = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0' };

describe('opens and clicks', () => {
  const database = useDatabase();
  let data: string;
  let standalone: Standalone;

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'kairos-tracking-'));
    const env = {
      KAIROS_DATA: data,
      KAIROS_HTTP: '127.0.0.1:0',
      KAIROS_OPS: '127.0.0.1:0',
      KAIROS_PARTITIONS: '4',
      KAIROS_WRITE_KEY: WRITE_KEY,
      KAIROS_SECRET: SECRET,
      DATABASE_URL: database.url,
    };
    standalone = await startStandalone({
      config: readConfig(env, { directory: data, workspace: '.', terminal: false }),
      files: WORKSPACE,
      clock: systemClock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      secrets: {},
      say: () => undefined,
      hostDelivery: true,
    });
  });
  afterAll(async () => {
    await standalone?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const mails = async () => {
    const folder = join(data, 'outbox');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.eml'));
    return Promise.all(files.sort().map((file) => PostalMime.parse(readFileSync(join(folder, file)))));
  };
  /** The offer to somebody, received a minute ago. */
  const offerTo = async (userId: string, traits: object = {}) => {
    const batch = [
      { type: 'identify', userId, traits: { email: `${userId}@shop.test`, ...traits } },
      { type: 'track', event: 'Offer Wanted', userId },
    ];
    await fetch(`${standalone.collectorUrl}/v1/batch`, {
      method: 'POST',
      headers: { authorization: basic(WRITE_KEY), 'content-type': 'application/json' },
      body: JSON.stringify({ batch }),
    });
    const mail = await waitUntil('the offer', async () =>
      (await mails()).find(({ subject, to }) => subject === 'An offer' && to?.[0]?.address === `${userId}@shop.test`),
    );
    const id = await waitUntil('it to be closed', async () => {
      const rows = await database.query<{ message_id: string }>(
        `update message set at = at - interval '1 minute', permitted_at = permitted_at - interval '1 minute'
          where customer = $1 and rule = 'offer' returning message_id`,
        [userId],
      );
      return rows[0]?.message_id;
    });
    const paths = [...mail.html!.matchAll(/(?:href|src)="https?:\/\/[^"/]+(\/[co]\/[^"]+)"/g)].map(([, path]) => path!);
    return {
      id,
      mail,
      click: paths.find((path) => path.startsWith('/c/')),
      open: paths.find((path) => path.startsWith('/o/')),
    };
  };
  const get = (path: string, init: RequestInit = {}) =>
    fetch(standalone.collectorUrl + path, { redirect: 'manual', headers: PERSON, ...init });
  const outcomesOf = async (id: string) =>
    (
      await database.query<{ kind: string; reason: string | null; detail: Buffer }>(
        `select kind, reason, detail from message_outcome where message_id = $1 and kind <> 'deferred' order by at`,
        [id],
      )
    ).map(({ kind, reason, detail }) => ({
      kind,
      reason,
      link: (JSON.parse(detail.toString()) as { link?: string }).link,
    }));

  it('are noticed, lead where they led, and a rule hears of the click', async () => {
    const { id, click, open, mail } = await offerTo('ann');
    const picture = await get(open!);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/gif']);
    expect(picture.headers.get('cache-control')).toBe('no-store, private');
    const answer = await get(click!);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://shop.test/lamp?from=mail&id=7']);
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    await waitUntil('both', async () => (await outcomesOf(id)).length === 2);
    expect(await outcomesOf(id)).toEqual([
      { kind: 'opened', reason: null, link: undefined },
      { kind: 'clicked', reason: null, link: 'https://shop.test/lamp?from=mail&id=7' },
    ]);
    const thanks = await waitUntil('the thanks', async () =>
      (await mails()).find(
        ({ subject, to }) => subject === 'Thanks for looking' && to?.[0]?.address === 'ann@shop.test',
      ),
    );
    expect(thanks.html).toContain('href="https://shop.test/"');
    expect(thanks.html).not.toContain('/o/');
    expect(mail.html).toMatch(/href="[^"]+\/u\/[^"]+"/);
    // Of opens no rule asks, so the stream does not hear of them.
    const told = (await loggedEvents(database)).map(({ event }) => event['event']);
    expect(told).toContain('Message Clicked');
    expect(told).not.toContain('Message Opened');
  });

  it('of programs are marked, and start nothing', async () => {
    const { id, click, open } = await offerTo('bob');
    expect((await get(click!, { method: 'HEAD' })).status).toBe(302);
    await get(open!, { headers: { 'user-agent': 'Mozilla/5.0' } });
    await get(open!, { headers: { ...PERSON, 'sec-purpose': 'prefetch' } });
    await waitUntil('they are noted', async () => (await outcomesOf(id)).length >= 2);
    expect((await outcomesOf(id)).map(({ kind, reason }) => [kind, reason])).toEqual(
      expect.arrayContaining([
        ['clicked', 'bot'],
        ['opened', 'machine'],
      ]),
    );
    const told = await waitUntil('the stream to hear of it', async () =>
      (await loggedEvents(database)).find(({ key, event }) => key === 'bob' && event['event'] === 'Message Clicked'),
    );
    expect(told.event['properties']).toMatchObject({ machine: true, bot: true, template: 'offer' });
    // A person's click afterwards does start the rule: what came before it was passed over.
    await get(click!);
    await waitUntil('the thanks', async () =>
      (await mails()).find(
        ({ subject, to }) => subject === 'Thanks for looking' && to?.[0]?.address === 'bob@shop.test',
      ),
    );
    const started = await standalone.backbone.ledger.list({ limit: 9, customer: 'bob', rule: 'thanks' });
    expect(started).toHaveLength(1);
  });

  it('that come faster than anybody reads are of programs too', async () => {
    const { id, click } = await offerTo('eve');
    await database.query(`update message set at = now(), permitted_at = now() where message_id = $1`, [id]);
    await get(click!);
    await waitUntil('it is noted', async () => (await outcomesOf(id)).length === 1);
    expect(await outcomesOf(id)).toMatchObject([{ kind: 'clicked', reason: 'bot' }]);
  });

  it('are not noticed of a customer who does not want it', async () => {
    const { mail, click, open } = await offerTo('zoe', { tracking: false });
    expect([click, open]).toEqual([undefined, undefined]);
    expect(mail.html).toContain('href="https://shop.test/lamp?from=mail&amp;id=7"');
  });

  it('lead nowhere that Kairos did not sign, and never from one link to another', async () => {
    const id = messageIdOf(Date.now());
    const evil = clickToken({ messageId: id, target: 'https://evil.test/' }, `${SECRET}!`, Date.now());
    const picture = openToken(id, SECRET, Date.now());
    for (const path of [`/c/${evil}`, `/c/${picture}`, '/c/https://evil.test/', '/c/x', `/o/${evil}`]) {
      const answer = await get(path);
      expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 404, null]);
    }
    expect((await get('/c/x', { method: 'POST' })).status).toBe(405);
  });
});
