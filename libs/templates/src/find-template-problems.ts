import type { Diagnostic, TemplatesToCheck } from '#core';
import { checkMjml } from './check-mjml.js';
import { checkTemplates } from './check-templates.js';

/** All that is wrong with what is in the templates of a workspace; in no order. */
export async function findTemplateProblems(all: TemplatesToCheck): Promise<readonly Diagnostic[]> {
  return [...checkTemplates(all), ...(await checkMjml(all.templates))];
}
