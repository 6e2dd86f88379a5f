import type { Category, Channel, Settings } from '../rules/model.js';
import type { ConsentEntry } from './consent.js';
import type { ContactPreferences } from './decision.js';

const DAY_MS = 86_400_000;
/** Length of her own pause (delivery.md, Preference centre). */
export const PAUSE_DAYS = 30;

/** What is recorded of a customer for her preference centre. */
export interface ContactView {
  readonly consents: readonly ConsentEntry[];
  readonly preferences: ContactPreferences;
  /** Until when rules have paused a category, ms; null: they have not. */
  readonly pausedByRules: (category: string) => number | null;
  /** ms of the clock port. */
  readonly now: number;
}

/** What she says in it. Of consents and channels all that she was shown; what she was not shown stays as it is. */
export interface Wishes {
  readonly consents: readonly { readonly category: string; readonly channel: Channel; readonly given: boolean }[];
  readonly channels: readonly { readonly channel: Channel; readonly on: boolean }[];
  readonly preferred: Channel | null;
  readonly only: boolean;
  readonly quiet: ContactPreferences['quiet'];
  readonly cap: ContactPreferences['cap'];
  readonly pause: 'as it is' | 'begin' | 'end';
}

export interface ContactChange {
  /** Only what differs from what holds now; to be applied. */
  readonly consents: readonly ConsentEntry[];
  readonly preferences: ContactPreferences;
}

/** Whether messages of a category may be sent on a channel, by what is recorded. */
export function consentHolds(consents: readonly ConsentEntry[], category: Category, channel: Channel): boolean {
  const recorded = consents.find((entry) => entry.category === category.name && entry.channel === channel);
  return recorded?.given ?? category.consent !== 'opt-in';
}

/** Until when a category is paused, by rules or by her own hand, ms; null: it is not. */
export function pauseInView({ preferences, pausedByRules, now }: ContactView, category: string): number | null {
  const own = preferences.pausedUntil;
  const rules = pausedByRules(category);
  const ended = Object.hasOwn(preferences.endedPauses, category) ? (preferences.endedPauses[category] ?? 0) : 0;
  const latest = Math.max(own ?? 0, rules !== null && rules > ended ? rules : 0);
  return latest > now ? latest : null;
}

/** What is to be written for her wishes. Categories and channels that the workspace does not know are passed over. */
export function changeFor(view: ContactView, wishes: Wishes, settings: Settings): ContactChange {
  const { consents, preferences, now } = view;
  const changed = wishes.consents.flatMap(({ category: name, channel, given }): ConsentEntry[] => {
    const category = Object.hasOwn(settings.categories, name) ? settings.categories[name] : undefined;
    if (category === undefined || category.consent === 'none' || !settings.channels.includes(channel)) return [];
    if (consentHolds(consents, category, channel) === given) return [];
    return [{ category: name, channel, given, time: now, source: 'customer' }];
  });
  const shown = wishes.channels.map(({ channel }) => channel);
  const switchedOff = wishes.channels.filter(({ on }) => !on).map(({ channel }) => channel);
  return {
    consents: changed,
    preferences: {
      channel: wishes.preferred,
      only: wishes.only && wishes.preferred !== null,
      off: [...preferences.off.filter((channel) => !shown.includes(channel)), ...switchedOff],
      quiet: wishes.quiet,
      cap: wishes.cap,
      ...pauseAfter(view, wishes.pause, settings),
    },
  };
}

function pauseAfter(
  { preferences, pausedByRules, now }: ContactView,
  wish: Wishes['pause'],
  settings: Settings,
): Pick<ContactPreferences, 'pausedUntil' | 'endedPauses'> {
  const standing = Object.entries(preferences.endedPauses).filter(([, until]) => until > now);
  const endedPauses = Object.fromEntries(standing);
  if (wish === 'begin') return { pausedUntil: now + PAUSE_DAYS * DAY_MS, endedPauses };
  if (wish === 'as it is') {
    const own = preferences.pausedUntil;
    return { pausedUntil: own !== null && own > now ? own : null, endedPauses };
  }
  for (const category of Object.keys(settings.categories)) {
    const until = pausedByRules(category);
    if (until !== null) endedPauses[category] = until;
  }
  return { pausedUntil: null, endedPauses };
}
