import { canonicalLocale, type Channel, type Template, type TemplateFile } from '#core';

/** The files one message is made of. */
export interface ChosenFiles {
  readonly subject: TemplateFile | null;
  readonly html: TemplateFile | null;
  /** null: the text is made from `html`. */
  readonly text: TemplateFile | null;
  /** The language of the text: that of the files, the workspace's where they name none. */
  readonly locale: string;
  /** How numbers and dates are written: as the customer does, if it is the same language. */
  readonly formatLocale: string;
}

/**
 * `de-AT` → `de` → the file without a locale → the workspace's locale. Text and HTML of a mail are always of one
 * language: a part that exists only in a language further away is left out. null: the template has nothing for it.
 */
export function chooseFiles(
  template: Template,
  channel: Channel,
  wanted: string,
  workspaceLocale: string,
): ChosenFiles | null {
  const customers = canonicalLocale(wanted.replaceAll('_', '-'));
  const tags = [...narrowing(customers), null, ...narrowing(workspaceLocale)];
  const files = template.files.filter((file) => file.channel === channel && file.style === null);
  const pick = (part: TemplateFile['part']): { file: TemplateFile | null; rank: number } => {
    const rank = tags.findIndex((tag) => files.some((file) => file.part === part && canonical(file) === tag));
    const tag = tags[rank];
    return {
      file: files.find((file) => file.part === part && canonical(file) === tag) ?? null,
      rank: rank === -1 ? Infinity : rank,
    };
  };
  const [html, text] = [pick('html'), pick('text')];
  const rank = Math.min(html.rank, text.rank);
  if (rank === Infinity) return null;
  const locale = tags[rank] ?? workspaceLocale;
  const sameLanguage = customers !== null && language(customers) === language(locale);
  return {
    subject: pick('subject').file,
    html: html.rank === rank ? html.file : null,
    text: text.rank === rank ? text.file : null,
    locale,
    formatLocale: sameLanguage ? customers : locale,
  };
}

function canonical(file: TemplateFile): string | null {
  return file.locale === null ? null : (canonicalLocale(file.locale) ?? file.locale);
}

/** `zh-Hant-TW`, `zh-Hant`, `zh`. */
export function narrowing(locale: string | null): readonly string[] {
  if (locale === null) return [];
  const subtags = locale.split('-');
  return subtags.map((_, index) => subtags.slice(0, subtags.length - index).join('-'));
}

export function language(locale: string): string {
  return locale.split('-', 1)[0] ?? locale;
}
