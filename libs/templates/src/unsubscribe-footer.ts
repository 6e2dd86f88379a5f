import { language } from './choose-files.js';

/** The question, and what the link says. A new language is one line. */
const WORDS: { readonly [language: string]: { readonly question: string; readonly link: string } } = {
  de: { question: 'Keine solchen Nachrichten mehr?', link: 'Abmelden' },
  en: { question: 'No more messages like this?', link: 'Unsubscribe' },
  es: { question: '¿No quiere recibir más mensajes como este?', link: 'Darse de baja' },
  fr: { question: 'Ne plus recevoir de messages comme celui-ci ?', link: 'Se désabonner' },
  it: { question: 'Non vuole più ricevere messaggi come questo?', link: 'Annulla l’iscrizione' },
  nl: { question: 'Geen berichten zoals dit meer ontvangen?', link: 'Afmelden' },
  pl: { question: 'Nie chcesz więcej takich wiadomości?', link: 'Wypisz się' },
  pt: { question: 'Não quer receber mais mensagens como esta?', link: 'Cancelar a subscrição' },
  ru: { question: 'Больше не хотите получать такие письма?', link: 'Отписаться' },
  uk: { question: 'Більше не хочете отримувати такі листи?', link: 'Відписатися' },
};

function wordsOf(locale: string): { readonly question: string; readonly link: string } {
  return WORDS[language(locale)] ?? WORDS['en']!;
}

/** `text` with a way out, unless it has the address already. */
export function withTextFooter(text: string, url: string, locale: string): string {
  if (text.includes(url)) return text;
  const { question, link } = wordsOf(locale);
  return `${text.trimEnd()}\n\n${question}\n${link}: ${url}\n`;
}

/** What is short is read on a telephone and paid by the piece. */
export function withShortFooter(text: string, url: string, locale: string): string {
  return text.includes(url) ? text : `${text.trimEnd()}\n${wordsOf(locale).link}: ${url}`;
}

/** `html` with a way out at the end of its body, unless it has the address already. */
export function withHtmlFooter(html: string, url: string, locale: string): string {
  // As Handlebars writes it, and as an author would by hand.
  if ([url, escapeHtml(url), escapeHtml(url).replaceAll('=', '&#x3D;')].some((written) => html.includes(written)))
    return html;
  const footer = htmlFooter(url, locale, /color-scheme/i.test(html));
  const end = html.search(/<\/body\s*>(?![\s\S]*<\/body)/i);
  return end === -1 ? `${html}\n${footer}` : `${html.slice(0, end)}${footer}\n${html.slice(end)}`;
}

/**
 * A grey that can be read on paper; on the dark ground of a mail that has one, a lighter one. Mails without a dark side
 * are turned round by the mail client, and their colours with them.
 */
function htmlFooter(url: string, locale: string, hasDarkSide: boolean): string {
  const { question, link } = wordsOf(locale);
  const dark = hasDarkSide
    ? '<style>@media (prefers-color-scheme: dark) { .kairos-footer, .kairos-footer a { color: #a3ada7 !important; } }</style>\n'
    : '';
  const font = 'font: 13px/1.5 Helvetica, Arial, sans-serif; color: #6b7370;';
  return (
    `${dark}<div class="kairos-footer" lang="${language(locale)}" style="padding: 4px 16px 28px; text-align: center; ${font}">` +
    `${escapeHtml(question)} <a href="${escapeHtml(url)}" style="color: #6b7370; text-decoration: underline;">${escapeHtml(link)}</a></div>`
  );
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
