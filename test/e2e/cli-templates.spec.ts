import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { CLONE, kairos, useFolder } from './run-kairos.js';

const SHOP = join(CLONE, 'examples/shop');

describe('kairos templates', () => {
  const folder = useFolder();
  beforeEach(() => {
    rmSync(folder.path, { recursive: true });
    cpSync(SHOP, folder.path, { recursive: true });
  });
  const run = (args: readonly string[]) =>
    kairos(['templates', ...args], { directory: folder.path, env: { KAIROS_DATA: join(folder.path, '.data') } });

  it('shows a template with a sample, in the language that is asked for', async () => {
    const { status, stdout, stderr } = await run([
      'preview',
      'cart-reminder',
      '--customer',
      'ann',
      '--locale',
      'de-AT',
    ]);
    expect([status, stdout]).toEqual([0, expect.stringContaining('Subject: In Ihrem Warenkorb liegt noch etwas\n')]);
    expect(stdout).toMatch(/Blue mug, €\s24,00/);
    expect(stdout).toContain('/u/sample');
    expect(stderr).toContain('the HTML is in');
    const html = readFileSync(join(folder.path, '.data/previews/cart-reminder.de.html'), 'utf8');
    expect(html).toContain('Zum Warenkorb');
  });

  it('shows a template in a style, and sends it so', async () => {
    writeFileSync(join(folder.path, 'templates/cart-reminder/email.playful.hbs'), '<p>Psst, {{customer.name}}!</p>');
    const shown = await run(['preview', 'cart-reminder', '--customer', 'ann', '--style', 'playful']);
    expect([shown.status, shown.stdout]).toEqual([0, expect.stringContaining('Psst, Ann!')]);
    expect(readFileSync(join(folder.path, '.data/previews/cart-reminder.en.playful.html'), 'utf8')).toContain('Psst');
    const sent = await run([
      'send',
      'cart-reminder',
      '--to',
      'me@shop.test',
      '--customer',
      'ann',
      '--style',
      'playful',
    ]);
    expect(sent.status).toBe(0);
    const outbox = join(folder.path, '.data/outbox');
    const [file] = readdirSync(outbox, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eml'));
    expect((await PostalMime.parse(readFileSync(join(outbox, file!)))).html).toContain('Psst, Ann!');
    const unknown = await run(['preview', 'cart-reminder', '--style', 'formal']);
    expect([unknown.status, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('the template cart-reminder has no style "formal" for email; it has: playful'),
    ]);
  });

  it('says what a sample lacks, and what is not there', async () => {
    const lacking = await run(['preview', 'care-tips']);
    expect([lacking.status, lacking.stderr]).toEqual([1, expect.stringMatching(/"start\.\w+" has no value/)]);
    for (const [args, sentence] of [
      [['preview', 'nothing'], 'there is no template nothing; the workspace has: care-tips'],
      [['preview', 'cart-reminder', '--customer', 'nobody'], 'there is no sample "nobody"'],
      [['preview', 'cart-reminder', '--channel', 'sms'], 'has nothing for sms; it has: email'],
      [['send', 'cart-reminder', '--to', 'me'], '"me" is no mail address'],
    ] as const) {
      const { status, stderr } = await run(args);
      expect([status, stderr]).toEqual([2, expect.stringContaining(sentence)]);
    }
  });

  it('sends one to oneself, by way of the outbox where there is no mail server', async () => {
    mkdirSync(join(folder.path, 'other'));
    writeFileSync(
      join(folder.path, 'other/bo.json'),
      JSON.stringify({ customer: { name: 'Bo' }, start: { name: 'Lamp', price: 9 } }),
    );
    const sent = await run(['send', 'cart-reminder', '--to', 'me@shop.test', '--customer', 'other/bo.json']);
    expect([sent.status, sent.stdout]).toEqual([0, expect.stringContaining('written into')]);
    const outbox = join(folder.path, '.data/outbox');
    const [file] = readdirSync(outbox, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eml'));
    const mail = await PostalMime.parse(readFileSync(join(outbox, file!)));
    expect(mail).toMatchObject({
      subject: '[Test] You left something in your cart',
      to: [{ address: 'me@shop.test' }],
    });
    expect(mail.text).toContain('Hello Bo,');
  });
});
