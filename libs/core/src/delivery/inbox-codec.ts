import type { ConsentPreferences } from '../event/event.js';
import type { Channel } from '../rules/model.js';
import type { ConsentChange, Withdrawal } from '../trigger/effects.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What tells entries of one customer's inbox apart: the event's id, or what stands for the run, step and round. */
export function inboxIdOf(change: ConsentChange | Withdrawal): string {
  return 'category' in change ? change.id : change.eventId;
}

/** `contact_inbox.change`: the preferences of an event as a JSON object, a rule's withdrawal as a JSON list. */
export function encodeInboxChange(change: ConsentChange | Withdrawal): Uint8Array {
  const json = 'category' in change ? [change.category, change.channels, change.rule] : change.preferences;
  return encoder.encode(JSON.stringify(json));
}

/** @param time event time, ms */
export function decodeInboxChange(id: string, time: number, bytes: Uint8Array): ConsentChange | Withdrawal {
  const json = JSON.parse(decoder.decode(bytes)) as ConsentPreferences | [string, Channel[] | null, string];
  if (!Array.isArray(json)) return { eventId: id, time, preferences: json };
  const [category, channels, rule] = json;
  return { id, category, channels, time, rule };
}
