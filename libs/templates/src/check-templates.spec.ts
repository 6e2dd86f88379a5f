import type { SendValues, Template, TemplateFile, TemplatesToCheck } from '#core';
import { checkMjml } from './check-mjml.js';
import { checkTemplates, templateDiagnosticCodes } from './check-templates.js';

function check(source: string, part: TemplateFile['part'] = 'text') {
  const file: TemplateFile = {
    path: 'templates/t/x.hbs',
    channel: 'email',
    part,
    locale: null,
    style: null,
    markup: 'handlebars',
    source,
  };
  const template: Template = { name: 't', channels: ['email'], files: [file] };
  const shop = { name: 'Shop', url: 'https://shop.test' };
  return checkTemplates({ templates: { t: template }, partials: [], shop, sends: new Map(), named: new Set() });
}
const brief = (source: string, part?: TemplateFile['part']) =>
  check(source, part).map(
    ({ line, column, endLine, endColumn, severity, code, message }) =>
      `${line}:${column}-${endLine}:${endColumn} ${severity}[${code}] ${message}`,
  );

const seen = new Set<string>();
const BAD: readonly [source: string, found: string][] = [
  ['é😀{{customer.name', '1:3-1:5 error[template/syntax] this {{ is not closed: }} is missing behind it'],
  [
    '{{!-- {{no tag --}}Hi\n{{#if customer.name}}{{customer.name{{/if}}',
    '2:22-2:24 error[template/syntax] this {{ is not closed: }} is missing behind it',
  ],
  [
    'Hi\n  {{#if customer.name}}x',
    '2:25-2:25 error[template/syntax] the file ends in the middle of a block: something opened with {{# is not closed with {{/',
  ],
  ['{{#if customer.a}}\nx{{/each}}', '1:4-1:6 error[template/syntax] {{#if}} is closed by {{/each}}'],
  ['x\n {{/if}}', '2:2-2:5 error[template/syntax] this {{/…}} closes nothing that is open'],
  ['{{}}', '1:3-1:5 error[template/syntax] a name is missing before }}'],
  ['{{else}}', '1:1-1:9 error[template/syntax] {{else}} stands outside of a block'],
  ['x'.repeat(262_145), '1:1-1:1 error[template/too-large] the file is larger than 256 KB'],
  [`{{#if start.a}}${'{{else if start.b}}'.repeat(65)}`, '1:1213-1:1213 error[template/too-deep] blocks'],
  ['{{a}}'.repeat(2_001), '1:10001-1:10001 error[template/too-large] more than 2000 expressions in one file'],
  [
    `x\n${'{{#if start.a}}'.repeat(65)}`,
    '2:961-2:961 error[template/too-deep] blocks or parentheses are nested more than 64 levels deep',
  ],
  [`{{money ${'(default start.a '.repeat(65)}`, '1:1097-1:1097 error[template/too-deep] blocks'],
  ['😀 {{mony 1 "EUR"}}', '1:5-1:9 error[template/unknown-helper] there is no helper "mony" (did you mean "money"?)'],
  [
    '{{#if (eq 1 2)}}x{{/if}}',
    '1:8-1:10 error[template/unknown-helper] there is no helper "eq" (there are money, date, plural, list, number, truncate, url, default, lookup)',
  ],
  [
    '{{#eech starts}}x{{/eech}}',
    '1:4-1:8 error[template/unknown-helper] there is no block {{#eech}} (did you mean "each"?)',
  ],
  [
    '{{#customer}}x{{/customer}}',
    '1:4-1:12 error[template/unknown-helper] there is no block {{#customer}} (there are if, unless, each, with)',
  ],
  ['{{log "x"}}', '1:3-1:6 error[template/unknown-helper] there is no helper "log" '],
  ['{{money}}', '1:1-1:10 error[template/helper-arguments] "money" is written like {{money start.price "EUR"}}'],
  ['{{default customer.a}}', '1:1-1:23 error[template/helper-arguments] "default" is written like'],
  ['{{#if}}x{{/if}}', '1:1-1:16 error[template/helper-arguments] "if" is written like {{#if …}}'],
  [
    '{{> header}}',
    '1:1-1:13 error[template/unknown-partial] there is no piece "header": write templates/_partials/header.hbs',
  ],
  ['{{* deco}}', '1:1-1:11 error[template/not-supported] templates have no decorators ({{* …}})'],
  ['{{"text"}}', '1:1-1:11 error[template/not-supported] templates have no literals in place of a name'],
  [
    '{{custmer.name}}',
    '1:3-1:15 error[template/unknown-variable] nothing provides "custmer.name" (did you mean "customer"?)',
  ],
  [
    '{{money event.price "EUR"}}',
    '1:9-1:20 error[template/unknown-variable] nothing provides "event.price" (there are customer, start, ',
  ],
  ['{{#if custmer.name}}x{{/if}}', '1:7-1:19 error[template/unknown-variable] nothing provides "custmer.name"'],
  ['{{plural starts.length one=nam}}', '1:28-1:31 error[template/unknown-variable] nothing provides "nam"'],
  ['{{this.nothing}}', '1:3-1:15 error[template/unknown-variable] nothing provides "this.nothing"'],
  ['{{@root.nothing}}', '1:3-1:16 error[template/unknown-variable] nothing provides "@root.nothing"'],
  ['{{@index}}', '1:3-1:9 error[template/unknown-variable] "@index" has no value here'],
  [
    '{{shop.nme}}',
    '1:3-1:11 error[template/unknown-variable] `shop` of kairos.yaml has no "nme" (did you mean "shop.name"?)',
  ],
  [
    '{{message.ruel}}',
    '1:3-1:15 error[template/unknown-variable] "message" has no "ruel" (did you mean "message.rule"?)',
  ],
  [
    '{{#each starts}}{{../nothing}}{{/each}}',
    '1:19-1:29 error[template/unknown-variable] nothing provides "../nothing"',
  ],
  [
    '{{#each starts as |item|}}{{/each}}{{item.name}}',
    '1:38-1:47 error[template/unknown-variable] nothing provides "item.name"',
  ],
  ['{{../customer.name}}', '1:3-1:19 error[template/scope] "../customer.name" leads out of the template'],
  [
    '{{#each starts}}{{customer.name}}{{/each}}',
    '1:19-1:32 warning[template/scope] inside {{#each}} this is looked for in the entry; to reach "customer" write ../customer.name',
  ],
];

