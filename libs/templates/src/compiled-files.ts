import type { TemplateFile, TemplatePartial } from '#core';
import { TemplateError } from '#engine';
import { compileTemplate, type CompiledTemplate } from './compile-template.js';
import { MjmlCompiler } from './mjml/mjml-compiler.js';
import { TemplateSyntaxError } from './parse-template.js';
import type { CompiledPart } from './worker/render-worker.js';

interface Kept extends CompiledTemplate {
  readonly key: number;
}

/** Code of the template files seen so far, each under a number by which workers remember it. */
export class CompiledFiles {
  private readonly files = new WeakMap<TemplateFile, Promise<Kept>>();
  /** Escaped and not: HTML and texts share the pieces. */
  private readonly partials = [new WeakMap<TemplatePartial, Kept>(), new WeakMap<TemplatePartial, Kept>()] as const;
  private readonly mjml = new MjmlCompiler();
  private count = 0;

  /** With all pieces that it uses, themselves or by way of others. Throws TemplateError when a file is not right. */
  async get(file: TemplateFile, pieces: ReadonlyMap<string, TemplatePartial>): Promise<CompiledPart> {
    let compiling = this.files.get(file);
    if (compiling === undefined) this.files.set(file, (compiling = this.compile(file)));
    const { key, code, partials } = await compiling;
    const used: { [name: string]: { readonly key: number; readonly code: string } } = {};
    const waiting = [...partials];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const piece = pieces.get(name);
      if (Object.hasOwn(used, name) || piece === undefined) continue;
      const compiled = this.piece(piece, file.part === 'html');
      used[name] = compiled;
      waiting.push(...compiled.partials);
    }
    return { key, code, partials: used };
  }

  async close(): Promise<void> {
    await this.mjml.close();
  }

  private async compile(file: TemplateFile): Promise<Kept> {
    const { path, source, part, markup } = file;
    try {
      const escape = part === 'html';
      if (markup === 'handlebars') return { key: this.count++, ...compileTemplate(source, { escape, file: null }) };
      const { html } = await this.mjml.compile(source);
      return { key: this.count++, ...compileTemplate(html, { escape, file: null, writtenAs: source }) };
    } catch (error) {
      throw asTemplateError(error, path);
    }
  }

  private piece(piece: TemplatePartial, escape: boolean): Kept {
    const kept = this.partials[escape ? 1 : 0];
    const known = kept.get(piece);
    if (known !== undefined) return known;
    try {
      const made = { key: this.count++, ...compileTemplate(piece.source, { escape, file: piece.path }) };
      kept.set(piece, made);
      return made;
    } catch (error) {
      throw asTemplateError(error, piece.path);
    }
  }
}

function asTemplateError(error: unknown, path: string): unknown {
  if (!(error instanceof TemplateSyntaxError)) return error;
  const { line, column } = error.place;
  return new TemplateError(`${error.message} (line ${line}, column ${column})`, path, { cause: error });
}
