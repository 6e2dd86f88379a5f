import {
  readers,
  type Diagnostic,
  type SendValues,
  type TemplateFile,
  type TemplatePartial,
  type TemplatesToCheck,
} from '#core';
import { lintHtml } from './lint-html.js';
import { BLOCK_HELPERS, INLINE_HELPERS } from './helper-table.js';
import { parseTemplate, placeOf, TemplateSyntaxError, type Place } from './parse-template.js';
import { pieceNeeds } from './piece-needs.js';
import { namesFromRoot, visitTemplate, type Call, type PartialCall, type Surroundings } from './visit-template.js';

const CODES = {
  'template/syntax': 'A template that is not Handlebars.',
  'template/mjml': 'MJML that cannot be turned into HTML, or an expression that would get lost on the way.',
  'template/too-large': 'A template file is larger than 256 KB or has more than 2,000 expressions.',
  'template/too-deep': 'Blocks or parentheses are nested more than 64 levels deep.',
  'template/unknown-helper': 'A template calls a helper that does not exist.',
  'template/helper-arguments': 'A helper has too few or too many arguments.',
  'template/not-supported': 'Part of Handlebars that templates here do not have.',
  'template/unknown-variable': 'A template uses a variable that nothing provides.',
  'template/not-always-given': 'A template uses a value that one of the sends of it does not give.',
  'template/scope': 'Inside `each` or `with` a name belongs to the entry; `../` leads out.',
  'template/unknown-partial': 'A template puts in a piece that is not in templates/_partials.',
  'template/insecure-link': 'A link or image of a mail that is not https.',
  'template/image-alt': 'An image of a mail without `alt`.',
  'template/clipped': 'A mail is larger than 100 KB, after which large providers cut it off.',
  'template/no-text': 'The HTML of a mail holds no text.',
  'template/unescaped': 'A value is put into HTML as it is, markup included.',
} as const;

export type TemplateDiagnosticCode = keyof typeof CODES;

/** Every code that `checkTemplates` gives, with the sentence the reference shows. */
export function templateDiagnosticCodes(): ReadonlyMap<TemplateDiagnosticCode, string> {
  return new Map(Object.entries(CODES) as [TemplateDiagnosticCode, string][]);
}

const ROOTS = ['customer', 'start', 'starts', 'with', 'shop', 'message', 'unsubscribe', 'preferences'];
const MESSAGE_NAMES = ['id', 'rule', 'step', 'key', 'category', 'channel', 'planned_at', 'start_id'];

/**
 * What is wrong with the Handlebars of a workspace's templates: syntax, helpers, variables, and what one of several
 * sends of a template does not give. Never throws for what a template holds.
 */
export function checkTemplates(all: TemplatesToCheck): readonly Diagnostic[] {
  const { templates, partials, shop, named } = all;
  return [
    ...Object.values(templates).flatMap((template) => {
      const sends = all.sends?.get(template.name) ?? [];
      return template.files.flatMap((file) => checkFile(file, { shop, sends, named, pieces: partials }));
    }),
    ...partials.flatMap(({ path, locale, source }) => {
      const file = { path, locale, source, channel: 'email', part: 'text', style: null, markup: 'handlebars' } as const;
      return checkFile(file, { shop, sends: [], named, pieces: partials, isPiece: true });
    }),
  ];
}

/** Whether a `send` certainly gives nothing under these names. */
function lacks(send: SendValues, [first, second]: readonly string[]): boolean {
  if (first === undefined || ROOTS.includes(first))
    return first === 'with' && second !== undefined && !send.with.has(second);
  return !send.named.has(first);
}

interface Surrounding {
  readonly shop: object | null;
  /** None: nothing is known of what the template is given. */
  readonly sends: readonly SendValues[];
  /** Names that some `as` of any rule gives; null: not known. */
  readonly named: ReadonlySet<string> | null;
  readonly pieces: readonly TemplatePartial[];
  /** It is one: what it is handed nobody knows here. */
  readonly isPiece?: boolean;
}

function checkFile(file: TemplateFile, around: Surrounding): readonly Diagnostic[] {
  const checking = new Checking(file, around);
  checking.run();
  return checking.found;
}

class Checking {
  readonly found: Diagnostic[] = [];
  private readonly roots: readonly string[];

