import Handlebars from 'handlebars';
import { BLOCK_HELPERS, INLINE_HELPERS } from './helper-table.js';
import { parseTemplate, placeOf, TemplateSyntaxError } from './parse-template.js';
import { visitTemplate } from './visit-template.js';

/** Called around every value that must be there; not in the table of helpers, so that nobody else can call it. */
const REQUIRED = 'required value';

const KNOWN_HELPERS = Object.fromEntries(
  [...BLOCK_HELPERS, ...Object.keys(INLINE_HELPERS), REQUIRED].map((name) => [name, true]),
);

/**
 * Source to the code of a function, for the worker. Every value that is printed or handed to a helper must exist, else
 * rendering fails with its name and place. Handlebars' own `strict` does not look at what is handed to helpers, and
 * stumbles over `a.b` without an `a` inside `#if`; so values are wrapped instead. Throws TemplateSyntaxError.
 */
export function compileTemplate(source: string, escape: boolean): string {
  const program = parseTemplate(source);
  const required = (value: hbs.AST.Expression, name: string): hbs.AST.SubExpression => {
    const { line, column } = placeOf(value.loc, source);
    return {
      type: 'SubExpression',
      path: pathTo(REQUIRED, value.loc),
      params: [value, text(`${name}\n${line}:${column}`, value.loc)],
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
    unescaped: () => undefined,
    unsupported: refuse,
  });
  return Handlebars.precompile(program, {
    knownHelpers: KNOWN_HELPERS,
    knownHelpersOnly: true,
    noEscape: !escape,
  }) as string;
}

function pathTo(name: string, loc: hbs.AST.SourceLocation): hbs.AST.PathExpression {
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc };
}

function text(value: string, loc: hbs.AST.SourceLocation): hbs.AST.StringLiteral {
  return { type: 'StringLiteral', value, original: value, loc };
}
