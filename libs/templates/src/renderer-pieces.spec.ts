import { readWorkspace, type TemplatePartial } from '#core';
import type { RenderRequest } from '#engine';
import { createRenderer } from './create-renderer.js';
import { context, mail, renderers, request, templateOf, textOf, workspaceOf } from './fixtures/rendering.js';

describe('pieces that all templates share', () => {
  const piece = (name: string, source: string, locale: string | null = null): TemplatePartial => ({
    path: `templates/_partials/${name}.hbs`,
    name,
    locale,
    source,
  });
  const renderWith = async (
    partials: readonly TemplatePartial[],
    files: { readonly [base: string]: string },
    changes: Partial<RenderRequest> = {},
  ) => {
    const renderer = createRenderer({
      workspaces: new Map([[1, { ...workspaceOf(templateOf(files)), partials }]]),
      workers: 1,
    });
    renderers.push(renderer);
    return renderer.render(request(changes));
  };

  it('are put in, with what they are handed, escaped in HTML and not in texts', async () => {
    const partials = [piece('hello', 'Hello {{customer.name}}, {{say}}!')];
    const files = { subject: 's', email: '<b>{{> hello say=start.name}}</b>', 'email.txt': '{{> hello say="you"}}' };
    const { html, text } = await renderWith(partials, files);
    expect(text).toBe(`Hello ${context.customer['name'] as string}, you!`);
    expect(html).toContain('Hello Ann &lt;b&gt;, ');
  });

  it('may be layouts around a content, and use others', async () => {
    const partials = [
      piece('page', '<html><body>{{> head}}{{> @partial-block}}</body></html>'),
      piece('head', '<h1>{{shop.name}}</h1>'),
    ];
    const { html } = await renderWith(partials, {
      subject: 's',
      email: '{{#> page}}<p>{{customer.name}}</p>{{/page}}',
    });
    expect(html).toBe('<html><body><h1>Juniper &amp; Oak</h1><p>Ann &lt;b&gt;</p></body></html>');
  });

  it('are there in the language of the message', async () => {
    const partials = [piece('bye', 'Bye'), piece('bye', 'Tschüss', 'de')];
    const files = { ...mail('{{> bye}}'), 'subject.de': 's', 'email.txt.de': '{{> bye}}' };
    expect((await renderWith(partials, files, { locale: 'de-AT' })).text).toBe('Tschüss');
    expect((await renderWith(partials, files, { locale: 'en' })).text).toBe('Bye');
  });

  it.each([
    ['{{> gone}}', /partial gone could not be found/],
    ['{{> loop}}', /call stack|longer than/i],
    ['{{> strict}}', /"nothing" has no value \(templates\/_partials\/strict\.hbs, line 1, column 3\)/],
  ])('fail the message that uses %s, and nothing else', async (body, message) => {
    const partials = [piece('loop', 'x{{> loop}}'), piece('strict', '{{nothing}}')];
    await expect(renderWith(partials, mail(body))).rejects.toThrow(message);
    expect((await renderWith(partials, mail('fine'))).text).toBe('fine');
  });
});

describe('a mail written in MJML', () => {
  it('is rendered like any other, with lists between its parts', async () => {
    const encode = (text: string) => new TextEncoder().encode(text);
    const mjml = `<mjml><mj-body><mj-section><mj-column>{{#each starts}}<mj-text>{{name}}</mj-text>{{/each}}<mj-text>{{customer.nick}}</mj-text></mj-column></mj-section></mj-body></mjml>`;
    const settingsFile = `time zone: Europe/Berlin\nlocale: en\nchannels: [email]\ncategories: { promotional: { consent: opt-in } }\n`;
    const rule = 'rule: r\ncategory: promotional\nstart: { event: A }\nsteps: [{ send: t }]\n';
    const { workspace } = readWorkspace([
      { path: 'kairos.yaml', bytes: encode(settingsFile) },
      { path: 'rules/r.yaml', bytes: encode(rule) },
      { path: 'templates/t/email.mjml', bytes: encode(mjml) },
      { path: 'templates/t/subject.hbs', bytes: encode('Hello') },
    ]);
    const renderer = createRenderer({ workspaces: new Map([[1, workspace!]]), workers: 1 });
    renderers.push(renderer);
    const events = [{ name: 'Lamp & shade' }, { name: 'Mug' }];
    const customer = { ...context.customer, nick: 'A.' };
    const { html, text } = await renderer.render(request({ context: { ...context, starts: events, customer } }));
    expect(html).toContain('Lamp &amp; shade</div>');
    expect(html!.match(/<tr>/g)!.length).toBeGreaterThan(2);
    expect(text).toMatch(/^Lamp & shade\s+Mug\s+A\.$/);
    await expect(renderer.render(request({ context: { ...context, starts: events } }))).rejects.toThrow(
      /email\.mjml: "customer\.nick" has no value \(line 1, column 1\d\d\)/,
    );
  });
});

describe('helpers for texts and addresses', () => {
  it.each([
    ['{{truncate "A very long name of a lamp" 12}}', 'A very long…'],
    ['{{truncate "short" 12}}', 'short'],
    ['{{truncate "👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧" 2}}', '👨‍👩‍👧…'],
    ['{{url "https://shop.test/a?b=1" utm="x y&z"}}', 'https://shop.test/a?b=1&utm=x+y%26z'],
    ['{{number 1234567.5}}', '1,234,567.5'],
    ['{{#with (lookup starts 0)}}{{url}}{{/with}}', 'https://shop.test/mug'],
  ])('%s', async (body, expected) => {
    const starts = [{ url: 'https://shop.test/mug' }];
    expect(await textOf(body, { context: { ...context, starts } })).toBe(expected);
  });

  it.each([
    ['{{url "javascript:alert(1)"}}', /url: the value is not an address/],
    ['{{truncate "x" 0}}', /truncate: the length/],
  ])('%s fails', async (body, message) => {
    await expect(textOf(body)).rejects.toThrow(message);
  });
});
