import { INLINE_HELPERS } from './helper-table.js';

/** A block around a value that gives it another `this` or names of its own. */
export interface Scope {
  readonly kind: 'each' | 'with';
  readonly blockParams: readonly string[];
}

export interface Surroundings {
  /** Outermost first. */
  readonly scopes: readonly Scope[];
  /** A missing value is all right here: what `#if`, `#unless`, `#each`, `#with`, `default` and `lookup` look at. */
  readonly lenient: boolean;
  /** Paths from the root (`with.discount`) without which this place is not reached, since a block around it asks. */
  readonly present: readonly string[];
}

/** Names from the root; null: the path begins inside an entry, with a name of a block, or with another `@` than @root. */
export function namesFromRoot(path: hbs.AST.PathExpression, scopes: readonly Scope[]): readonly string[] | null {
  const [first, ...rest] = path.parts;
  if (first === undefined) return null;
  if (path.data) return first === 'root' ? rest : null;
  const explicit = /^(?:this|\.)(?:[./]|$)/.test(path.original);
  if (!explicit && path.depth === 0 && scopes.some(({ blockParams }) => blockParams.includes(first))) return null;
  return path.depth === scopes.length ? path.parts : null;
}

export interface Visitor {
  /** A value is read here; what is returned takes its place. */
  value(path: hbs.AST.PathExpression, around: Surroundings): hbs.AST.Expression;
  /** The result of a lenient helper is printed or handed on; what is returned takes its place. */
  lenientResult(call: hbs.AST.SubExpression): hbs.AST.Expression;
  /** A helper is called, by a name that may not exist. */
  call(node: Call, kind: 'inline' | 'block'): void;
  unescaped(node: hbs.AST.MustacheStatement): void;
  /** A piece of templates/_partials is put in here. */
  partial(node: PartialCall, name: string, around: Surroundings): void;
  unsupported(node: hbs.AST.Node, what: string): void;
}

export type PartialCall = hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement;
export type Call = hbs.AST.MustacheStatement | hbs.AST.BlockStatement | hbs.AST.SubExpression;

/** Walks through all of a template and changes it in place by what the visitor returns. */
export function visitTemplate(program: hbs.AST.Program, visitor: Visitor): void {
  visitProgram(program, { scopes: [], lenient: false, present: [] }, visitor);
}

function visitProgram(program: hbs.AST.Program, around: Surroundings, visitor: Visitor): void {
  for (const statement of program.body) visitStatement(statement, around, visitor);
}

function visitStatement(statement: hbs.AST.Statement, around: Surroundings, visitor: Visitor): void {
  switch (statement.type) {
    case 'ContentStatement':
    case 'CommentStatement':
      return;
    case 'MustacheStatement':
      return visitMustache(statement as hbs.AST.MustacheStatement, around, visitor);
    case 'BlockStatement':
      return visitBlock(statement as hbs.AST.BlockStatement, around, visitor);
    case 'PartialStatement':
    case 'PartialBlockStatement':
      return visitPartial(statement as hbs.AST.PartialStatement, around, visitor);
    default:
      return visitor.unsupported(statement, 'decorators ({{* …}})');
  }
}

/** What is handed over may be missing: whether it must be there says the piece. */
function visitPartial(statement: PartialCall, around: Surroundings, visitor: Visitor): void {
  const { name } = statement;
  if (name.type !== 'PathExpression')
    return visitor.unsupported(statement, 'partials whose name is a value ({{> (…)}})');
  visitArguments(statement, { ...around, lenient: true }, visitor);
  visitor.partial(statement, name.original, around);
  if ('program' in statement) visitProgram(statement.program, around, visitor);
}

