import { CST, Lexer } from 'yaml';
import type { Reading } from '../reading/reading.js';

export const MAX_LEVELS = 64;
export const MAX_ENTRIES = 1_000;
export const MAX_TOKENS = 20_000;

/**
 * Looks at the tokens of a YAML text before it is composed. Composing recurses (about 450 block levels or 790 brackets
 * overflow the stack) and is quadratic in the entries of a map, so both are bounded here; lexing is linear.
 * @returns false when something was reported: the text must then not be composed.
 */
export function guardTokens(reading: Reading): boolean {
  const guard = new TokenGuard(reading);
  const { text } = reading.source;
  let offset = 0;
  let tokens = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const type = CST.tokenType(lexeme);
    if (type === 'doc-mode' || (type === 'scalar' && lexeme === CST.SCALAR)) {
      guard.plainFollows = type === 'scalar';
      continue;
    }
    if (type === 'flow-error-end') {
      guard.unclosedBracket();
      return false;
    }
    if (++tokens > MAX_TOKENS) {
      return stop(
        reading,
        offset,
        'yaml/too-many-tokens',
        'the file is too long; at most 20,000 words and signs are read: split it into several files',
      );
    }
    if (!guard.token(type, lexeme, offset)) return false;
    offset += lexeme.length;
  }
  return guard.end();
}

type TokenKind = ReturnType<typeof CST.tokenType>;
type GuardCode =
  | 'yaml/too-many-tokens'
  | 'yaml/too-deep'
  | 'yaml/too-many-entries'
  | 'yaml/unclosed'
  | 'yaml/unopened'
  | 'yaml/documents';

function stop(reading: Reading, start: number, code: GuardCode, message: string): false {
  reading.error({ start, end: start + 1 }, code, message);
  return false;
}

interface BlockFrame {
  readonly column: number;
  readonly kind: 'map' | 'list';
  entries: number;
}

class TokenGuard {
  /** The lexer announces a plain or block scalar by a marker; the next lexeme is its text. */
  plainFollows = false;
  private readonly brackets: { sign: string; offset: number; entries: number }[] = [];
  private readonly blocks: BlockFrame[] = [];
  private lineStart = 0;
  private keyColumn = 0;
  private afterBlockHeader = false;
  private quoteAt = -1;
  private hasContent = false;
  private refused = false;

  constructor(private readonly reading: Reading) {}

  /** @returns false when the rest of the tokens is not worth looking at. */
  token(type: TokenKind, lexeme: string, offset: number): boolean {
    const column = offset - this.lineStart;
    const goesOn = this.plainFollows ? this.scalar(lexeme, offset, column) : this.sign(type, lexeme, offset, column);
    this.plainFollows = false;
    const newline = lexeme.lastIndexOf('\n');
    if (newline !== -1) this.lineStart = offset + newline + 1;
    return goesOn;
  }

  end(): boolean {
    if (this.brackets.length > 0) return this.unclosedBracket();
    return !this.refused;
  }

  unclosedBracket(): false {
    const open = this.brackets.at(-1);
    return stop(
      this.reading,
      open?.offset ?? 0,
      'yaml/unclosed',
      `the bracket \`${open?.sign ?? ''}\` is opened here and never closed`,
    );
  }

  private sign(type: TokenKind, lexeme: string, offset: number, column: number): boolean {
    const quoteEnd = this.quoteAt;
    this.quoteAt = -1;
    switch (type) {
      case 'flow-map-start':
      case 'flow-seq-start':
        if (this.brackets.length === 0) this.keyColumn = column;
        this.brackets.push({ sign: lexeme, offset, entries: 1 });
        return this.levels(offset);
      case 'flow-map-end':
      case 'flow-seq-end':
        return this.closeBracket(lexeme, offset);
      case 'comma':
        return this.flowEntry(offset);
      case 'seq-item-ind':
        return this.brackets.length > 0 || this.blockEntry('list', column, offset);
      case 'map-value-ind':
        return this.brackets.length > 0 || this.blockEntry('map', this.keyColumn, offset);
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        this.keyColumn = this.brackets.length === 0 ? column : this.keyColumn;
        return this.quoted(lexeme, offset);
      case 'block-scalar-header':
        this.afterBlockHeader = true;
        return true;
      default:
        this.quoteAt = type === 'space' || type === 'newline' ? -1 : quoteEnd;
        return this.refusedSign(type, lexeme, offset);
    }
  }

