import { Tokenizer } from 'htmlparser2';

/** MJML with its Handlebars expressions put out of MJML's sight. */
export interface ProtectedMjml {
  readonly source: string;
  /** What stood at the place of each mark. */
  readonly expressions: readonly string[];
}

/** An expression stands where MJML keeps no text. `offset` into the source, UTF-16 units. */
export class LostExpressionError extends Error {
  readonly code = 'lost_expression';
  readonly retryable = false;

  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'LostExpressionError';
  }
}

const EXPRESSION = /\{\{!--[\s\S]*?--~?\}\}|\{\{\{[\s\S]*?\}\}\}|\{\{[\s\S]*?\}\}/g;
const MARK = /kairosx(\d+)x/g;
/** Between their parts MJML drops every text but that of mj-raw. */
const DROPS_TEXT = new Set(['mj-head', 'mj-body', 'mj-wrapper', 'mj-section', 'mj-group', 'mj-column', 'mj-hero']);
/** These make something of each of their parts and have no mj-raw. */
const TAKES_PARTS_ONLY = new Set([
  'mjml',
  'mj-attributes',
  'mj-accordion',
  'mj-accordion-element',
  'mj-carousel',
  'mj-navbar',
  'mj-social',
]);

/**
 * Every `{{…}}` becomes a mark that MJML takes for a word; those between parts, such as `{{#each}}` around columns, stand
 * in mj-raw, since MJML drops what it does not know there. Throws LostExpressionError where there is no such way.
 */
export function protectExpressions(mjml: string): ProtectedMjml {
  const expressions: string[] = [];
  const offsets: number[] = [];
  const marked = mjml.replace(EXPRESSION, (expression, offset: number) => {
    offsets.push(offset);
    return `kairosx${expressions.push(expression) - 1}x`;
  });
  let source = '';
  let done = 0;
  for (const { start, end, parent } of textsOf(marked)) {
    const text = marked.slice(start, end);
    if (TAKES_PARTS_ONLY.has(parent)) {
      const [, number] = new RegExp(MARK.source).exec(text) ?? [];
      if (number === undefined) continue;
      const what = expressions[Number(number)]!;
      throw new LostExpressionError(
        `${what} cannot stand directly in <${parent}>: MJML drops what stands between its parts; put it inside of one, or around <${parent}>`,
        offsets[Number(number)]!,
      );
    }
    source += marked.slice(done, start) + text.replace(MARK, '<mj-raw>$&</mj-raw>');
    done = end;
  }
  return { source: source + marked.slice(done), expressions };
}

/**
 * The expressions back at their places in the HTML that MJML made. Throws LostExpressionError (of what was protected)
 * where one is missing: a list would be cut in the middle of its block.
 */
export function restoreExpressions(html: string, { expressions }: ProtectedMjml, mjml: string): string {
  const kept = new Set([...html.matchAll(MARK)].map(([, number]) => Number(number)));
  expressions.forEach((expression, number) => {
    if (kept.has(number) || expression.startsWith('{{!')) return;
    throw new LostExpressionError(`${expression} gets lost: MJML drops it where it stands`, mjml.indexOf(expression));
  });
  return html.replace(MARK, (_, number: string) => expressions[Number(number)]!);
}

interface Text {
  readonly start: number;
  readonly end: number;
  readonly parent: string;
}

/** Texts directly inside of what drops them, or takes parts only. */
function textsOf(mjml: string): readonly Text[] {
  const texts: Text[] = [];
  const open: string[] = [];
  let name = '';
  const nothing = (): void => undefined;
  const tokenizer = new Tokenizer(
    { xmlMode: true, decodeEntities: false },
    {
      onopentagname: (start, end) => void (name = mjml.slice(start, end)),
      onopentagend: () => void open.push(name),
      onclosetag(start, end) {
        const at = open.lastIndexOf(mjml.slice(start, end));
        if (at >= 0) open.length = at;
      },
      ontext(start, end) {
        const parent = open.at(-1);
        // Inside of what holds content, such as mj-text, everything is kept.
        if (parent === undefined || open.some((each) => !isOutline(each))) return;
        texts.push({ start, end, parent });
      },
      onselfclosingtag: nothing,
      onattribname: nothing,
      onattribdata: nothing,
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
  tokenizer.write(mjml);
  tokenizer.end();
  return texts;
}

function isOutline(name: string): boolean {
  return DROPS_TEXT.has(name) || TAKES_PARTS_ONLY.has(name);
}
