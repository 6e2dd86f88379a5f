/** The first thing in a template that is too much for the parser, whose time grows with the square of the depth. */
export interface TooMuch {
  readonly code: 'template/too-large' | 'template/too-deep';
  readonly message: string;
  /** UTF-16 units. */
  readonly offset: number;
}

const MAX_CHARACTERS = 256 * 1024;
const MAX_EXPRESSIONS = 2_000;
const MAX_LEVELS = 64;

const TOKEN = /\{\{+~?\s*([#^/]|else\s+[^\s}])?|\}\}|[()]/g;

/** Counts braces and parentheses, without understanding them. null: the parser may have it. */
export function guardTemplate(source: string): TooMuch | null {
  if (source.length > MAX_CHARACTERS) {
    return { code: 'template/too-large', message: 'the file is larger than 256 KB', offset: 0 };
  }
  let [expressions, parentheses] = [0, 0];
  const levels = new Levels();
  for (const { 0: token, 1: sign, index: offset } of source.matchAll(TOKEN)) {
    if (token === '}}') parentheses = 0;
    else if (token === '(') parentheses++;
    else if (token === ')') parentheses--;
    else {
      expressions++;
      levels.meet(sign);
    }
    if (levels.depth > MAX_LEVELS || parentheses > MAX_LEVELS) {
      const message = `blocks or parentheses are nested more than ${MAX_LEVELS} levels deep`;
      return { code: 'template/too-deep', message, offset };
    }
    if (expressions > MAX_EXPRESSIONS) {
      return { code: 'template/too-large', message: `more than ${MAX_EXPRESSIONS} expressions in one file`, offset };
    }
  }
  return null;
}

/** How deep it is; an `{{else if}}` is a level of its own, for the parser, until its block is closed. */
class Levels {
  private readonly open: number[] = [];
  depth = 0;

  meet(sign: string | undefined): void {
    if (sign === undefined) return;
    if (sign === '/') this.depth -= this.open.pop() ?? 0;
    else if (sign === '#' || sign === '^') {
      this.open.push(1);
      this.depth++;
    } else if (this.open.length > 0) {
      this.open[this.open.length - 1]! += 1;
      this.depth++;
    }
  }
}
