import {
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Node,
  type Pair,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Diagnostic, WorkspaceFile } from '../diagnostic.js';
import type { FileKind } from '../diagnostic-codes.js';
import { Reading } from '../reading/reading.js';
import { decimalComma } from '../reading/scalars.js';
import type { WorkspaceNames } from '../reading/workspace-names.js';
import { decodeText } from './decode-text.js';
import { guardTokens } from './guard-tokens.js';
import type { Span } from './source-text.js';
import { syntaxMessage } from './syntax-message.js';
import type { YamlEntry, YamlNode, YamlScalar } from './yaml-node.js';

export type GuardedYaml =
  | { readonly root: YamlNode; readonly reading: Reading }
  /** Not YAML that may be read; `diagnostics` says why and is never empty. */
  | { readonly root: null; readonly diagnostics: readonly Diagnostic[] };

/**
 * A YAML 1.2 file (core schema) as a tree with positions, for files that anybody may have written: never throws, and
 * answers in milliseconds whatever the bytes. Refuses anchors, aliases, merge keys, tags, directives, duplicate keys,
 * tabs as indentation, several documents, and what exceeds the limits of `guardTokens`.
 */
export function readYaml(file: WorkspaceFile, kind: FileKind, names?: WorkspaceNames): GuardedYaml {
  const decoded = decodeText(file, kind);
  if (decoded.source === null) return { root: null, diagnostics: decoded.diagnostics };
  const reading = new Reading(decoded.source, kind, names);
  const failed = (): GuardedYaml => ({ root: null, diagnostics: reading.diagnostics });
  if (!indentationIsFine(reading) || !guardTokens(reading)) return failed();
  const document = parseDocument(decoded.source.text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const first = document.errors[0];
  if (first !== undefined) {
    reportSyntax(reading, document.errors, first);
    return failed();
  }
  if (document.contents === null || isNothing(document.contents)) {
    reading.error({ start: 0, end: 0 }, 'file/empty', 'the file has nothing in it');
    return failed();
  }
  const root = new TreeBuilder(reading).node(document.contents, { start: 0, end: 0 });
  return reading.diagnostics.length > 0 ? failed() : { root, reading };
}

/** YAML forbids tabs as indentation only in places that are hard to explain, and takes other blanks for letters: both are refused everywhere. */
function indentationIsFine(reading: Reading): boolean {
  const match = /^ *([^\S \r\n]\s*)(?=[^\s#])/mu.exec(reading.source.text);
  if (match === null) return true;
  const sign = match[1]!.charAt(0);
  const start = match.index + match[0].indexOf(sign);
  const [code, what] =
    sign === '\t'
      ? (['yaml/tab', 'a tab'] as const)
      : (['yaml/blank', 'a non-breaking space or another odd blank'] as const);
  const cure = sign === '\t' ? 'most editors can replace tabs by spaces' : 'delete it and type spaces';
  reading.error({ start, end: start + 1 }, code, `this line is indented with ${what}; YAML needs spaces (${cure})`);
  return false;
}

function reportSyntax(reading: Reading, errors: readonly YAMLError[], first: YAMLError): void {
  const { span, code, message } = syntaxMessage(reading.source, errors, first);
  reading.error(span, code, message);
}

function isNothing(node: Node): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === '';
}

/** `{ at least: 19,99 }`: in braces the comma ends the value. */
function isSecondHalfOfNumber(key: string, span: Span, before: YamlEntry | undefined): boolean {
  const value = before?.value;
  return (
    /^\d+$/.test(key) &&
    value?.kind === 'scalar' &&
    typeof value.value === 'number' &&
    !value.quoted &&
    value.span.end + 1 === span.start
  );
}

class TreeBuilder {
  constructor(private readonly reading: Reading) {}

  /** @param holder where to point when nothing is written: the key, or the dash. */
  node(node: Node | null, holder: Span): YamlNode {
    const span = node?.range ? { start: node.range[0], end: node.range[1] } : holder;
    if (isMap(node)) return { kind: 'map', entries: this.entries(node), span };
    if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => this.node(item as Node, span)), span };
    if (isScalar(node)) return this.scalar(node, span, holder);
    return { kind: 'scalar', value: null, written: '', quoted: false, empty: true, cutOff: null, span: holder };
  }

  private entries(map: YAMLMap): YamlEntry[] {
    const entries: YamlEntry[] = [];
    const seen = new Map<string, number>();
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const entry = this.entry(pair, map.flow === true, entries.at(-1));
      if (entry === undefined) continue;
      const before = seen.get(entry.key);
      if (before === undefined) seen.set(entry.key, this.reading.source.position(entry.keySpan.start).line);
      else
        this.reading.error(
          entry.keySpan,
          'yaml/duplicate-key',
          `the key "${entry.key.slice(0, 80)}" stands here a second time (first in line ${before}); entries of a list begin with a hyphen each`,
        );
      entries.push(entry);
    }
    return entries;
  }

  private entry(pair: Pair<Node, Node | null>, flow: boolean, before: YamlEntry | undefined): YamlEntry | undefined {
    const range = pair.key?.range ?? [0, 0, 0];
    const keySpan = { start: range[0], end: range[1] };
    if (!isScalar(pair.key) || keySpan.end === keySpan.start) {
      return this.reading.error(keySpan, 'yaml/key', 'a key must be a plain text, followed by a colon');
    }
    const key = typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? '');
    if (flow && pair.value === null) {
      if (isSecondHalfOfNumber(key, keySpan, before)) {
        const whole = { start: before?.value.span.start ?? keySpan.start, end: keySpan.end };
        const written = this.reading.source.text.slice(whole.start, whole.end);
        return this.reading.error(whole, 'value/decimal-comma', ...decimalComma(written));
      }
      const message = `"${key.slice(0, 80)}" has no colon and value; in braces a comma begins the next key. Several values are a list: [first, second]`;
      return this.reading.error(keySpan, 'yaml/no-colon', message);
    }
    return { key, keySpan, value: this.node(pair.value, keySpan) };
  }

  private scalar(node: Scalar, span: Span, holder: Span): YamlScalar {
    const quoted = node.type !== 'PLAIN';
    const written = node.source ?? '';
    const empty = !quoted && written === '';
    const value = node.value as YamlScalar['value'];
    return {
      kind: 'scalar',
      value,
      written,
      quoted,
      empty,
      cutOff: quoted ? null : this.cutOffAt(span.end),
      span: empty ? holder : span,
    };
  }

  /** A comment right behind a value, without a blank after its `#`: probably not meant as a comment. */
  private cutOffAt(offset: number): string | null {
    const comment = /[ \t]+(#[^\s#][^\r\n]*)/y;
    comment.lastIndex = offset;
    return comment.exec(this.reading.source.text)?.[1] ?? null;
  }
}