  constructor(
    private readonly file: TemplateFile,
    private readonly around: Surrounding,
  ) {
    const { sends, named } = around;
    this.roots = [...ROOTS, ...(sends.length > 0 ? sends.flatMap((send) => [...send.named]) : (named ?? []))];
  }

  run(): void {
    try {
      visitTemplate(parseTemplate(this.file.source), {
        value: (path, around) => {
          this.checkValue(path, around);
          return path;
        },
        lenientResult: (call) => call,
        call: (node, kind) => this.checkCall(node, kind),
        unescaped: (node) => {
          if (this.file.part !== 'html') return;
          this.report(
            'template/unescaped',
            this.at(node),
            'with three braces markup in the value becomes part of the mail; write {{…}} unless the shop itself wrote it',
            undefined,
            'warning',
          );
        },
        partial: (node, name, around) => this.checkPartial(node, name, around),
        unsupported: (node, what) => this.report('template/not-supported', this.at(node), `templates have no ${what}`),
      });
    } catch (error) {
      if (!(error instanceof TemplateSyntaxError)) throw error;
      this.report(error.finding, error.place, error.message);
    }
    if (this.file.part !== 'html') return;
    for (const { code, place, message } of lintHtml(this.file)) this.report(code, place, message, undefined, 'warning');
  }

  private checkPartial(node: PartialCall, name: string, around: Surroundings): void {
    const { pieces, isPiece } = this.around;
    if (isPiece === true && name === '@partial-block') return;
    if (pieces.some((piece) => piece.name === name)) return this.checkNeeds(node, name, around);
    const meant = readers.closestName(name, [...new Set(pieces.map((piece) => piece.name))]) ?? undefined;
    const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
    this.report(
      'template/unknown-partial',
      this.at(node),
      `there is no piece "${name}"${hint}: write templates/_partials/${name}.hbs`,
      meant,
    );
  }

  private checkCall(node: Call, kind: 'inline' | 'block'): void {
    const { original: name } = node.path as hbs.AST.PathExpression;
    const known = kind === 'block' ? BLOCK_HELPERS : Object.keys(INLINE_HELPERS);
    if (!known.includes(name)) {
      const meant = readers.closestName(name, known) ?? undefined;
      const what = kind === 'block' ? `block {{#${name}}}` : `helper "${name}"`;
      const hint = meant === undefined ? `there are ${known.join(', ')}` : `did you mean "${meant}"?`;
      return this.report('template/unknown-helper', this.at(node.path), `there is no ${what} (${hint})`, meant);
    }
    const shape = kind === 'block' ? { least: 1, most: 1, usage: `{{#${name} …}}` } : INLINE_HELPERS[name];
    const count = node.params.length;
    if (shape === undefined || (count >= shape.least && count <= shape.most)) return;
    this.report('template/helper-arguments', this.at(node), `"${name}" is written like ${shape.usage}`);
  }

  private checkValue(path: hbs.AST.PathExpression, around: Surroundings): void {
    const { scopes } = around;
    const [first, ...rest] = path.parts;
    if (path.data) return this.checkData(path, first, rest, around);
    if (first === undefined) return;
    const explicit = /^(?:this|\.)(?:[./]|$)/.test(path.original);
    if (!explicit && path.depth === 0 && scopes.some(({ blockParams }) => blockParams.includes(first))) return;
    const level = scopes.length - path.depth;
    if (level < 0)
      return this.report(
        'template/scope',
        this.at(path),
        `"${path.original}" leads out of the template: there are only ${scopes.length} blocks around it`,
      );
    if (level === 0) return this.checkRoot(path, first, rest, around);
    if (rest.length > 0 && path.depth === 0 && !explicit && this.roots.includes(first)) {
      const meant = `${'../'.repeat(level)}${path.original}`;
      this.report(
        'template/scope',
        this.at(path),
        `inside {{#${scopes.at(-1)?.kind}}} this is looked for in the entry; to reach "${first}" write ${meant}`,
        meant,
        'warning',
      );
    }
  }

  private checkData(
    path: hbs.AST.PathExpression,
    first: string | undefined,
    rest: readonly string[],
    around: Surroundings,
  ): void {
    if (first === 'root' && rest[0] !== undefined) return this.checkRoot(path, rest[0], rest.slice(1), around);
    const inEach = around.scopes.some(({ kind }) => kind === 'each');
    if (inEach && first !== undefined && ['index', 'key', 'first', 'last'].includes(first)) return;
    this.report(
      'template/unknown-variable',
      this.at(path),
      `"${path.original}" has no value here; @index, @key, @first and @last are there inside {{#each}}`,
    );
  }

