import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { FileProvider } from '#channels';
import { describeProviderContract, outgoing, yes } from './channels-contract.js';

const from = { name: 'Juniper & Oak', address: 'hello@shop.test' };
const clock = { now: () => Date.parse('2026-03-02T10:00:00Z') };

/** Files in order of their names, drafts too. */
async function filesIn(folder: string): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.sort().map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })));
}

describeProviderContract('file', async () => {
  const home = await mkdtemp(join(tmpdir(), 'kairos-outbox-'));
  const folder = join(home, 'outbox');
  return {
    provider: new FileProvider({ folder, from, clock }),
    accepted: async () => {
      const whole = (await filesIn(folder)).filter(({ name }) => !name.startsWith('.'));
      return whole.map(({ text }) => /^Message-ID: <([^@]+)@/m.exec(text)![1]!);
    },
    // A file stands where the folder ought to be.
    falter: () => writeFile(folder, ''),
    recover: () => rm(folder),
    stop: () => rm(home, { recursive: true }),
  };
});

describe('the file outbox', () => {
  let folder: string;
  let provider: FileProvider;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kairos-outbox-'));
    provider = new FileProvider({ folder, from, clock });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps a mail as a file that mail programs open, under a name that people find', async () => {
    const message = outgoing({ customer: '../Änn & Bob/../../etc' });
    await provider.send(message, yes);
    const [{ name, text }, ...others] = (await filesIn(folder)) as [{ name: string; text: string }];
    expect(others).toEqual([]);
    expect(name).toBe(`2026-03-02T090000Z_A-nn-Bob-..-..-etc_cart-reminder_${message.id.slice(-12)}.eml`);
    const parsed = await PostalMime.parse(text);
    expect(parsed).toMatchObject({ subject: message.rendered.subject, from, to: [{ address: 'ann@example.test' }] });
    expect(parsed.html!.trim()).toBe(message.rendered.html);
    expect(text).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  });

  it('removes the drafts of processes that died, not those that somebody is writing', async () => {
    const name = (part: string) => join(folder, `.2026-03-02T090000Z_${part}.eml.part`);
    await writeFile(name('old'), 'half a mail');
    await writeFile(name('new'), 'half a mail');
    await utimes(name('old'), new Date(), new Date(Date.now() - 2 * 3_600_000));
    await provider.send(outgoing(), yes);
    const drafts = (await filesIn(folder)).map((file) => file.name).filter((file) => file.startsWith('.'));
    expect(drafts.map((draft) => join(folder, draft))).toEqual([name('new')]);
  });

  it('keeps the calls of webhook steps as JSON', async () => {
    const body = { score: 3 };
    const at = Date.parse('2026-03-02T09:00:00Z');
    const id = '0000512b-0000-4000-8000-000000000001';
    await provider.call({ id, rule: 'detractor', customer: 'ann', to: 'helpdesk', plannedAt: at, body }, yes);
    const [{ name, text }] = (await filesIn(folder)) as [{ name: string; text: string }];
    expect(name).toBe('2026-03-02T090000Z_ann_webhook-helpdesk_000000000001.json');
    expect(JSON.parse(text)).toEqual({
      to: 'helpdesk',
      type: 'detractor',
      timestamp: '2026-03-02T09:00:00.000Z',
      data: body,
    });
  });

  it('keeps other channels as text with headers', async () => {
    const rendered = { subject: null, html: null, text: 'Hi Ann\nUnsubscribe: https://shop.test/u/1', locale: 'en' };
    const message = outgoing({ channel: 'sms', address: '+49\r\n170', rendered });
    await provider.send(message, yes);
    const [{ name, text }] = (await filesIn(folder)) as [{ name: string; text: string }];
    expect(name).toMatch(/_ann_cart-reminder_[0-9a-f]{12}\.txt$/);
    expect(text).toBe(
      `Channel: sms\nTo: +49 170\nDate: 2026-03-02T10:00:00.000Z\nMessage-ID: ${message.id}\nCustomer: ann\nRule: abandoned-cart\n` +
        'Template: cart-reminder\nCategory: promotional\nUnsubscribe: https://shop.test/u/token-1\n\nHi Ann\nUnsubscribe: https://shop.test/u/1\n',
    );
  });

  it('writes no second file when an attempt is repeated, by another process too', async () => {
    const message = outgoing();
    await provider.send(message, yes);
    const later = new FileProvider({ folder, from, clock: { now: () => clock.now() + 3_600_000 } });
    expect(await later.send(message, yes)).toMatchObject({ kind: 'accepted' });
    expect(await filesIn(folder)).toHaveLength(1);
  });

  it('shows a file only when it is permitted, and leaves nothing of a refused one', async () => {
    const seen: string[] = [];
    const permit = async () => {
      seen.push(...(await readdir(folder)).filter((name) => !name.startsWith('.')));
      return false;
    };
    expect(await provider.send(outgoing(), permit)).toEqual({ kind: 'not permitted' });
    expect([seen, await readdir(folder)]).toEqual([[], []]);
  });

  it('refuses what is no mail address', async () => {
    const result = await provider.send(outgoing({ address: 'a@x.test\r\nBcc: b@y.test' }), yes);
    expect(result).toMatchObject({ kind: 'permanent', addressDead: true });
    expect(await readdir(folder)).toEqual([]);
  });
});
