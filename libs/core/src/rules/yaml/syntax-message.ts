import type { YAMLError } from 'yaml';
import type { DiagnosticCode } from '../diagnostic-codes.js';
import type { SourceText, Span } from './source-text.js';

export interface SyntaxFinding {
  readonly span: Span;
  readonly code: DiagnosticCode;
  readonly message: string;
}

/** The parser's first error in words for people who do not know YAML's grammar. The errors after it mostly follow from it. */
export function syntaxMessage(source: SourceText, errors: readonly YAMLError[], first: YAMLError): SyntaxFinding {
  const multiline = errors.find((error) => error.code === 'MULTILINE_IMPLICIT_KEY' && error.pos[0] === first.pos[0]);
  if (multiline !== undefined) return deeperLine(source, multiline);
  const span = { start: first.pos[0], end: Math.max(first.pos[1], first.pos[0] + 1) };
  if (first.code === 'MULTIPLE_DOCS')
    return { span, code: 'yaml/documents', message: 'a second document begins here; a file holds one' };
  return { span, code: 'yaml/syntax', message: colonIn(source, first) ?? signIn(source, first) ?? words(first) };
}

/** What is wrong with the colon of a line of its own; null: nothing is. */
function colonIn({ text }: SourceText, { code, pos }: YAMLError): string | null {
  if (code !== 'MISSING_CHAR') return null;
  const from = text.lastIndexOf('\n', pos[0] - 1) + 1;
  const line = /[^\n]*/.exec(text.slice(from, from + 200))![0];
  const key = /^\s*(?:- )?([\p{L}\d ._-]+[:\uff1a])[^:"']/u.exec(line)?.[1];
  return key === undefined || line.includes(': ') ? null : missingIn(key);
}

/** `>` begins a text of several lines in YAML; null: none was meant to compare. */
function signIn({ text }: SourceText, { code, pos }: YAMLError): string | null {
  if (code !== 'UNEXPECTED_TOKEN' && code !== 'BAD_SCALAR_START') return null;
  const [, sign, value] =
    />(=?) *(-?\d[\d.]*|[a-z_]+\.[\w.]+)?/.exec(text.slice(Math.max(0, pos[0] - 3), pos[0] + 60)) ?? [];
  if (sign === undefined || value === undefined) return null;
  return `comparisons are written in words: \`{ ${sign === '=' ? 'at least' : 'more than'}: ${value} }\``;
}

function deeperLine(source: SourceText, error: YAMLError): SyntaxFinding {
  const text = source.text.slice(error.pos[0], error.pos[1]);
  const lineStart = source.text.lastIndexOf('\n', error.pos[0] - 1) + 1;
  if (/^[ -]*$/.test(source.text.slice(lineStart, error.pos[0]))) {
    const key = text.slice(0, text.search(/\s*\r?\n/));
    return {
      span: { start: error.pos[0], end: error.pos[0] + key.length },
      code: 'yaml/syntax',
      message: missingIn(key.slice(0, 60)),
    };
  }
  const lastLine = error.pos[0] + text.lastIndexOf('\n') + 1;
  const start = lastLine + source.text.slice(lastLine).search(/\S/u);
  const message =
    'this line is indented deeper than the line above, which already has its value; the keys of one map begin in the same column';
  return { span: { start, end: error.pos[1] }, code: 'yaml/syntax', message };
}

function missingIn(key: string): string {
  if (key.includes('\uff1a')) return 'the wide colon of Chinese and Japanese keyboards is none; write ":" and a blank';
  return key.includes(':') ? `a blank is missing behind the colon in "${key}"` : `a colon is missing behind "${key}"`;
}

function words(error: YAMLError): string {
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a second colon on one line; put the text in quotes, or an inner map in braces or on lines of its own';
    case 'BLOCK_IN_FLOW':
      return 'a comma is missing in the braces or brackets, or something stands in them that needs lines of its own';
    case 'BAD_INDENT':
      return 'this line is not indented like the lines it belongs to';
    case 'MISSING_CHAR':
      return error.message.includes('quote') ? 'a quote is not closed' : 'a colon, comma or blank is missing here';
    case 'BAD_SCALAR_START':
      return 'a text cannot begin with this sign; put it in quotes';
    case 'BAD_DQ_ESCAPE':
      return 'a backslash in double quotes begins an escape, and this one does not exist; use single quotes';
    case 'KEY_OVER_1024_CHARS':
      return 'a key is longer than 1,024 characters';
    case 'UNEXPECTED_TOKEN':
      return 'something stands here that does not belong here; a text with special signs needs quotes';
    default:
      return `this is not YAML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  }
}