  private checkRoot(
    path: hbs.AST.PathExpression,
    first: string,
    [second]: readonly string[],
    around: Surroundings,
  ): void {
    if (!this.roots.includes(first)) {
      if (this.around.isPiece === true || this.around.named === null) return;
      return this.unknown(path, first, this.roots, `nothing provides "${path.original}"`);
    }
    const names = this.namesIn(first);
    if (second === undefined || names === null || names.includes(second)) return this.checkSends(path, around);
    if (first === 'with' && names.length === 0)
      return this.report(
        'template/unknown-variable',
        this.at(path),
        `nothing provides "${path.original}": no \`send\` of this template has \`with\``,
      );
    const where = first === 'shop' ? '`shop` of kairos.yaml' : first === 'with' ? '`with` of a `send`' : `"${first}"`;
    this.unknown(path, second, names, `${where} has no "${second}"`, `${first}.`);
  }

  /** Some send gives it; those that do not and nevertheless come to this place would fail there. */
  private checkSends(path: hbs.AST.PathExpression, around: Surroundings): void {
    const names = namesFromRoot(path, around.scopes);
    if (names !== null && !around.lenient) this.reportLacking(names, around.present, path);
  }

  private reportLacking(
    names: readonly string[],
    present: readonly string[],
    node: hbs.AST.Node,
    piece: string | null = null,
  ): void {
    const asked = present.map((text) => text.split('.'));
    const lacking = this.around.sends.filter((send) => lacks(send, names) && !asked.some((one) => lacks(send, one)));
    if (lacking.length === 0) return;
    const text = names.join('.');
    const places = lacking.map(({ rule, step }) => `rules/${rule}.yaml (step ${step})`).join(', ');
    const what = piece === null ? `"${text}"` : `"${text}", which the piece "${piece}" needs,`;
    const cure = names[0] === 'with' ? 'write it under `with` there' : `no \`as\` gives "${names[0]}" there`;
    this.report(
      'template/not-always-given',
      this.at(node),
      `${what} is missing where ${places} sends this: ${cure}, or ask first with {{#if ${text}}}`,
    );
  }

  /** A piece that is handed nothing else sees what the template sees, and needs it of every send alike. */
  private checkNeeds(node: PartialCall, name: string, around: Surroundings): void {
    const handed = (node.hash as hbs.AST.Hash | undefined)?.pairs.map(({ key }) => key) ?? [];
    if (this.around.sends.length === 0 || around.scopes.length > 0 || node.params.length > 0) return;
    for (const { text, present } of pieceNeeds(name, this.around.pieces)) {
      const names = text.split('.');
      if (handed.includes(names[0] ?? '')) continue;
      this.reportLacking(names, [...around.present, ...present], node, name);
    }
  }

  /** What there is under a root; null: nobody knows. */
  private namesIn(root: string): readonly string[] | null {
    switch (root) {
      case 'message':
        return MESSAGE_NAMES;
      case 'shop':
        return this.around.shop ? Object.keys(this.around.shop) : null;
      case 'with':
        return this.around.sends.length > 0 ? this.around.sends.flatMap((send) => [...send.with]) : null;
      default:
        return null;
    }
  }

  private unknown(
    path: hbs.AST.PathExpression,
    written: string,
    known: readonly string[],
    sentence: string,
    prefix = '',
  ): void {
    const closest = readers.closestName(written, known);
    const hint =
      closest === null
        ? `there are ${known.map((name) => prefix + name).join(', ')}`
        : `did you mean "${prefix}${closest}"?`;
    this.report(
      'template/unknown-variable',
      this.at(path),
      `${sentence} (${hint})`,
      closest === null ? undefined : prefix + closest,
    );
  }

  private at(node: hbs.AST.Node): Place {
    return placeOf(node.loc, this.file.source);
  }

  private report(
    code: TemplateDiagnosticCode,
    place: Place,
    message: string,
    suggestion?: string,
    severity: Diagnostic['severity'] = 'error',
  ): void {
    this.found.push({
      file: this.file.path,
      ...place,
      severity,
      code,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}
