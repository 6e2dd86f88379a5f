import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import PostalMime from 'postal-mime';
import { readConfig } from '#config';
import { systemClock } from '#hosting';
import { describeInBrowser, useDatabase, waitUntil } from '#testkit';
import { startStandalone, type Standalone } from '../../apps/standalone/src/start-standalone.js';
import { basic, SECRET, WRITE_KEY } from './collector-under-test.js';
import { PREFERENCES_WORKSPACE } from './preferences-workspace.js';

/** Where pictures of the pages are put, for those who want to look at them. */
const PICTURES = process.env['KAIROS_TEST_PICTURES'];

describeInBrowser('a customer in her preference centre', (browser) => {
  const database = useDatabase();
  let data: string;
  let standalone: Standalone;
  let link: string;

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'kairos-preferences-'));
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
      files: PREFERENCES_WORKSPACE,
      clock: systemClock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      secrets: {},
      say: () => undefined,
      hostDelivery: true,
    });
    await wantsOffer();
    const mail = await waitUntil('the offer', async () => (await mails())[0]);
    const path = new URL(/href="([^"]+\/u\/p\/[^"]+)"/.exec(mail.html!)![1]!).pathname;
    link = standalone.collectorUrl + path;
  });
  afterAll(async () => {
    await standalone?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const wantsOffer = async () => {
    const consent = { categoryPreferences: { promotional: ['email'] } };
    const batch = [
      { type: 'identify', userId: 'ann', traits: { email: 'ann@shop.test' }, context: { consent } },
      { type: 'track', event: 'Offer Wanted', userId: 'ann' },
    ];
    const answer = await fetch(`${standalone.collectorUrl}/v1/batch`, {
      method: 'POST',
      headers: { authorization: basic(WRITE_KEY), 'content-type': 'application/json' },
      body: JSON.stringify({ batch }),
    });
    expect(answer.status).toBe(200);
  };
  const mails = async () => {
    const folder = join(data, 'outbox');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.eml'));
    return Promise.all(files.sort().map((file) => PostalMime.parse(readFileSync(join(folder, file)))));
  };
  /** What becomes of the next offer. */
  const nextOffer = async () => {
    const { ledger } = standalone.backbone;
    const before = (await ledger.list({ limit: 99 })).length;
    await wantsOffer();
    const listed = await waitUntil('the next offer to be judged', async () => {
      const all = await ledger.list({ limit: 99 });
      return all.length > before && all.every(({ outcome }) => !['planned', 'sending'].includes(outcome)) && all;
    });
    const latest = [...listed].sort((a, b) => b.plannedAt - a.plannedAt)[0]!;
    return `${latest.outcome} ${latest.reason ?? ''}`.trim();
  };
  const picture = async (page: Page, name: string) => {
    if (PICTURES === undefined) return;
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  };

  it('pauses, chooses and takes back without a script, and the next message obeys', async () => {
    const context = await browser().newContext({ javaScriptEnabled: false, locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(link);
    await page.getByLabel('Send me nothing for 30 days').check();
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await page.getByRole('status').textContent()).toBe('Saved. It holds from now on.');
    expect(await nextOffer()).toBe('suppressed paused');

    await page.getByLabel('End it now').check();
    await page.getByLabel('Only there, or not at all').check();
    await page.getByRole('group', { name: 'Where first?' }).getByLabel('SMS').check();
    await page.getByRole('group', { name: 'Offers and news' }).getByLabel('SMS').check();
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await nextOffer()).toBe('suppressed no_consent');

    await page.goto(link);
    await page.getByRole('group', { name: 'Where first?' }).getByLabel('No preference').check();
    await page.getByRole('group', { name: 'Where may we reach you at all?' }).getByLabel('Email').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await nextOffer()).toBe('suppressed channel_off');

    await page.getByRole('group', { name: 'Where may we reach you at all?' }).getByLabel('Email').check();
    await page.getByLabel('One message a week').check();
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await nextOffer()).toBe('suppressed frequency_cap');

    await page.getByLabel('As usual').check();
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await nextOffer()).toBe('sent');
    await context.close();
  });

  it.each([
    ['en', 'light', 900],
    ['de', 'dark', 900],
    ['fr', 'light', 360],
    ['de', 'light', 360],
  ] as const)('finds it accessible in %s, %s, %i pixels wide', async (locale, colorScheme, width) => {
    const context = await browser().newContext({
      locale,
      colorScheme,
      viewport: { width, height: 900 },
      bypassCSP: true,
    });
    const page = await context.newPage();
    await page.goto(link);
    await picture(page, `preferences-${locale}-${colorScheme}-${width}`);
    expect(await page.locator('html').getAttribute('lang')).toBe(locale);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow).toBe(0);
    await context.close();
  });
});
