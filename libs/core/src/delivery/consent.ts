import { CHANNELS, type Channel } from '../rules/model.js';
import type { ConsentChange, Withdrawal } from '../trigger/effects.js';
import type { DeliveryCustomer } from './decision.js';

/**
 * `event`: an event carried it; `customer`: by her own hand, in the preference centre or by one click; `rule`: a rule's
 * `unsubscribe`.
 */
export const CONSENT_SOURCES = ['event', 'customer', 'rule'] as const;
export type ConsentSource = (typeof CONSENT_SOURCES)[number];

/** What is recorded for one category on one channel. */
export interface ConsentEntry {
  readonly category: string;
  readonly channel: Channel;
  readonly given: boolean;
  /** ms: event time, or the database's time of the customer's own act. */
  readonly time: number;
  readonly source: ConsentSource;
}

/**
 * What an event or a rule's `unsubscribe` says, channel by channel. A category's preference is all it says: a list of channels gives these and
 * refuses the others (interfaces.md, Customers in a file).
 */
export function consentEntries(change: ConsentChange | Withdrawal): ConsentEntry[] {
  if ('category' in change) {
    const { category, channels, time } = change;
    return (channels ?? CHANNELS).map((channel) => ({
      category,
      channel,
      given: false,
      time,
      source: 'rule' as const,
    }));
  }
  return Object.entries(change.preferences).flatMap(([category, preference]) =>
    CHANNELS.map((channel) => ({
      category,
      channel,
      given: typeof preference === 'boolean' ? preference : preference.includes(channel),
      time: change.time,
      source: 'event' as const,
    })),
  );
}

/** The customer withdraws a category on some channels, or on all. */
export function withdrawal(category: string, channels: readonly Channel[] | 'all', time: number): ConsentEntry[] {
  return (channels === 'all' ? CHANNELS : channels).map((channel) => ({
    category,
    channel,
    given: false,
    time,
    source: 'customer' as const,
  }));
}

/**
 * Last writer per (category, channel) on event time, of two events at one instant the later in the list; an event never
 * raises what the customer lowered at that instant or later. Her own act is stamped no earlier than what it
 * overrules: the timestamp of an event may be ahead of the clock by minutes, an unsubscribe takes effect at once.
 * Returns the same list where nothing changes. Sorted by category and channel.
 */
export function applyConsentChanges(
  consents: readonly ConsentEntry[],
  changes: readonly ConsentEntry[],
): readonly ConsentEntry[] {
  const entries = new Map(consents.map((entry) => [keyOf(entry), entry]));
  let changed = false;
  for (const change of changes) {
    const current = entries.get(keyOf(change));
    const next =
      current !== undefined && change.source === 'customer'
        ? { ...change, time: Math.max(change.time, current.time) }
        : change;
    if (current !== undefined && !overrules(next, current)) continue;
    entries.set(keyOf(next), next);
    changed = true;
  }
  return changed ? [...entries.values()].sort(byCategoryAndChannel) : consents;
}

function overrules(next: ConsentEntry, current: ConsentEntry): boolean {
  if (next.time !== current.time) return next.time > current.time;
  if (current.source === 'customer' && next.source !== 'customer') return false;
  return next.given !== current.given || next.source !== current.source;
}

/** As a decision reads it. */
export function consentMap(consents: readonly ConsentEntry[]): DeliveryCustomer['consents'] {
  const map: { [category: string]: { [channel: string]: boolean } } = Object.create(null);
  for (const { category, channel, given } of consents) (map[category] ??= {})[channel] = given;
  return map;
}

function keyOf(entry: ConsentEntry): string {
  return `${entry.channel}\0${entry.category}`;
}

export function byCategoryAndChannel(a: ConsentEntry, b: ConsentEntry): number {
  if (a.category !== b.category) return a.category < b.category ? -1 : 1;
  return CHANNELS.indexOf(a.channel) - CHANNELS.indexOf(b.channel);
}
