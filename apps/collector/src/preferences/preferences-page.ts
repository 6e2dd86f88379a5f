import { consentHolds, PAUSE_DAYS, pauseInView, type Channel, type ContactView, type Settings } from '#core';
import { escapeHtml, preferredLanguage, type HtmlPage } from '../pages/html-page.js';
import { categoryName, PREFERENCE_WORDS, type PreferenceWords } from './preference-words.js';
import { boxOf, FEWER } from './read-wishes.js';

export type Told = 'saved' | 'same times' | null;

/** When the page proposes quiet hours. */
const NIGHT = { from: 21 * 60, to: 9 * 60 };

/** @param accept value of Accept-Language */
export function preferencesPage(view: ContactView, settings: Settings, told: Told, accept: unknown): HtmlPage {
  const { language, words } = wordsFor(accept, settings.locale);
  const name = settings.shop['name'];
  const shop = typeof name === 'string' ? `<p class="shop">${escapeHtml(name)}</p>` : '';
  return {
    language,
    title: words.title,
    before: shop,
    body: `${tellHtml(told, words)}<p>${words.intro}</p><form method="post">${[
      ...categoriesHtml(view, settings, words),
      reachHtml(view, settings, words),
      firstHtml(view, settings, words),
      oftenHtml(view, words),
      quietHtml(view, words),
      pauseHtml(view, settings, words, language),
    ].join('')}<button type="submit">${words.save}</button></form>`,
  };
}

/** What is said in place of the page. */
export function preferencesNotice(what: 'unknown' | 'unavailable', accept: unknown, locale = 'en'): HtmlPage {
  const { language, words } = wordsFor(accept, locale);
  return { language, title: words.title, body: `<p>${words[what]}</p>` };
}

function wordsFor(accept: unknown, locale: string): { language: string; words: PreferenceWords } {
  const known = Object.keys(PREFERENCE_WORDS);
  const usual = locale.split('-', 1)[0]!;
  const language = preferredLanguage(accept, known, known.includes(usual) ? usual : 'en');
  return { language, words: PREFERENCE_WORDS[language]! };
}

function tellHtml(told: Told, words: PreferenceWords): string {
  if (told === null) return '';
  return told === 'saved'
    ? `<p class="told" role="status">${words.saved}</p>`
    : `<p class="told wrong" role="alert">${words.sameTimes}</p>`;
}

function categoriesHtml({ consents }: ContactView, settings: Settings, words: PreferenceWords): readonly string[] {
  return Object.values(settings.categories)
    .filter((category) => category.consent !== 'none')
    .map((category) =>
      fieldset(
        categoryName(category.name, words),
        boxes(settings.channels, words, category.name, (channel) => consentHolds(consents, category, channel)),
      ),
    );
}

function reachHtml({ preferences }: ContactView, { channels }: Settings, words: PreferenceWords): string {
  const choices = boxes(channels, words, null, (channel) => !preferences.off.includes(channel));
  return fieldset(words.reach, `${choices}<p class="note">${words.reachNote}</p>`);
}

function boxes(
  channels: readonly Channel[],
  words: PreferenceWords,
  category: string | null,
  isOn: (channel: Channel) => boolean,
): string {
  const each = channels.map((channel) => {
    const box = escapeHtml(boxOf(category, channel));
    return (
      `<input type="hidden" name="shown" value="${box}">` +
      choice('checkbox', 'want', box, isOn(channel), words.channels[channel])
    );
  });
  return `<div class="choices">${each.join('')}</div>`;
}

function firstHtml({ preferences }: ContactView, { channels }: Settings, words: PreferenceWords): string {
  const radios = [null, ...channels].map((channel) =>
    choice(
      'radio',
      'first',
      channel ?? '',
      preferences.channel === channel,
      channel === null ? words.noChoice : words.channels[channel],
    ),
  );
  const only = choice('checkbox', 'only', 'on', preferences.only, words.only);
  return fieldset(words.first, `<div class="choices">${radios.join('')}</div>${only}`);
}

function oftenHtml({ preferences }: ContactView, words: PreferenceWords): string {
  const { cap } = preferences;
  const radios = [null, ...FEWER].map((each) =>
    choice(
      'radio',
      'often',
      each === null ? '' : `${each.atMost}/${each.days}`,
      each?.atMost === cap?.atMost && each?.days === cap?.days,
      each === null ? words.usual : words.atMost(each.atMost, each.days),
    ),
  );
  return fieldset(words.often, `<div class="choices down">${radios.join('')}</div>`);
}

function quietHtml({ preferences }: ContactView, words: PreferenceWords): string {
  const { from, to } = preferences.quiet ?? NIGHT;
  const time = (name: 'from' | 'to', minute: number) =>
    `<label>${words[name]} <input type="time" name="${name}" value="${clockTime(minute)}" required></label>`;
  const on = choice('checkbox', 'quiet', 'on', preferences.quiet !== null, words.quietOn);
  return fieldset(words.quiet, `<div>${on}</div><div class="choices">${time('from', from)}${time('to', to)}</div>`);
}

function clockTime(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

function pauseHtml(view: ContactView, settings: Settings, words: PreferenceWords, language: string): string {
  const asked = Object.values(settings.categories).filter((category) => category.consent !== 'none');
  const until = Math.max(0, ...asked.map(({ name }) => pauseInView(view, name) ?? 0));
  if (until === 0) return fieldset(words.pause, choice('checkbox', 'pause', 'begin', false, words.begin(PAUSE_DAYS)));
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: settings.timeZone }).format(until);
  return fieldset(
    words.pause,
    `<p class="note">${escapeHtml(words.pausedUntil(date))}</p>${choice('checkbox', 'pause', 'end', false, words.end)}`,
  );
}

function fieldset(legend: string, content: string): string {
  return `<fieldset><legend>${escapeHtml(legend)}</legend>${content}</fieldset>`;
}

function choice(type: 'checkbox' | 'radio', name: string, value: string, checked: boolean, label: string): string {
  return `<label><input type="${type}" name="${name}" value="${value}"${checked ? ' checked' : ''}> ${escapeHtml(label)}</label>`;
}
