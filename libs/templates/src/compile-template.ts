import Handlebars from 'handlebars';
import { BLOCK_HELPERS, INLINE_HELPERS } from './helper-table.js';
import { parseTemplate, placeOf, placeOfOffset, TemplateSyntaxError, type Place } from './parse-template.js';
import { visitTemplate } from './visit-template.js';

/** Called around every value that must be there; not in the table of helpers, so that nobody else can call it. */
const REQUIRED = 'required value';
/** What a layout puts its content in place of. */
const CONTENT = '@partial-block';

const KNOWN_HELPERS = Object.fromEntries(
  [...BLOCK_HELPERS, ...Object.keys(INLINE_HELPERS), REQUIRED].map((name) => [name, true]),
);

export interface CompileOptions {
  /** For HTML. */
  readonly escape: boolean;
  /** What the author wrote, where `source` was made of it: places are looked for there. */
  readonly writtenAs?: string;
  /** Shown beside places; null: that of the template itself. */
  readonly file: string | null;
}

export interface CompiledTemplate {
  /** Code of a function, for the worker. */
  readonly code: string;
  /** Names of the pieces it uses. */
  readonly partials: readonly string[];
}

/**
 * Every value that is printed or handed to a helper must exist, else rendering fails with its name and place.
 * Handlebars' own `strict` does not look at what is handed to helpers, and stumbles over `a.b` without an `a` inside
 * `#if`; so values are wrapped instead. Throws TemplateSyntaxError.
 */
export function compileTemplate(source: string, { escape, writtenAs, file }: CompileOptions): CompiledTemplate {
  const program = parseTemplate(source);
  const partials = new Set<string>();
  const place = (node: hbs.AST.Node, name: string): Place =>
    writtenAs === undefined
      ? placeOf(node.loc, source)
      : placeOfOffset(Math.max(0, writtenAs.indexOf(name)), writtenAs);
  const required = (value: hbs.AST.Expression, name: string): hbs.AST.SubExpression => {
    const { line, column } = place(value, name);
    const where = [name, `${line}:${column}`, ...(file === null ? [] : [file])].join('\n');
    return {
      type: 'SubExpression',
      path: pathTo(REQUIRED, value.loc),
      params: [value, text(where, value.loc)],
      hash: undefined as unknown as hbs.AST.Hash,
      loc: value.loc,
    };
  };
  const refuse = (node: hbs.AST.Node, what: string): never => {
    throw new TemplateSyntaxError(`templates have no ${what}`, placeOf(node.loc, source));
  };
  visitTemplate(program, {
    value: (path, { lenient }) => (lenient ? path : required(path, path.original)),
    lenientResult: (call) => required(call, call.path.original),
    call: (node, kind) => {
      const { original } = node.path as hbs.AST.PathExpression;
      const known = kind === 'block' ? BLOCK_HELPERS.includes(original) : Object.hasOwn(INLINE_HELPERS, original);
      if (!known) refuse(node, `helper "${original}"`);
    },
    partial: (_, name) => (name === CONTENT ? undefined : void partials.add(name)),
    unescaped: () => undefined,
    unsupported: refuse,
  });
  const code = Handlebars.precompile(program, {
    knownHelpers: KNOWN_HELPERS,
    knownHelpersOnly: true,
    noEscape: !escape,
    preventIndent: true,
  }) as string;
  return { code, partials: [...partials] };
}

function pathTo(name: string, loc: hbs.AST.SourceLocation): hbs.AST.PathExpression {
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc };
}

function text(value: string, loc: hbs.AST.SourceLocation): hbs.AST.StringLiteral {
  return { type: 'StringLiteral', value, original: value, loc };
}
