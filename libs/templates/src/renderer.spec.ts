import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkspace, type Channel, type Template, type TemplatePartial, type Workspace } from '#core';
import { TemplateError, type RenderRequest, type TemplateRenderer } from '#engine';
import { checkTemplates } from './check-templates.js';
import { createRenderer, type RendererOptions } from './create-renderer.js';

const LINK = 'https://shop.test/u/abc.DEF-1_2';
const SETTINGS = 'https://shop.test/u/p/abc.DEF-1_2';

const context: RenderRequest['context'] = {
  customer: { id: 'ann', name: 'Ann <b>', orders: 2 },
  with: {},
  start: {
    event: 'Product Added',
    name: 'Lamp',
    price: 1234.5,
    timestamp: '2026-03-02T23:30:00.000Z',
    cart_id: 'c1',
    order_id: 'o1',
  },
  starts: [
    { name: 'Lamp', price: 20 },
    { name: 'Table', price: 80 },
  ],
  shop: { name: 'Juniper & Oak', url: 'https://shop.test', currency: 'EUR' },
  message: {
    id: 'm',
    rule: 'r',
    step: '2',
    key: 'c1',
    category: 'promotional',
    channel: 'email',
    planned_at: '2026-03-02T10:00:00.000Z',
    start_id: 's',
  },
};

/** `{ 'email.de': '…' }` → a template of one name, read by the rules of the workspace. */
function templateOf(files: { readonly [base: string]: string }): Template {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const rule = 'rule: r\ncategory: promotional\nstart: { event: A }\nsteps: [{ send: t }]\n';
  const channels = '[email, sms, push]';
  const settings = `time zone: Europe/Berlin\nlocale: en\nchannels: ${channels}\ncategories: { promotional: { consent: opt-in } }\n`;
  const { workspace, diagnostics } = readWorkspace([
    { path: 'kairos.yaml', bytes: bytes(settings) },
    { path: 'rules/r.yaml', bytes: bytes(rule) },
    ...Object.entries(files).map(([base, text]) => ({ path: `templates/t/${base}.hbs`, bytes: bytes(text) })),
  ]);
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  return workspace.templates['t']!;
}

const settings = { locale: 'en', timeZone: 'Europe/Berlin', shop: context.shop } as unknown as Workspace['settings'];
const workspaceOf = (template: Template): Workspace => ({
  settings,
  rules: [],
  segments: {},
  computed: {},
  events: null,
  templates: { t: template },
  partials: [],
});

const renderers: TemplateRenderer[] = [];
function rendererOf(
  files: { readonly [base: string]: string },
  options: Omit<RendererOptions, 'workspaces'> = {},
): TemplateRenderer {
  const renderer = createRenderer({
    workspaces: new Map([[1, workspaceOf(templateOf(files))]]),
    workers: 1,
    ...options,
  });
  renderers.push(renderer);
  return renderer;
}

const request = (changes: Partial<RenderRequest> = {}): RenderRequest => ({
  ruleset: 1,
  template: 't',
  channel: 'email',
  locale: 'en',
  timeZone: 'Europe/Berlin',
  context,
  unsubscribeUrl: null,
  preferencesUrl: SETTINGS,
  tracking: null,
  ...changes,
});
const mail = (body: string) => ({ subject: 'Hello', 'email.txt': body });
const textOf = async (body: string, changes: Partial<RenderRequest> = {}) =>
  (await rendererOf(mail(body)).render(request(changes))).text;

afterEach(async () => {
  await Promise.all(renderers.splice(0).map((renderer) => renderer.close()));
});

