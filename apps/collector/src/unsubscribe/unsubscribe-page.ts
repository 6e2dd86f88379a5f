import { categoryName, PREFERENCE_WORDS } from '../preferences/preference-words.js';
import { escapeHtml, preferredLanguage, type HtmlPage } from '../pages/html-page.js';

export type UnsubscribePage = 'ask' | 'done' | 'unknown' | 'unavailable';

interface Words {
  readonly title: string;
  readonly ask: (category: string) => string;
  readonly button: string;
  readonly done: (category: string) => string;
  readonly unknown: string;
  readonly unavailable: string;
  /** Leads to the preference centre. */
  readonly more: string;
}

const WORDS: { readonly [language: string]: Words } = {
  en: {
    title: 'Unsubscribe',
    ask: (category) => `Do you no longer want messages of the kind “${category}” on this channel?`,
    button: 'Unsubscribe',
    done: (category) => `Done. You will get no more messages of the kind “${category}” on this channel.`,
    unknown: 'This link is incomplete or too old. Please use the link of a newer message.',
    unavailable: 'That did not work just now. Please try again in a minute.',
    more: 'Fewer messages, a pause, or another channel',
  },
  de: {
    title: 'Abmelden',
    ask: (category) => `Möchten Sie auf diesem Weg keine Nachrichten der Art „${category}“ mehr bekommen?`,
    button: 'Abmelden',
    done: (category) => `Erledigt. Sie bekommen auf diesem Weg keine Nachrichten der Art „${category}“ mehr.`,
    unknown: 'Dieser Link ist unvollständig oder zu alt. Bitte nehmen Sie den Link einer neueren Nachricht.',
    unavailable: 'Das hat gerade nicht geklappt. Bitte versuchen Sie es in einer Minute noch einmal.',
    more: 'Weniger Nachrichten, eine Pause oder ein anderer Weg',
  },
};

export interface UnsubscribeDetails {
  /** null where nobody knows. */
  readonly category: string | null;
  /** Where the preference centre is, from here; null: none is offered. */
  readonly preferences: string | null;
}

/** @param accept value of Accept-Language */
export function unsubscribePage(page: UnsubscribePage, accept: unknown, details: UnsubscribeDetails): HtmlPage {
  const language = preferredLanguage(accept, Object.keys(WORDS), 'en');
  const words = WORDS[language]!;
  const { category } = details;
  const kind = category === null ? '' : escapeHtml(categoryName(category, PREFERENCE_WORDS[language]!));
  const sentence = page === 'ask' ? words.ask(kind) : page === 'done' ? words.done(kind) : words[page];
  const form = page === 'ask' ? `<form method="post"><button type="submit">${words.button}</button></form>` : '';
  const more =
    details.preferences === null ? '' : `<p><a href="${escapeHtml(details.preferences)}">${words.more}</a></p>`;
  return { language, title: words.title, body: `<p>${sentence}</p>${form}${more}` };
}
