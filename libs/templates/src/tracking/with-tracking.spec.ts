import type { TemplateFile } from '#core';
import type { RenderedMessage, RenderRequest } from '#engine';
import { rewriteLinks } from './rewrite-links.js';
import { withTracking } from './with-tracking.js';

const mark = (address: string): string => `https://k.test/c/<${address}>&"`.replace(/[<>"]/g, '_');

describe('links of a page', () => {
  it.each([
    ['<a href="https://x.test/?a=1&amp;b=2">x</a>', '<a href="https://k.test/c/_https://x.test/?a=1&b=2_&amp;_">x</a>'],
    ["<A class=b HREF='https://x.test/' id=c>x</A>", 'https://x.test/'],
    ['<a\n  href = "https://x.test/é&#x3D;1"\n>x</a>', 'https://x.test/é=1'],
    ['<map><area href="https://x.test/"></map>', 'https://x.test/'],
  ])('are found in %s', (html, expected) => {
    const seen: string[] = [];
    const result = rewriteLinks(html, (address) => {
      seen.push(address);
      return mark(address);
    });
    if (expected.startsWith('<')) expect(result).toBe(expected.replaceAll('?a=1&b=2', '?a=1&amp;b=2'));
    else expect(seen).toEqual([expected]);
    expect(result).not.toContain('"https://x.test');
  });

  it.each([
    '<p>https://x.test/ <b href="https://x.test/">x</b> <link href="https://x.test/"></p>',
    '<!-- <a href="https://x.test/">x</a> --><style>a[href="https://x.test/"] {}</style>',
    '<!--[if mso]><v:rect href="https://x.test/"><![endif]-->',
    '<a href="https://x.test/" data-tracking="off">x</a><a data-tracking=off href="https://x.test/">x</a>',
    '<a href>x</a><a href="">x</a><a',
  ])('are left alone in %s', (html) => {
    expect(rewriteLinks(html, (address) => (address === '' ? null : mark(address)))).toBe(html);
  });
});

describe('a message that is tracked', () => {
  const file = (source = ''): TemplateFile => ({
    path: 'p',
    channel: 'email',
    part: 'html',
    locale: null,
    style: null,
    markup: 'handlebars',
    source,
  });
  const OUT = 'https://k.test/u/1';
  const SETTINGS = 'https://k.test/u/p/1';
  const render = (
    message: Partial<RenderedMessage>,
    { source = '', ...changes }: Partial<RenderRequest> & { source?: string } = {},
  ) => {
    const request = {
      channel: 'email',
      unsubscribeUrl: OUT,
      preferencesUrl: SETTINGS,
      tracking: { click: (target: string) => `https://k.test/c/${target.length}`, openPixel: 'https://k.test/o/1' },
      ...changes,
    } as RenderRequest;
    const files = { subject: null, html: file(source), text: null, locale: 'en', formatLocale: 'en' };
    return withTracking(
      { subject: null, html: null, text: 'https://x.test/', locale: 'en', ...message },
      files,
      request,
    );
  };
  const HTML = `<body><a href="https://x.test/">x</a><a href="${OUT}">o</a><a href="${SETTINGS}">s</a><a href="mailto:a@x.test">m</a><a href="tel:1">t</a><a href="#top">u</a></body>`;

  it('leads by way of the shop, but not out of it, and says when it is opened', () => {
    const { html, text } = render({ html: HTML });
    expect(html).toBe(
      `${HTML.replace('https://x.test/', 'https://k.test/c/15').replace('</body>', '')}<img src="https://k.test/o/1" width="1" height="1" alt="" style="display: block; border: 0;">\n</body>`,
    );
    expect(text).toBe('https://x.test/');
  });

  it('is as it was where workspace, customer or template do not want it', () => {
    expect(render({ html: HTML }, { tracking: null }).html).toBe(HTML);
    for (const source of ['{{! tracking: off }}', 'x{{!-- tracking: off --}}y', '{{!tracking:off}}'])
      expect(render({ html: HTML }, { source }).html).toBe(HTML);
    expect(render({ html: HTML }, { tracking: { click: null, openPixel: null } }).html).toBe(HTML);
  });

  it('rewrites texts of messengers, not those paid by their length', () => {
    const text = 'Look (https://x.test/a?b=1), or at https://x.test/. Bye';
    expect(render({ text }, { channel: 'telegram' }).text).toBe(
      'Look (https://k.test/c/20), or at https://k.test/c/15. Bye',
    );
    expect(render({ text }, { channel: 'sms' }).text).toBe(text);
  });

  it('leaves what is no address, or longer than mail programs keep', () => {
    const long = `<a href="https://x.test/${'a'.repeat(2_000)}">x</a><a href="https://">x</a><a href="https://x y">x</a>`;
    expect(render({ html: long }, { tracking: { click: () => 'no', openPixel: null } }).html).toBe(long);
  });
});
