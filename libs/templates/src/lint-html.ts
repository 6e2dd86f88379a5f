import { Tokenizer } from 'htmlparser2';
import type { TemplateFile } from '#core';
import { placeOfOffset, type Place } from './parse-template.js';

export type LintCode = 'template/insecure-link' | 'template/image-alt' | 'template/clipped' | 'template/no-text';

export interface LintFinding {
  readonly code: LintCode;
  readonly place: Place;
  readonly message: string;
}

/** A large provider shows no more of a mail. */
const CLIPPED_BYTES = 100 * 1024;
const EXPRESSION = /\{\{!--[\s\S]*?--~?\}\}|\{\{\{[\s\S]*?\}\}\}|\{\{[\s\S]*?\}\}/g;

/** What a reader of the mail would stumble over, as far as its HTML or MJML shows it. */
export function lintHtml({ source, markup }: TemplateFile): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  const report = (code: LintCode, offset: number, message: string): void =>
    void findings.push({ code, place: placeOfOffset(offset, source), message });
  const bytes = new TextEncoder().encode(source).length;
  if (bytes > CLIPPED_BYTES)
    report(
      'template/clipped',
      0,
      `the file has ${Math.round(bytes / 1024)} KB; mails over 100 KB are cut off at the end`,
    );
  // Of the same length, so that places stay; quotes inside of expressions would end attributes.
  const page = source.replace(EXPRESSION, (expression) => 'x'.repeat(expression.length));
  const { tags, hasText } = read(page);
  for (const { name, offset, attributes } of tags) {
    const address = attributes.get(name === 'img' || name === 'mj-image' ? 'src' : 'href') ?? '';
    if (/^http:/i.test(address.trim()))
      report('template/insecure-link', offset, `"${address.trim()}" is no https address: mail programs warn of it`);
    if ((name === 'img' || name === 'mj-image') && !attributes.has('alt'))
      report(
        'template/image-alt',
        offset,
        'an image without alt: many readers never see it; alt="" if it says nothing',
      );
  }
  if (!hasText && markup === 'handlebars')
    report(
      'template/no-text',
      0,
      'the mail holds no text: whoever sees no images sees nothing; write some, or email.txt.hbs',
    );
  return findings;
}

interface Tag {
  readonly name: string;
  readonly offset: number;
  readonly attributes: Map<string, string>;
}

function read(page: string): { readonly tags: readonly Tag[]; readonly hasText: boolean } {
  const tags: Tag[] = [];
  let hasText = false;
  let hidden = false;
  let tag: Tag | null = null;
  let attribute = '';
  const nothing = (): void => undefined;
  const endTag = (): void => {
    if (tag !== null) tags.push(tag);
    tag = null;
  };
  const tokenizer = new Tokenizer(
    { decodeEntities: false },
    {
      onopentagname(start, end) {
        const name = page.slice(start, end).toLowerCase();
        if (/^(?:style|title|script)$/.test(name)) hidden = true;
        tag = { name, offset: start - 1, attributes: new Map() };
      },
      onclosetag: () => void (hidden = false),
      onattribname(start, end) {
        attribute = page.slice(start, end).toLowerCase();
        if (!tag?.attributes.has(attribute)) tag?.attributes.set(attribute, '');
      },
      onattribdata: (start, end) =>
        void tag?.attributes.set(attribute, (tag.attributes.get(attribute) ?? '') + page.slice(start, end)),
      onopentagend: endTag,
      onselfclosingtag: endTag,
      ontext(start, end) {
        if (!hidden && /\S/.test(page.slice(start, end))) hasText = true;
      },
      onattribentity: nothing,
      onattribend: nothing,
      oncomment: nothing,
      oncdata: nothing,
      ondeclaration: nothing,
      onprocessinginstruction: nothing,
      ontextentity: nothing,
      onend: nothing,
    },
  );
  tokenizer.write(page);
  tokenizer.end();
  return { tags, hasText };
}
