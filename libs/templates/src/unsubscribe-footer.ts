import { language } from './choose-files.js';

interface Words {
  readonly question: string;
  readonly link: string;
  /** What the link to the preference centre says. */
  readonly settings: string;
}

/** A new language is one line. */
const WORDS: { readonly [language: string]: Words } = {
  de: { question: 'Keine solchen Nachrichten mehr?', link: 'Abmelden', settings: 'Einstellungen' },
  en: { question: 'No more messages like this?', link: 'Unsubscribe', settings: 'Preferences' },
  es: { question: '¿No quiere recibir más mensajes como este?', link: 'Darse de baja', settings: 'Preferencias' },
  fr: {
    question: 'Ne plus recevoir de messages comme celui-ci ?',
    link: 'Se désabonner',
    settings: 'Préférences',
  },
  it: {
    question: 'Non vuole più ricevere messaggi come questo?',
    link: 'Annulla l’iscrizione',
    settings: 'Preferenze',
  },
  nl: { question: 'Geen berichten zoals dit meer ontvangen?', link: 'Afmelden', settings: 'Voorkeuren' },
  pl: { question: 'Nie chcesz więcej takich wiadomości?', link: 'Wypisz się', settings: 'Ustawienia' },
  pt: {
    question: 'Não quer receber mais mensagens como esta?',
    link: 'Cancelar a subscrição',
    settings: 'Preferências',
  },
  ru: { question: 'Больше не хотите получать такие письма?', link: 'Отписаться', settings: 'Настройки' },
  uk: { question: 'Більше не хочете отримувати такі листи?', link: 'Відписатися', settings: 'Налаштування' },
};

function wordsOf(locale: string): Words {
  return WORDS[language(locale)] ?? WORDS['en']!;
}

/** The ways out of a message, one of which is enough. */
export interface WaysOut {
  readonly unsubscribe: string;
  readonly preferences: string;
}

/** `text` with a way out, unless it has one already. */
export function withTextFooter(text: string, ways: WaysOut, locale: string): string {
  if (hasOne(text, ways)) return text;
  const { question, link, settings } = wordsOf(locale);
  return `${text.trimEnd()}\n\n${question}\n${link}: ${ways.unsubscribe}\n${settings}: ${ways.preferences}\n`;
}

/** What is short is read on a telephone and paid by the piece: one address, whose page offers the other. */
export function withShortFooter(text: string, ways: WaysOut, locale: string): string {
  return hasOne(text, ways) ? text : `${text.trimEnd()}\n${wordsOf(locale).link}: ${ways.unsubscribe}`;
}

/** `html` with a way out at the end of its body, unless it has one already. */
export function withHtmlFooter(html: string, ways: WaysOut, locale: string): string {
  if (hasOne(html, ways)) return html;
  const footer = htmlFooter(ways, locale, /color-scheme/i.test(html));
  const end = html.search(/<\/body\s*>(?![\s\S]*<\/body)/i);
  return end === -1 ? `${html}\n${footer}` : `${html.slice(0, end)}${footer}\n${html.slice(end)}`;
}

/** As it is, as Handlebars writes it into HTML, and as an author would by hand. */
function hasOne(output: string, { unsubscribe, preferences }: WaysOut): boolean {
  return [unsubscribe, preferences].some((url) =>
    [url, escapeHtml(url), escapeHtml(url).replaceAll('=', '&#x3D;')].some((written) => output.includes(written)),
  );
}

/**
 * A grey that can be read on paper; on the dark ground of a mail that has one, a lighter one. Mails without a dark side
 * are turned round by the mail client, and their colours with them.
 */
function htmlFooter({ unsubscribe, preferences }: WaysOut, locale: string, hasDarkSide: boolean): string {
  const { question, link, settings } = wordsOf(locale);
  const dark = hasDarkSide
    ? '<style>@media (prefers-color-scheme: dark) { .kairos-footer, .kairos-footer a { color: #a3ada7 !important; } }</style>\n'
    : '';
  const font = 'font: 13px/1.5 Helvetica, Arial, sans-serif; color: #6b7370;';
  const anchor = (url: string, text: string) =>
    `<a href="${escapeHtml(url)}" style="color: #6b7370; text-decoration: underline;">${escapeHtml(text)}</a>`;
  return (
    `${dark}<div class="kairos-footer" lang="${language(locale)}" style="padding: 4px 16px 28px; text-align: center; ${font}">` +
    `${escapeHtml(question)} ${anchor(unsubscribe, link)} · ${anchor(preferences, settings)}</div>`
  );
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
