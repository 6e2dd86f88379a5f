import Handlebars from 'handlebars';
import { guardTemplate, type TooMuch } from './guard-template.js';

/** Where something stands in a template file, from 1, columns in characters (code points). */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A template is not Handlebars, or more than is taken. */
export class TemplateSyntaxError extends Error {
  readonly code = 'template_syntax';
  readonly retryable = false;

  constructor(
    message: string,
    readonly place: Place,
    readonly finding: 'template/syntax' | 'template/mjml' | TooMuch['code'] = 'template/syntax',
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'TemplateSyntaxError';
  }
}

interface Location {
  readonly first_line: number;
  readonly first_column: number;
  readonly last_line: number;
  readonly last_column: number;
}

/** What the generated parser knows when it gives up; without it only a drawing of the place is left. */
interface GivenUp {
  readonly text: string;
  readonly token: string | null;
  readonly loc: Location;
}

class ParserGaveUp extends Error {
  constructor(readonly how: GivenUp) {
    super('not Handlebars');
  }
}

const { Parser } = Handlebars as unknown as {
  Parser: { parseError: (message: string, how: GivenUp) => never; lexer: { yylloc: Location } };
};
Parser.parseError = (_message, how) => {
  // Its own location is that of the token before.
  throw new ParserGaveUp({ ...how, loc: { ...Parser.lexer.yylloc } });
};

/** The syntax tree, before whitespace control (precompiling does that). Throws TemplateSyntaxError. */
export function parseTemplate(source: string): hbs.AST.Program {
  const tooMuch = guardTemplate(source);
  if (tooMuch !== null)
    throw new TemplateSyntaxError(tooMuch.message, placeOfOffset(tooMuch.offset, source), tooMuch.code);
  try {
    return Handlebars.parseWithoutProcessing(source);
  } catch (error) {
    const unclosed = unclosedTag(source);
    if (unclosed !== null)
      throw new TemplateSyntaxError(
        'this {{ is not closed: }} is missing behind it',
        { ...placeOfOffset(unclosed, source), endColumn: placeOfOffset(unclosed + 2, source).column },
        'template/syntax',
        { cause: error },
      );
    throw new TemplateSyntaxError(sentence(error), placeOfError(error, source), 'template/syntax', { cause: error });
  }
}

/** Where the first `{{` stands that meets another one, or the end, before its `}}`; null: all are closed. */
function unclosedTag(source: string): number | null {
  const withoutComments = source.replace(/\{\{~?!(?:--[^]*?--|[^]*?)~?\}\}/g, (comment) => ' '.repeat(comment.length));
  let open: number | null = null;
  for (const { 0: braces, index } of withoutComments.matchAll(/(?<!\\)\{{2,}|\}{2,}/g)) {
    if (braces.startsWith('{') && open !== null) return open;
    open = braces.startsWith('{') ? index : null;
  }
  return open;
}

/** @param offset UTF-16 units */
export function placeOfOffset(offset: number, source: string): Place {
  const before = source.slice(0, offset).split(/\r\n?|\n/);
  const [line, column] = [before.length, [...(before.at(-1) ?? '')].length + 1];
  return { line, column, endLine: line, endColumn: column };
}

/** Handlebars counts lines from 1, columns from 0, in UTF-16 units. */
export function placeOf(location: hbs.AST.SourceLocation, source: string): Place {
  return place(
    {
      first_line: location.start.line,
      first_column: location.start.column,
      last_line: location.end.line,
      last_column: location.end.column,
    },
    source,
  );
}

function place(location: Location, source: string): Place {
  const lines = source.split(/\r\n?|\n/);
  const characters = (line: number, units: number): number => [...(lines[line - 1] ?? '').slice(0, units)].length + 1;
  return {
    line: location.first_line,
    column: characters(location.first_line, location.first_column),
    endLine: location.last_line,
    endColumn: characters(location.last_line, location.last_column),
  };
}

function placeOfError(error: unknown, source: string): Place {
  if (error instanceof ParserGaveUp && isLocation(error.how.loc)) return place(error.how.loc, source);
  // Handlebars.Exception: found after parsing, such as a block closed by another name.
  const { lineNumber: line, column, endLineNumber, endColumn } = error as { [name: string]: number | undefined };
  if (line !== undefined && column !== undefined) {
    return place(
      { first_line: line, first_column: column, last_line: endLineNumber ?? line, last_column: endColumn ?? column },
      source,
    );
  }
  return { line: 1, column: 1, endLine: 1, endColumn: 1 };
}

function isLocation(value: Partial<Location> | undefined): value is Location {
  return typeof value?.first_line === 'number';
}

const TOKENS: { readonly [token: string]: string } = {
  EOF: 'the file ends in the middle of a block: something opened with {{# is not closed with {{/',
  INVALID: 'this is not Handlebars; perhaps a {{…}} before it is not closed',
  CLOSE: 'a name is missing before }}',
  OPEN_ENDBLOCK: 'this {{/…}} closes nothing that is open',
  INVERSE: '{{else}} stands outside of a block',
  OPEN_INVERSE_CHAIN: '{{else …}} stands outside of a block',
};

function sentence(error: unknown): string {
  if (!(error instanceof ParserGaveUp)) {
    const message = error instanceof Error ? error.message : String(error);
    const match = /^(.+) doesn't match (.+?)(?: - \d+:\d+)?$/.exec(message);
    return match === null ? message.replace(/ - \d+:\d+$/, '') : `{{#${match[1]}}} is closed by {{/${match[2]}}}`;
  }
  const { token, text } = error.how;
  return (token !== null && TOKENS[token]) || `"${text.trim().slice(0, 40)}" cannot stand here`;
}