describe('what is rendered', () => {
  it('escapes values in HTML and nowhere else', async () => {
    const files = {
      subject: 'For {{customer.name}}',
      email: '<p>{{customer.name}}</p>',
      'email.txt': '{{customer.name}} at {{shop.name}}',
    };
    expect(await rendererOf(files).render(request())).toEqual({
      subject: 'For Ann <b>',
      html: '<p>Ann &lt;b&gt;</p>',
      text: 'Ann <b> at Juniper & Oak',
      locale: 'en',
    });
  });

  it('makes the subject one line', async () => {
    const renderer = rendererOf({ subject: '\n Hello\r\n{{customer.name}}\n', email: '<p>x</p>' });
    const evil = { ...context, customer: { id: 'x', name: 'a\r\nBcc: b@y.test' } };
    expect((await renderer.render(request({ context: evil }))).subject).toBe('Hello a Bcc: b@y.test');
  });

  it('makes the text from the HTML where there is none, without pictures and hidden lines', async () => {
    const html =
      '<body><div style="display: none">preview</div><h1>Big News</h1><p>Buy <a href="https://shop.test/x">this</a><img src="https://x.test/p.gif" alt="p"></p></body>';
    const { text } = await rendererOf({ subject: 's', email: html }).render(request());
    expect(text).toBe('Big News\n\nBuy this (https://shop.test/x)');
  });

  it.each([
    ['{{money start.price}}', 'de', '1.234,50 €'],
    ['{{money start.price "USD"}}', 'en', '$1,234.50'],
    ['{{money start.price (default start.currency "CHF")}}', 'en', 'CHF 1,234.50'],
    ['{{date start.timestamp}}', 'de', '3. März 2026'],
    ['{{date start.timestamp "date and time"}}', 'en-GB', '3 March 2026 at 00:30'],
    ['{{date "2026-03-02" "short"}}', 'en', '3/2/26'],
    ['{{plural starts.length one="# Ding" other="# Dinge"}}', 'de', '2 Dinge'],
    ['{{plural starts.length one="# вещь" few="# вещи" many="# вещей" other="# вещи"}}', 'ru', '2 вещи'],
    ['{{list starts property="name"}}', 'de', 'Lamp und Table'],
    ['{{default customer.nick "friend"}}', 'en', 'friend'],
    ['{{lookup start "name"}}', 'en', 'Lamp'],
    [
      '{{#each starts as |item|}}{{@index}}:{{item.name}}:{{name}}:{{../shop.url}} {{/each}}',
      'en',
      '0:Lamp:Lamp:https://shop.test 1:Table:Table:https://shop.test ',
    ],
    ['{{#with start}}{{name}}{{else}}nothing{{/with}}', 'en', 'Lamp'],
    ['{{#unless customer.address.city}}no city{{/unless}}', 'en', 'no city'],
  ])('%s in %s', async (body, locale, expected) => {
    const files = { ...mail(body), 'subject.de': 's', 'email.txt.de': body, 'subject.ru': 's', 'email.txt.ru': body };
    const { text } = await rendererOf(files).render(request({ locale }));
    expect(text.replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ')).toBe(expected);
  });

  it("shows a date in the customer's zone, and in the workspace's when nobody knows that zone", async () => {
    expect(await textOf('{{date start.timestamp "time"}}', { timeZone: 'America/New_York', locale: 'en-GB' })).toBe(
      '18:30',
    );
    expect(await textOf('{{date start.timestamp "time"}}', { timeZone: 'Mars/Olympus', locale: 'en-GB' })).toBe(
      '00:30',
    );
  });
});

describe('languages', () => {
  const files = {
    subject: 'en',
    email: 'en',
    'email.txt': 'en text',
    'subject.de': 'de',
    'email.de': 'de {{money 1}}',
    'subject.fr': 'fr',
    'email.txt.fr': 'fr text',
  };
  it.each([
    ['de-AT', 'de', 'de', 'de € 1,00'],
    ['de_DE', 'de', 'de', 'de 1,00 €'],
    ['de', 'de', 'de', 'de 1,00 €'],
    ['es', 'en', 'en', 'en text'],
    ['not a locale', 'en', 'en', 'en text'],
    ['fr-CA', 'fr', 'fr', 'fr text'],
  ])('%s reads %s, text and HTML alike', async (locale, used, subject, text) => {
    const rendered = await rendererOf(files).render(request({ locale }));
    expect([rendered.locale, rendered.subject, rendered.text.replaceAll('\u00a0', ' ')]).toEqual([used, subject, text]);
    expect(rendered.html === null).toBe(used === 'fr');
  });
});

describe('the way out', () => {
  const page = '<html><body><p>Hi</p></body></html>';
  it.each([
    ['de-AT', 'Abmelden'],
    ['en', 'Unsubscribe'],
    ['ru', 'Отписаться'],
    ['es', 'Darse de baja'],
    ['fr', 'Se désabonner'],
    ['it', 'Annulla l’iscrizione'],
    ['nl', 'Afmelden'],
    ['pl', 'Wypisz się'],
    ['pt-BR', 'Cancelar a subscrição'],
    ['ja', 'Unsubscribe'],
  ])('is offered in %s as "%s"', async (locale, words) => {
    const language = locale.slice(0, 2);
    const files = {
      subject: 's',
      email: page,
      'email.txt': 'Hi',
      [`subject.${language}`]: 's',
      [`email.${language}`]: page,
      [`email.txt.${language}`]: 'Hi',
    };
    const { html, text } = await rendererOf(files).render(request({ locale, unsubscribeUrl: LINK }));
    expect(text).toMatch(
      new RegExp(`^Hi\\n\\n.+\\n${words}: ${LINK.replaceAll('.', '\\.')}\\n.+: ${SETTINGS.replaceAll('.', '\\.')}\\n$`),
    );
    expect(html).toContain(`href="${LINK}"`);
    expect(html).toContain(`>${words}</a> · <a href="${SETTINGS}"`);
    expect(html).toMatch(/<\/a><\/div>\n<\/body><\/html>$/);
  });

  it('is not added where the template has it, each part for itself', async () => {
    const files = { subject: 's', email: '<body><a href="{{unsubscribe}}">out</a></body>', 'email.txt': 'Hi' };
    const link = `${LINK}?a=1&b=2`;
    const { html, text } = await rendererOf(files).render(request({ unsubscribeUrl: link }));
    expect(html).toBe('<body><a href="https://shop.test/u/abc.DEF-1_2?a&#x3D;1&amp;b&#x3D;2">out</a></body>');
    expect(text).toContain(`Unsubscribe: ${link}`);
  });

  it('is there once in a text that has it', async () => {
    const files = { ...mail('Out: {{unsubscribe}}'), sms: 'Out: {{preferences}}' };
    const renderer = rendererOf(files);
    expect((await renderer.render(request({ unsubscribeUrl: LINK }))).text).toBe(`Out: ${LINK}`);
    expect((await renderer.render(request({ channel: 'sms', unsubscribeUrl: LINK }))).text).toBe(`Out: ${SETTINGS}`);
  });

  it('is added where the template has it only in a branch that was not taken', async () => {
    const { text } = await rendererOf(mail('Hi{{#if customer.vip}}{{unsubscribe}}{{/if}}')).render(
      request({ unsubscribeUrl: LINK }),
    );
    expect(text).toContain(LINK);
  });

  it('is the preference centre as well, which also messages have that need no consent', async () => {
    const { text } = await rendererOf(mail('All: {{preferences}}')).render(request({ unsubscribeUrl: LINK }));
    expect(text).toBe(`All: ${SETTINGS}`);
    expect(await textOf('All: {{preferences}}')).toBe(`All: ${SETTINGS}`);
  });

  it('is not in messages that need no consent', async () => {
    const { html, text } = await rendererOf({ subject: 's', email: page }).render(request());
    expect([html, text]).toEqual([page, 'Hi']);
  });

  it('is one short line where messages are short', async () => {
    const rendered = await rendererOf({ sms: 'Hi {{customer.name}}' }).render(
      request({ channel: 'sms', unsubscribeUrl: LINK }),
    );
    expect(rendered).toEqual({ subject: null, html: null, text: `Hi Ann <b>\nUnsubscribe: ${LINK}`, locale: 'en' });
  });
});

describe('what cannot be rendered', () => {
  const failure = async (
    files: { readonly [base: string]: string },
    changes: Partial<RenderRequest> = {},
  ): Promise<string> => {
    const error: unknown = await rendererOf(files)
      .render(request(changes))
      .then(
        () => null,
        (reason: unknown) => reason,
      );
    expect(error).toBeInstanceOf(TemplateError);
    return (error as TemplateError).message;
  };

  it.each([
    ['Hi {{customer.nick}}', '"customer.nick" has no value (line 1, column 6)'],
    ['é😀\n {{start.a.b.c}}', '"start.a.b.c" has no value (line 2, column 4)'],
    ['{{money start.cost "EUR"}}', '"start.cost" has no value'],
    ['{{plural (lookup start "x") other="#"}}', '"lookup" has no value'],
    ['{{default customer.a customer.b}}', '"default" has no value'],
    ['{{#each starts}}{{nothing}}{{/each}}', '"nothing" has no value'],
    ['{{customer.constructor}}', '"customer.constructor" has no value'],
    ['{{customer.toString}}', '"customer.toString" has no value'],
    ['{{customer.hasOwnProperty.name}}', '"customer.hasOwnProperty.name" has no value'],
    ['{{customer.__proto__.x}}', '"customer.__proto__.x" has no value'],
    ['{{#with (lookup customer "constructor")}}{{name}}{{else}}{{start.none}}{{/with}}', '"start.none" has no value'],
    ['{{unsubscribe}}', '"unsubscribe" has no value'],
    ['{{money customer.name "EUR"}}', 'money: the value is not a number'],
    ['{{money 1 "euro"}}', 'money: the currency is missing'],
    ['{{date "tomorrow"}}', 'date: the value is not a date'],
    ['{{#if customer.name}}', 'the file ends in the middle of a block'],
    ['{{shout customer.name}}', 'templates have no helper "shout" (line 1, column 1)'],
    ['{{log "x"}}', 'templates have no helper "log"'],
    ['{{> other}}', 'The partial other could not be found'],
    ['  {{#if customer.vip}}x{{/if}} ', 'the text is empty'],
  ])('%s', async (body, message) => {
    expect(await failure(mail(body))).toContain(`templates/t/email.txt.hbs: ${message}`);
  });

  it('names the file that failed', async () => {
    expect(await failure({ subject: '{{customer.nick}}', email: 'x' })).toContain(
      'templates/t/subject.hbs: "customer.nick"',
    );
    expect(await failure({ subject: '{{#if start.no}}x{{/if}}', email: 'x' })).toContain(
      'templates/t/subject.hbs: the subject is empty',
    );
  });

  it('names a template, a channel or a version that is not there', async () => {
    expect(await failure(mail('x'), { template: 'constructor' })).toBe(
      'templates/constructor: there is no such template',
    );
    expect(await failure(mail('x'), { channel: 'push' as Channel })).toContain('it has nothing for the channel "push"');
    expect(await failure(mail('x'), { ruleset: 7 })).toContain('its version is not loaded');
  });
});

describe('a template that wants everything', () => {
  const many = { ...context, starts: Array.from({ length: 400 }, (_, n) => ({ n })) };
  const nested = (inner: string) =>
    `{{#each starts}}{{#each ../starts}}{{#each ../../starts}}${inner}{{/each}}{{/each}}{{/each}}`;

  it.each([
    [
      'time',
      nested('{{#if ../../../none}}x{{/if}}'),
      /^templates\/t\/email\.txt\.hbs: rendering took longer than 1500 ms/,
    ],
    [
      'output',
      nested('lots of words again and again'),
      /^templates\/t\/email\.txt\.hbs: the result is longer than 1000000 characters/,
    ],
  ])('of %s fails its message, and the next one is rendered', async (_what, bomb, message) => {
    const renderer = createRenderer({
      workspaces: new Map([
        [1, workspaceOf(templateOf(mail(bomb)))],
        [2, workspaceOf(templateOf(mail('fine')))],
      ]),
      workers: 1,
      timeMs: 1_500,
    });
    renderers.push(renderer);
    const failing = renderer.render(request({ context: many }));
    const next = renderer.render(request({ ruleset: 2 }));
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toBeInstanceOf(TemplateError);
    expect((await next).text).toBe('fine');
    expect((await renderer.render(request({ ruleset: 2 }))).text).toBe('fine');
  });

  it('of memory fails its message, and the next one is rendered', async () => {
    const renderer = rendererOf(
      { ...mail('{{list starts property="n"}}{{list starts property="n"}}'), sms: 'fine' },
      { timeMs: 30_000, memoryMb: 8, maxCharacters: 1e9 },
    );
    const huge = { ...context, starts: Array.from({ length: 300_000 }, (_, n) => ({ n: `${n} is a number` })) };
    await expect(renderer.render(request({ context: huge }))).rejects.toThrow(/rendering needed more than 8 MB/);
    expect((await renderer.render(request({ channel: 'sms' }))).text).toBe('fine');
  });
});

describe('the example shop', () => {
  const root = 'examples/shop/';
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.yaml'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
  const { workspace } = readWorkspace(paths.map((path) => ({ path, bytes: readFileSync(root + path) })));

  it('has templates without a finding', () => {
    expect(checkTemplates(workspace!.templates, workspace!.settings.shop)).toEqual([]);
  });

  it('renders every template in both languages, with the way out in its language', async () => {
    const renderer = createRenderer({ workspaces: new Map([[3, workspace!]]) });
    renderers.push(renderer);
    for (const template of Object.keys(workspace!.templates)) {
      for (const [locale, words] of [
        ['de-AT', 'Abmelden'],
        ['en', 'Unsubscribe'],
      ] as const) {
        const shop = { ...context, shop: workspace!.settings.shop };
        const { html, text, subject } = await renderer.render(
          request({ ruleset: 3, template, locale, context: shop, unsubscribeUrl: LINK }),
        );
        expect(subject).toMatch(/\w/);
        expect(html).toContain(`>${words}</a>`);
        expect(text).toContain(`${words}: ${LINK}`);
        expect(`${html}${text}`).not.toMatch(/\{\{|undefined|\[object/);
      }
    }
  });
});

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