  private refusedSign(type: TokenKind, lexeme: string, offset: number): boolean {
    const span = { start: offset, end: offset + lexeme.length };
    const shown = lexeme.length > 40 ? `${lexeme.slice(0, 40)}…` : lexeme;
    switch (type) {
      case 'anchor':
      case 'alias': {
        const what =
          type === 'anchor'
            ? 'gives a name to a part of the file (an anchor)'
            : 'refers to another part of the file (an alias)';
        this.reading.error(
          span,
          'yaml/alias',
          `\`${shown}\` ${what}, which is not allowed here: write it out, or put the text in quotes`,
        );
        break;
      }
      case 'tag':
        this.reading.error(
          span,
          'yaml/tag',
          lexeme === '!='
            ? 'comparisons are written in words: `{ not: … }` instead of `!=`'
            : `\`${shown}\` is a YAML tag, which is not allowed here: leave it out, or put the text in quotes`,
        );
        break;
      case 'explicit-key-ind':
        this.reading.error(span, 'yaml/key', 'a key that begins with `?` is not allowed here: write `key: value`');
        break;
      case 'directive-line':
        this.reading.error(
          span,
          'yaml/directive',
          'a line that begins with `%` is a YAML directive, which is not allowed here: leave it out',
        );
        break;
      case 'doc-start':
        if (!this.hasContent) return true;
        return stop(this.reading, offset, 'yaml/documents', 'a second document begins here (`---`); a file holds one');
      default:
        return true;
    }
    this.refused = true;
    return true;
  }

  private scalar(lexeme: string, offset: number, column: number): boolean {
    const isBlock = this.afterBlockHeader;
    this.afterBlockHeader = false;
    this.hasContent = true;
    if (isBlock) return true;
    if (this.quoteAt !== -1) return this.unclosedQuote(this.quoteAt);
    if (this.brackets.length === 0) this.keyColumn = column;
    if (lexeme === '<<') {
      this.reading.error(
        { start: offset, end: offset + 2 },
        'yaml/merge',
        '`<<` takes over another map, which is not allowed here: write its keys out',
      );
      this.refused = true;
    } else if (/^[\u2010-\u2015\u2212] /u.test(lexeme)) {
      this.reading.error(
        { start: offset, end: offset + 1 },
        'yaml/dash',
        `\`${lexeme.slice(0, 1)}\` is a typographic dash; a list item begins with a hyphen`,
        '-',
      );
      this.refused = true;
    }
    return true;
  }

  private quoted(lexeme: string, offset: number): boolean {
    this.hasContent = true;
    if (!isClosed(lexeme)) return this.unclosedQuote(offset);
    this.quoteAt = offset;
    return true;
  }

  private unclosedQuote(offset: number): false {
    const inside = this.reading.source.text.startsWith("'", offset) ? "'' for a ' inside" : '\\" for a " inside';
    const message = `the quote that is opened here is not closed where it should be (write ${inside})`;
    return stop(this.reading, offset, 'yaml/unclosed', message);
  }

  private closeBracket(lexeme: string, offset: number): boolean {
    const open = this.brackets.at(-1);
    if (open === undefined)
      return stop(this.reading, offset, 'yaml/unopened', `the bracket \`${lexeme}\` closes nothing`);
    if ((open.sign === '{') !== (lexeme === '}')) {
      return stop(
        this.reading,
        open.offset,
        'yaml/unclosed',
        `the bracket \`${open.sign}\` that is opened here is not closed before a \`${lexeme}\``,
      );
    }
    this.brackets.pop();
    return true;
  }

  private flowEntry(offset: number): boolean {
    const open = this.brackets.at(-1);
    return open === undefined || this.entries(++open.entries, offset);
  }

  private blockEntry(kind: BlockFrame['kind'], column: number, offset: number): boolean {
    for (
      let top = this.blocks.at(-1);
      top && (top.column > column || (top.column === column && top.kind === 'list' && kind === 'map'));
      top = this.blocks.at(-1)
    ) {
      this.blocks.pop();
    }
    const top = this.blocks.at(-1);
    if (top?.column === column && top.kind === kind) return this.entries(++top.entries, offset);
    this.blocks.push({ column, kind, entries: 1 });
    return this.levels(offset);
  }

  private levels(offset: number): boolean {
    if (this.blocks.length + this.brackets.length <= MAX_LEVELS) return true;
    return stop(this.reading, offset, 'yaml/too-deep', `maps and lists lie more than ${MAX_LEVELS} levels deep here`);
  }

  private entries(count: number, offset: number): boolean {
    if (count <= MAX_ENTRIES) return true;
    return stop(this.reading, offset, 'yaml/too-many-entries', 'a map or list has more than 1,000 entries here');
  }
}

function isClosed(lexeme: string): boolean {
  const quote = lexeme.charAt(0);
  if (lexeme.length < 2 || !lexeme.endsWith(quote)) return false;
  if (quote === "'") return /^'(?:[^']|'')*'$/.test(lexeme);
  const backslashes = /\\*$/.exec(lexeme.slice(0, -1))?.[0].length ?? 0;
  return backslashes % 2 === 0;
}
