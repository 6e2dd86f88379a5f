import { canonicalLocale, TITLED_CHANNELS, type Channel, type Template, type TemplateFile } from '#core';

/** The files one message is made of. */
export interface ChosenFiles {
  /** Of a mail, or the title over what has one. */
  readonly subject: TemplateFile | null;
  readonly html: TemplateFile | null;
  /** null: the text is made from `html`. */
  readonly text: TemplateFile | null;
  /** The language of the text: that of the files, the workspace's where they name none. */
  readonly locale: string;
  /** How numbers and dates are written: as the customer does, if it is the same language. */
  readonly formatLocale: string;
}

/** What is wished for, from the customer and from the `send`. */
export interface Wish {
  /** BCP 47. */
  readonly locale: string;
  readonly style: string | null;
}

/**
 * `de-AT` → `de` → the file without a locale → the workspace's locale; of each the file in the style, then the one
 * without: language goes before style. Text and HTML of a mail are always of one language and style: a part that exists
 * only further away is left out. null: the template has nothing for it.
 */
export function chooseFiles(
  template: Template,
  channel: Channel,
  wish: Wish,
  workspaceLocale: string,
): ChosenFiles | null {
  const customers = canonicalLocale(wish.locale.replaceAll('_', '-'));
  const locales = [...narrowing(customers), null, ...narrowing(workspaceLocale)];
  const styles = wish.style === null ? [null] : [wish.style, null];
  const kinds = locales.flatMap((locale) => styles.map((style) => ({ locale, style })));
  const pick = (part: TemplateFile['part'], of: Channel = channel): { file: TemplateFile | null; rank: number } => {
    const files = template.files.filter((file) => file.channel === of && file.part === part);
    const found = kinds.map(({ locale, style }) =>
      files.find((file) => canonical(file) === locale && file.style === style),
    );
    const rank = found.findIndex((file) => file !== undefined);
    return { file: found[rank] ?? null, rank: rank === -1 ? Infinity : rank };
  };
  const [html, text] = [pick('html'), pick('text')];
  const rank = Math.min(html.rank, text.rank);
  if (rank === Infinity) return null;
  const locale = kinds[rank]?.locale ?? workspaceLocale;
  const sameLanguage = customers !== null && language(customers) === language(locale);
  return {
    subject: pick('subject', TITLED_CHANNELS.includes(channel) ? 'email' : channel).file,
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
