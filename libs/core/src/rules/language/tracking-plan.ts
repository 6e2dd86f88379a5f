import { closestName, lookalikeIn, lookalikesReplaced } from '../reading/closest-name.js';
import type { Reader } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import { eventName } from '../reading/scalars.js';
import type { Span } from '../yaml/source-text.js';
import type { PossibleEvents } from './events-at.js';

/** What Kairos itself tells of messages, as track calls. */
export const EVENTS_OF_MESSAGES = [
  'Message Sent',
  'Message Delivered',
  'Message Opened',
  'Message Clicked',
  'Message Replied',
  'Message Bounced',
  'Message Complained',
  'Message Failed',
  'Message Unsubscribed',
] as const;

/** The name of an event that somebody sends: where there is an events.yaml, it must stand there. */
export const knownEvent: Reader<string> = {
  type: eventName.type,
  read(node, reading) {
    const name = eventName.read(node, reading);
    if (name === undefined) return undefined;
    warnOfLookalikes(name, node.span, reading);
    const plan = reading.names.events;
    // One that only names things or whom to trust is no list of events.
    if (plan === null || Object.keys(plan.events).length === 0) return name;
    const known = [
      ...Object.keys(plan.events),
      ...Object.keys(plan.items),
      ...reading.names.emitted,
      ...EVENTS_OF_MESSAGES,
    ];
    if (known.includes(name)) return name;
    const closest = closestName(name, known);
    const hint = closest === null ? 'list it in events.yaml, with its properties' : `did you mean "${closest}"?`;
    return reading.error(
      node.span,
      'events/unknown-event',
      `events.yaml has no event "${name}" (${hint})`,
      closest ?? undefined,
    );
  },
};

/** An event that a rule emits: any but those that say what became of a message. */
export const ownEvent: Reader<string> = {
  type: eventName.type,
  read(node, reading) {
    const name = eventName.read(node, reading);
    if (name === undefined || !EVENTS_OF_MESSAGES.some((own) => own === name)) return name;
    return reading.error(
      node.span,
      'rule/own-event',
      `"${name}" says what became of a message and comes from Kairos alone; give the event another name`,
    );
  },
};

/** `Саrt Cleared` with a Cyrillic С is another event than the one that is sent. Words wholly of another alphabet are fine. */
function warnOfLookalikes(name: string, span: Span, reading: Reading): void {
  const mixed = name.split(' ').some((word) => /\p{Script=Latin}/u.test(word) && lookalikeIn(word) !== null);
  if (!mixed && !/[\p{Zs}\u200b-\u200d\ufeff]/u.test(name.replaceAll(' ', ''))) return;
  const plain = lookalikesReplaced(name);
  reading.warning(span, 'value/lookalike', `"${name}" holds ${lookalikeIn(name) ?? ''}; write it anew`, plain);
}

/**
 * Whether one of the events has this property, as far as events.yaml says so; reports it otherwise. An event that is not
 * listed, or listed without properties, may have any.
 */
export function isKnownProperty(property: string, events: PossibleEvents, span: Span, reading: Reading): boolean {
  const plan = reading.names.events;
  if (plan === null || events === null || property === 'timestamp') return true;
  const listed = events.map((event) =>
    Object.hasOwn(plan.events, event) ? Object.keys(plan.events[event] ?? {}) : [],
  );
  if (listed.some((properties) => properties.length === 0 || properties.includes(property))) return true;
  const known = [...new Set(listed.flat())];
  const closest = closestName(property, known);
  const hint = closest === null ? `it has: ${known.join(', ')}` : `did you mean "${closest}"?`;
  reading.error(
    span,
    'events/unknown-property',
    `in events.yaml ${events.map((event) => `"${event}"`).join(', ')} has no property "${property.slice(0, 80)}" (${hint})`,
    closest ?? undefined,
  );
  return false;
}

/** Whether a property of these events may be a date: false where events.yaml gives all of them another type. */
export function mayBeDate(property: string, events: PossibleEvents, reading: Reading): boolean {
  const plan = reading.names.events;
  if (plan === null || events === null || property === 'timestamp') return true;
  return events.some((event) => {
    const type = Object.hasOwn(plan.events, event) ? plan.events[event]?.[property] : undefined;
    return type === undefined || type === 'date' || type === 'text';
  });
}
