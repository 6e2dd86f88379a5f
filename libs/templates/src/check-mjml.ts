import type { Diagnostic, Template } from '#core';
import { MjmlCompiler } from './mjml/mjml-compiler.js';
import { TemplateSyntaxError } from './parse-template.js';

/** What is wrong with the MJML of a workspace; nothing is loaded where there is none. */
export async function checkMjml(templates: { readonly [name: string]: Template }): Promise<readonly Diagnostic[]> {
  const files = Object.values(templates).flatMap((template) => template.files.filter((file) => file.markup === 'mjml'));
  const compiler = new MjmlCompiler();
  const found: Diagnostic[] = [];
  for (const { path: file, source } of files) {
    const code = 'template/mjml';
    try {
      for (const { line, message } of (await compiler.compile(source)).problems)
        found.push({ file, line, column: 1, endLine: line, endColumn: 1, severity: 'warning', code, message });
    } catch (error) {
      if (!(error instanceof TemplateSyntaxError)) throw error;
      // Handlebars that cannot be read is told by checkTemplates.
      found.push({ file, ...error.place, severity: 'error', code, message: error.message });
    }
  }
  await compiler.close();
  return found;
}
