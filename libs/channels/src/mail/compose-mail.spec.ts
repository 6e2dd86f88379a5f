import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { composeMail, type Mail } from './compose-mail.js';

const mail: Mail = {
  id: '00005150-0000-4000-8000-000000000001',
  from: { name: 'Shop', address: 'hello@shop.test' },
  to: { name: '', address: 'ann@example.test' },
  subject: 'Hello',
  text: 'Hi',
  html: '<p>Hi</p>',
  unsubscribeUrl: 'https://shop.test/u/1',
  feedbackToken: null,
  at: 0,
};
/** What a mail can hold of a text: its characters without controls; line breaks as line breaks. */
const anyText = fc.string({ unit: 'grapheme', maxLength: 400 }).map((text) => text.replace(/\p{Cc}/gu, ' '));
const trimmedLines = (text: string | undefined) => (text ?? '').replace(/\n$/, '');

describe('composeMail', () => {
  it('gives back every text, subject and name after the way through a mail parser', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyText,
        fc.array(anyText, { minLength: 1, maxLength: 5 }),
        anyText,
        async (subject, lines, name) => {
          const text = lines.join('\n');
          const bytes = composeMail({ ...mail, subject, text, html: `<p>${text}</p>`, from: { ...mail.from, name } });
          const parsed = await PostalMime.parse(bytes);
          expect(trimmedLines(parsed.text)).toBe(text);
          expect(trimmedLines(parsed.html)).toBe(`<p>${text}</p>`);
          expect((parsed.subject ?? '').replace(/ +/g, ' ').trim()).toBe(subject.replace(/ +/g, ' ').trim());
          expect(parsed.from).toMatchObject({ address: 'hello@shop.test', name: name.replace(/ +/g, ' ').trim() });
          for (const line of bytes.toString('latin1').split('\r\n')) expect(line).toMatch(/^[\x20-\x7e]{0,998}$/);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('gives the same bytes for the same mail, ending with a line break', () => {
    expect(composeMail(mail)).toEqual(composeMail(mail));
    for (const html of [null, '<p>x</p>']) expect(composeMail({ ...mail, html }).toString()).toMatch(/[^\r\n]\r\n$/);
  });

  it('has text alone where there is no HTML', async () => {
    const bytes = composeMail({ ...mail, html: null });
    expect(bytes.toString()).toContain('\r\nContent-Type: text/plain; charset=utf-8\r\n');
    expect(await PostalMime.parse(bytes)).toMatchObject({ text: 'Hi\n' });
  });

  it('refuses what is no address as the way out', () => {
    expect(() => composeMail({ ...mail, unsubscribeUrl: '>\r\nBcc: b@y.test' })).toThrow('Invalid URL');
  });
});
