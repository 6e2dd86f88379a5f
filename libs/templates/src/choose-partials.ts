import { canonicalLocale, type TemplatePartial } from '#core';
import { narrowing } from './choose-files.js';

/** Of every name the piece in the language of the message, else the one without a locale, else the workspace's. */
export function choosePartials(
  partials: readonly TemplatePartial[],
  locale: string,
  workspaceLocale: string,
): ReadonlyMap<string, TemplatePartial> {
  const tags = [...narrowing(locale), null, ...narrowing(workspaceLocale)];
  const chosen = new Map<string, TemplatePartial>();
  for (const tag of [...tags].reverse())
    for (const partial of partials)
      if ((partial.locale === null ? null : canonicalLocale(partial.locale)) === tag) chosen.set(partial.name, partial);
  return chosen;
}
