import type { TemplateFile } from '#core';
import { TemplateError } from '#engine';
import { compileTemplate } from './compile-template.js';
import { TemplateSyntaxError } from './parse-template.js';

/** Code of the template files seen so far, each under a number by which workers remember it. */
export class CompiledFiles {
  private readonly files = new WeakMap<TemplateFile, { readonly key: number; readonly code: string }>();
  private count = 0;

  /** Throws TemplateError when the file is not right. */
  get(file: TemplateFile): { readonly key: number; readonly code: string } {
    const known = this.files.get(file);
    if (known !== undefined) return known;
    try {
      const made = { key: this.count++, code: compileTemplate(file.source, file.part === 'html') };
      this.files.set(file, made);
      return made;
    } catch (error) {
      if (!(error instanceof TemplateSyntaxError)) throw error;
      throw new TemplateError(`${error.message} (line ${error.place.line}, column ${error.place.column})`, file.path, {
        cause: error,
      });
    }
  }
}