describe('checkTemplates', () => {
  it.each(BAD.map(([source, found]) => [source.slice(0, 60), source, found] as const))('%s', (_name, source, found) => {
    const [first, ...others] = brief(source);
    check(source).forEach(({ code }) => seen.add(code));
    expect(others).toEqual([]);
    expect(first?.slice(0, found.length)).toBe(found);
  });

  it('warns of markup in values, in HTML only', () => {
    expect(brief('{{{customer.name}}}', 'html')[0]).toContain('1:1-1:20 warning[template/unescaped]');
    seen.add('template/unescaped');
    expect(brief('{{{customer.name}}}')).toEqual([]);
  });

  it('warns of what readers stumble over, in HTML only', () => {
    const page = `<a href="http://shop.test">x</a><img src="https://x.test/a.png">${'x'.repeat(103_000)}`;
    for (const source of [page, '<img src="https://x.test/a.png" alt="">'])
      check(source, 'html').forEach(({ code }) => seen.add(code));
    expect(check(page, 'html').map(({ code, severity }) => [code, severity])).toEqual([
      ['template/clipped', 'warning'],
      ['template/insecure-link', 'warning'],
      ['template/image-alt', 'warning'],
    ]);
    expect(check(page)).toEqual([]);
  });

  it('finds MJML that cannot be used, and what of it is not right', async () => {
    const file = (body: string): TemplateFile => ({
      path: 'templates/t/email.mjml',
      channel: 'email',
      part: 'html',
      locale: null,
      style: null,
      markup: 'mjml',
      source: `<mjml><mj-body>${body}</mj-body></mjml>`,
    });
    const found = await checkMjml({
      a: {
        name: 'a',
        channels: ['email'],
        files: [file('<mj-section><mj-navbar>{{#each starts}}</mj-navbar></mj-section>')],
      },
      b: { name: 'b', channels: ['email'], files: [file('\n<mj-section colour="x"></mj-section>')] },
    });
    found.forEach(({ code }) => seen.add(code));
    expect(found.map(({ severity, line }) => [severity, line])).toEqual([
      ['error', 1],
      ['warning', 2],
    ]);
  });

  it('suggests what was probably meant', () => {
    expect(
      [check('{{custmer.name}}'), check('{{shop.nme}}'), check('{{mony 1 "EUR"}}')].map(([found]) => found?.suggestion),
    ).toEqual(['customer', 'shop.name', 'money']);
  });

  it('finds everything in a file at once', () => {
    expect(brief('{{a}}\n{{b.c}}\n{{d 1}}')).toHaveLength(3);
  });

  it.each([
    '{{customer.anything.deep}} {{start.x}} {{starts.length}} {{unsubscribe}} {{preferences}} {{shop.name}} {{message.planned_at}}',
    '{{#each starts as |item index|}}{{item.name}} {{index}} {{name}} {{this.price}} {{../customer.name}} {{@index}} {{#if ../shop.url}}{{../customer.x}}{{/if}}{{/each}}',
    '{{#with start}}{{name}}{{#each lines}}{{../name}}{{../../customer.name}}{{@root.shop.name}}{{/each}}{{/with}}',
    '{{#if start.name}}a{{else if (default start.b start.c)}}b{{else}}c{{/if}} {{!-- a comment with {{braces}} --}}',
    `{{#if start.a}}${'{{else if start.b}}x'.repeat(60)}{{/if}}`,
    '{{money (default start.price 0) (lookup shop "name")}} \\{{not a value}}',
  ])('finds nothing in %s', (source) => expect(brief(source)).toEqual([]));

  it('knows what the sends of a template give it, and what nobody gives', () => {
    expect(given('{{with.discount}} {{answer.score}}', [SEND])).toEqual([]);
    expect(given('{{with.discuont}}', [SEND])).toEqual([
      '`with` of a `send` has no "discuont" (did you mean "with.discount"?)',
    ]);
    expect(given('{{answr.score}}', [SEND])).toEqual(['nothing provides "answr.score" (did you mean "answer"?)']);
    expect(given('{{with.anything}}', [])).toEqual([]);
    expect(given('{{with.discount}}', [BARE])).toEqual([
      'nothing provides "with.discount": no `send` of this template has `with`',
    ]);
  });

  it('does not judge what rules give where they cannot be read', () => {
    expect(given('{{with.anything}} {{answer.score}}', null, { named: new Set(['answer']) })).toEqual([]);
    expect(given('{{answr.score}}', null, { named: new Set(['answer']) })).toHaveLength(1);
    expect(given('{{whatever.score}}', null, { named: null })).toEqual([]);
  });
});

