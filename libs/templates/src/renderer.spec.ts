import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkspace, type Channel } from '#core';
import { TemplateError, type RenderRequest } from '#engine';
import { checkTemplates } from './check-templates.js';
import { createRenderer } from './create-renderer.js';
import {
  context,
  LINK,
  mail,
  rendererOf,
  renderers,
  request,
  SETTINGS,
  templateOf,
  textOf,
  workspaceOf,
} from './fixtures/rendering.js';

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

  it.each(['push', 'web push', 'inbox'] as const)('puts the subject over %s as its title', async (channel) => {
    const body = { [channel === 'web push' ? 'web-push' : channel]: 'Look', sms: 'Look' };
    const titleOf = async (titles: { readonly [base: string]: string }, changes: Partial<RenderRequest> = {}) =>
      (await rendererOf({ ...titles, ...body }).render(request({ channel, ...changes }))).subject;
    const titles = { subject: 'Hello  {{shop.name}}', 'subject.de': 'Hallo' };
    expect(await titleOf(titles)).toBe('Hello Juniper & Oak');
    expect(await titleOf(titles, { locale: 'de' })).toBe('Hallo');
    expect(await titleOf(titles, { channel: 'sms' })).toBeNull();
    expect(await titleOf({})).toBeNull();
    expect(await titleOf({ subject: '{{#if start.nothing}}x{{/if}}' })).toBeNull();
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

describe('styles', () => {
  const files = {
    subject: 'plain',
    'subject.playful': 'playful',
    'subject.de': 'de',
    email: 'html',
    'email.txt': 'text',
    'email.playful': 'html playful',
    'email.txt.playful': 'text playful',
    'email.de': 'html de',
    'email.de.playful': 'html de playful',
    'email.txt.de': 'text de',
    sms: 'sms',
    'sms.playful': 'sms playful',
  };
  it.each([
    ['en', 'playful', 'playful', 'html playful', 'text playful'],
    ['en', null, 'plain', 'html', 'text'],
    ['en', 'formal', 'plain', 'html', 'text'],
    // Of one style, so the text is made from the HTML; the subject is the nearest one of the language.
    ['de-AT', 'playful', 'de', 'html de playful', 'html de playful'],
    // The language goes before the style.
    ['de', 'formal', 'de', 'html de', 'text de'],
    ['fr', 'playful', 'playful', 'html playful', 'text playful'],
  ])('in %s the style %s is %s, %s, %s', async (locale, style, subject, html, text) => {
    const rendered = await rendererOf(files).render(request({ locale, style }));
    expect([rendered.subject, rendered.html, rendered.text]).toEqual([subject, html, text]);
  });

  it('are there on every channel', async () => {
    const { text } = await rendererOf(files).render(request({ channel: 'sms', style: 'playful' }));
    expect(text).toBe('sms playful');
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
  const { workspace, toCheck } = readWorkspace(paths.map((path) => ({ path, bytes: readFileSync(root + path) })));

  it('has templates without a finding', () => {
    expect(checkTemplates(toCheck)).toEqual([]);
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