function visitMustache(mustache: hbs.AST.MustacheStatement, around: Surroundings, visitor: Visitor): void {
  if (!mustache.escaped) visitor.unescaped(mustache);
  const { path, params, hash } = mustache;
  if (path.type !== 'PathExpression') return visitor.unsupported(mustache, 'literals in place of a name');
  const name = path as hbs.AST.PathExpression;
  if (!isCall(mustache, name)) {
    const value = visitor.value(name, around);
    if (value === path) return;
    if (value.type !== 'SubExpression') throw new TypeError('an output is replaced by a call');
    return void becomeCall(mustache, value as hbs.AST.SubExpression);
  }
  visitCall(mustache, around, visitor);
  if (INLINE_HELPERS[name.original]?.lenient !== true) return;
  const result = visitor.lenientResult({ type: 'SubExpression', path: name, params, hash, loc: mustache.loc });
  if ((result as hbs.AST.SubExpression).path !== name) becomeCall(mustache, result as hbs.AST.SubExpression);
}

function becomeCall(mustache: hbs.AST.MustacheStatement, call: hbs.AST.SubExpression): void {
  mustache.path = call.path;
  mustache.params = call.params;
  mustache.hash = call.hash;
}

/** `{{name}}` is a value unless it has arguments or is called like a helper. */
function isCall(mustache: hbs.AST.MustacheStatement, path: hbs.AST.PathExpression): boolean {
  if (mustache.params.length > 0 || mustache.hash !== undefined) return true;
  return Object.hasOwn(INLINE_HELPERS, path.original) && INLINE_HELPERS[path.original]?.alsoName !== true;
}

function visitCall(call: Call, around: Surroundings, visitor: Visitor): void {
  visitor.call(call, 'inline');
  const name = (call.path as hbs.AST.PathExpression).original;
  const lenient = around.lenient || INLINE_HELPERS[name]?.lenient === true;
  visitArguments(call, { ...around, lenient }, visitor);
}

function visitArguments(call: Pick<Call, 'params' | 'hash'>, around: Surroundings, visitor: Visitor): void {
  call.params = call.params.map((param) => visitExpression(param, around, visitor));
  // The published types say it is always there; the parser leaves it out.
  const hash = call.hash as hbs.AST.Hash | undefined;
  for (const pair of hash?.pairs ?? []) pair.value = visitExpression(pair.value, around, visitor);
}

function visitExpression(expression: hbs.AST.Expression, around: Surroundings, visitor: Visitor): hbs.AST.Expression {
  if (expression.type === 'PathExpression') return visitor.value(expression as hbs.AST.PathExpression, around);
  if (expression.type !== 'SubExpression') return expression;
  const call = expression as hbs.AST.SubExpression;
  visitCall(call, around, visitor);
  const lenientHelper = INLINE_HELPERS[call.path.original]?.lenient === true;
  return lenientHelper && !around.lenient ? visitor.lenientResult(call) : call;
}

function visitBlock(block: hbs.AST.BlockStatement, around: Surroundings, visitor: Visitor): void {
  visitor.call(block, 'block');
  const name = block.path.original;
  const present = [...around.present, ...askedFor(block, around)];
  visitArguments(block, { ...around, lenient: true }, visitor);
  // Published types again: a block without a body or without {{else}} has none.
  const program = block.program as hbs.AST.Program | undefined;
  const inverse = block.inverse as hbs.AST.Program | undefined;
  const scopes =
    name === 'each' || name === 'with'
      ? [...around.scopes, { kind: name, blockParams: program?.blockParams ?? [] } as const]
      : around.scopes;
  const [inner, other] = name === 'unless' ? [around.present, present] : [present, around.present];
  if (program) visitProgram(program, { ...around, scopes, present: inner }, visitor);
  if (inverse) visitProgram(inverse, { ...around, present: other }, visitor);
}

/** Of a block that looks at a value: its path from the root. */
function askedFor(block: hbs.AST.BlockStatement, { scopes }: Surroundings): readonly string[] {
  const [asked] = block.params;
  if (asked?.type !== 'PathExpression') return [];
  const names = namesFromRoot(asked as hbs.AST.PathExpression, scopes);
  return names === null ? [] : [names.join('.')];
}