const SEND: SendValues = { rule: 'offer', step: '2', with: new Set(['discount']), named: new Set(['answer']) };
const BARE: SendValues = { rule: 'plain', step: '4.then.1', with: new Set(), named: new Set() };

function given(source: string, sends: readonly SendValues[] | null, changes: Partial<TemplatesToCheck> = {}) {
  const file = { path: 'x', channel: 'sms', part: 'text', locale: null, style: null, markup: 'handlebars' } as const;
  const templates = { t: { name: 't', channels: ['sms'], files: [{ ...file, source }] } } as const;
  const known = {
    templates,
    partials: [],
    shop: {},
    sends: sends && new Map([['t', sends]]),
    named: new Set<string>(),
  };
  return checkTemplates({ ...known, ...changes }).map(({ message }) => message);
}

describe('a value that one of several sends does not give', () => {
  const OTHER: SendValues = { ...BARE, rule: 'other', with: new Set(['code']) };

  it('is an error at its place, with every send that lacks it', () => {
    expect(given('{{with.discount}}', [SEND, BARE, OTHER])).toEqual([
      '"with.discount" is missing where rules/plain.yaml (step 4.then.1), rules/other.yaml (step 4.then.1) sends this: write it under `with` there, or ask first with {{#if with.discount}}',
    ]);
    seen.add('template/not-always-given');
    expect(given('{{answer.score}}', [SEND, BARE])).toEqual([
      '"answer.score" is missing where rules/plain.yaml (step 4.then.1) sends this: no `as` gives "answer" there, or ask first with {{#if answer.score}}',
    ]);
    expect(given('{{#each starts}}{{../with.discount}}{{/each}}', [SEND, BARE])).toHaveLength(1);
    expect(given('{{#each starts}}{{@root.with.discount}}{{/each}}', [SEND, BARE])).toHaveLength(1);
    expect(given('{{#if with.discount}}a{{else}}{{with.discount}}{{/if}}', [SEND, BARE])).toHaveLength(1);
    expect(given('{{#if customer.vip}}{{money with.discount "EUR"}}{{/if}}', [SEND, BARE])).toHaveLength(1);
    expect(given('{{with.discount}}{{with.code}}', [SEND, OTHER])).toHaveLength(2);
  });

  it.each([
    '{{#if with.discount}}{{with.discount}}%{{/if}}',
    '{{#unless with.discount}}full price{{else}}{{with.discount}}%{{/unless}}',
    '{{#if customer.vip}}x{{else if with.discount}}{{#each starts}}{{../with.discount}}{{/each}}{{/if}}',
    '{{#with with.discount}}{{value}}{{../with.discount}}{{/with}}',
    '{{default with.discount 5}}',
    '{{#if answer}}{{answer.score}} {{with.discount}}{{/if}}',
    '{{#each with.discount as |with|}}{{with.code}}{{/each}}',
  ])('is none where the template asks first: %s', (source) => expect(given(source, [SEND, BARE])).toEqual([]));

  it('is found in a piece of the template too', () => {
    const piece = (name: string, source: string) => ({ path: `_partials/${name}.hbs`, name, locale: null, source });
    const partials = [
      piece('outer', '{{#if customer.name}}{{> offer}}{{/if}}'),
      piece('offer', '{{with.discount}}% off'),
    ];
    const found = (source: string) => given(source, [SEND, BARE], { partials });
    expect(found('{{> outer}}')).toEqual([
      '"with.discount", which the piece "outer" needs, is missing where rules/plain.yaml (step 4.then.1) sends this: write it under `with` there, or ask first with {{#if with.discount}}',
    ]);
    expect(found('{{#if with.discount}}{{> outer}}{{/if}}')).toEqual([]);
    expect(found('{{> offer with=start}}')).toEqual([]);
    expect(found('{{#each starts}}{{> offer}}{{/each}}')).toEqual([]);
  });
});

describe('the codes of templates', () => {
  it('each have an example here', () => {
    expect([...templateDiagnosticCodes().keys()].filter((code) => !seen.has(code))).toEqual([]);
  });
});
