import { MjmlCompiler } from './mjml-compiler.js';

const page = (body: string, head = ''): string => `<mjml><mj-head>${head}</mj-head><mj-body>${body}</mj-body></mjml>`;

describe('MJML with Handlebars', () => {
  const compiler = new MjmlCompiler();
  afterAll(() => compiler.close());
  const blocksOf = async (mjml: string) => {
    const { html } = await compiler.compile(mjml);
    return [...html.matchAll(/\{\{[^}]*\}\}/g)].map(([block]) => block);
  };

  it('keeps blocks between parts, where MJML by itself drops them', async () => {
    const rows = `<mj-section><mj-column>{{#each starts}}<mj-text>{{name}}</mj-text>{{else}}<mj-text>None</mj-text>{{/each}}</mj-column></mj-section>`;
    expect(await blocksOf(page(rows))).toEqual(['{{#each starts}}', '{{name}}', '{{else}}', '{{/each}}']);
    const sections = `{{#if customer.vip}}<mj-section>{{#each starts}}<mj-column><mj-text>{{name}}</mj-text></mj-column>{{/each}}</mj-section>{{/if}}`;
    expect(await blocksOf(page(sections))).toEqual([
      '{{#if customer.vip}}',
      '{{#each starts}}',
      '{{name}}',
      '{{/each}}',
      '{{/if}}',
    ]);
    const { html } = await compiler.compile(page(rows));
    expect(html).toMatch(/\{\{#each starts\}\}\s*<tr>[^]*\{\{name\}\}[^]*<\/tr>\s*\{\{else\}\}/);
  });

  it('keeps values in texts and attributes as they were written', async () => {
    const button = `<mj-section><mj-column><mj-button href="{{url start.url utm="a & b"}}">{{default customer.name "you"}} &amp; {{{with.html}}}</mj-button><mj-image src="{{start.image}}" alt="{{start.name}}"></mj-image></mj-column></mj-section>`;
    const { html } = await compiler.compile(page(button, '<mj-preview>{{start.name}}</mj-preview>'));
    expect(html).toContain('href="{{url start.url utm="a & b"}}"');
    expect(html).toContain('{{default customer.name "you"}} &amp; {{{with.html}}}');
    expect(html).toContain('src="{{start.image}}"');
    expect(html).not.toContain('kairosx');
  });

  it.each([
    [
      '<mj-section><mj-column><mj-social>\n {{#each starts}}<mj-social-element name="x"></mj-social-element>{{/each}}</mj-social></mj-column></mj-section>',
      /^\{\{#each starts\}\} cannot stand directly in <mj-social>/,
      2,
    ],
    [
      '<mj-section><mj-column><mj-text>\n x</mj-text><mj-divider>\n{{#if a}}</mj-divider></mj-column></mj-section>',
      /gets lost/,
      3,
    ],
  ])('says where a block would get lost', async (body, message, line) => {
    await expect(compiler.compile(page(body))).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
      finding: 'template/mjml',
      place: { line },
    });
  });

  it('says what is no MJML, reads no other file, and goes on', async () => {
    await expect(compiler.compile('<p>Hello</p>')).rejects.toThrow(/not MJML/);
    const { html } = await compiler.compile(
      page('<mj-include path="/etc/passwd" /><mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section>'),
    );
    expect(html).not.toContain('root:');
    const { problems } = await compiler.compile(
      page('<mj-section><mj-column>\n<mj-text colour="red">x</mj-text></mj-column></mj-section>'),
    );
    expect(problems).toEqual([{ line: 2, message: expect.stringContaining('colour') as string }]);
  });
});
