import type { CallType, ConsentPreferences, CustomerEvent, ItemEvent, JsonObject } from './event.js';
import { keyTextOf } from './key-text.js';
import { propertyReader } from './read-property.js';
import { parseInstant } from './instant.js';
import { CHANNELS } from '../rules/model.js';
import { wellFormed } from './well-formed.js';

/** What a record's place in the stream adds to what it says. */
export interface RecordPosition {
  /** When the event reached the stream, ms: what a missing timestamp becomes, and one more than 5 minutes ahead of it. */
  readonly append: number;
  /** Id of an event without messageId: `topic/partition/offset`. */
  readonly fallbackId: string;
  readonly historical: boolean;
}

export interface EventProblem {
  /** Path inside the call: `context.consent.categoryPreferences.promotional`. */
  readonly field: string;
  readonly reason: string;
}

export type ReadEvent = { readonly ok: true; readonly event: CustomerEvent } | ({ readonly ok: false } & EventProblem);

export const CALL_TYPES: readonly CallType[] = ['track', 'identify', 'page', 'screen', 'alias', 'group'];
export const MAX_NAME_CHARACTERS = 100;
/** A timestamp up to so far ahead of the stream is believed (rule-language.md, Exact meaning 10). */
const MAX_AHEAD_MS = 5 * 60_000;
const NOTHING: JsonObject = {};

type Whose = Pick<CustomerEvent, 'customer' | 'named' | 'other'>;
const NOBODY: Whose = { customer: '' };

/** Never leaves this file: the way out of the depth of a call. */
class Refusal extends Error {
  constructor(readonly problem: EventProblem) {
    super(problem.reason);
  }
}

/**
 * An event from a stored record in Segment's shape; anyone may have written it. What cannot be read is refused with
 * the field and a reason, the first problem only.
 */
export function readEvent(json: unknown, position: RecordPosition): ReadEvent {
  return readingOf(() => read(json, position, readCustomer));
}

/** events.yaml: events about a thing → the property that names it. */
export type ItemProperties = { readonly [event: string]: string };

export type ReadItemEvent = { readonly ok: true; readonly event: ItemEvent } | ({ readonly ok: false } & EventProblem);

/**
 * An event about a thing, as `readEvent` reads events of customers; a userId that it carries is ignored. null: it is
 * none, but an event like any other.
 */
export function readItemEvent(json: unknown, position: RecordPosition, items: ItemProperties): ReadItemEvent | null {
  if (!isObject(json) || own(json, 'type') !== 'track') return null;
  const name = own(json, 'event');
  const property = typeof name === 'string' && Object.hasOwn(items, name) ? items[name]! : null;
  if (property === null) return null;
  return readingOf(() => {
    const { id, name, time, properties, historical } = read(json, position, () => NOBODY);
    const item = keyTextOf(propertyReader(property.split('.'))({ time, properties }));
    if (item === undefined)
      return refuse(`properties.${property}`, 'is missing: it names the thing the event is about');
    return { id, name: name!, item, time, properties, historical };
  });
}

function readingOf<T>(
  reading: () => T,
): { readonly ok: true; readonly event: T } | ({ readonly ok: false } & EventProblem) {
  try {
    return { ok: true, event: reading() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, ...error.problem };
    throw error;
  }
}

function read(
  json: unknown,
  position: RecordPosition,
  customerOf: (json: JsonObject, type: CallType) => Whose,
): CustomerEvent {
  if (!isObject(json)) throw new Refusal({ field: '', reason: 'an event is a JSON object' });
  const type = readType(json);
  const context = optionalObject(json, 'context', '') ?? NOTHING;
  // The traits of a group call are the group's.
  const traits = type === 'identify' ? optionalObject(json, 'traits', '') : null;
  return {
    id: optionalText(json, 'messageId') ?? position.fallbackId,
    type,
    name: readName(json, type),
    ...customerOf(json, type),
    time: readTime(json, position.append),
    properties: optionalObject(json, 'properties', '') ?? NOTHING,
    traits: traits ?? optionalObject(context, 'traits', 'context.'),
    consent: readConsent(context),
    pushToken: readPushToken(context),
    historical: position.historical,
  };
}

function readType(json: JsonObject): CallType {
  const type = own(json, 'type');
  if (type === undefined || type === null) refuse('type', 'is missing');
  const known = CALL_TYPES.find((name) => name === type);
  return known ?? refuse('type', `must be one of ${CALL_TYPES.join(', ')}`);
}

function readName(json: JsonObject, type: CallType): string | null {
  if (type !== 'track') return null;
  const name = optionalText(json, 'event') ?? refuse('event', 'is missing: a track call names its event');
  // Counting characters, not UTF-16 units, is slow and hardly ever needed.
  if (name.length > MAX_NAME_CHARACTERS && [...name].length > MAX_NAME_CHARACTERS) {
    refuse('event', `is longer than ${MAX_NAME_CHARACTERS} characters`);
  }
  return name;
}

function readCustomer(json: JsonObject, type: CallType): Whose {
  const user = identity(json, 'userId');
  const device = identity(json, 'anonymousId');
  if (user !== null) return { customer: user, named: true, ...otherId(json, type, user, device) };
  const customer =
    device ??
    refuse(
      'userId',
      'is missing: an event names its userId or its anonymousId (events about things are declared under `items` in events.yaml)',
    );
  return { customer };
}

/** Whom else the call names: with `alias` the id she had before, else the device beside her userId. */
function otherId(json: JsonObject, type: CallType, user: string, device: string | null): Pick<CustomerEvent, 'other'> {
  const id = type === 'alias' ? identity(json, 'previousId') : device;
  if (id === null || id === user) return {};
  return { other: { id, kind: type === 'alias' ? 'alias' : 'device' } };
}

function readTime(json: JsonObject, append: number): number {
  const timestamp = own(json, 'timestamp');
  if (timestamp === undefined || timestamp === null) return append;
  const time = typeof timestamp === 'string' ? parseInstant(timestamp) : null;
  if (time === null) return refuse('timestamp', 'must be an instant like "2026-03-02T09:00:00.000Z"');
  return time - append > MAX_AHEAD_MS ? append : time;
}

function readConsent(context: JsonObject): ConsentPreferences | null {
  const consent = optionalObject(context, 'consent', 'context.');
  if (consent === null) return null;
  const preferences = optionalObject(consent, 'categoryPreferences', 'context.consent.');
  if (preferences === null) return null;
  for (const category of Object.keys(preferences)) {
    const value = preferences[category];
    if (typeof value === 'boolean') continue;
    const field = `context.consent.categoryPreferences.${category}`;
    if (!Array.isArray(value)) return refuse(field, 'must be true, false or a list of channels');
    // A list refuses what it does not name: a channel misspelt would silently take a consent back.
    const unknown = value.find((channel) => !CHANNELS.some((known) => known === channel));
    if (unknown !== undefined)
      return refuse(field, `names a channel that does not exist; there are ${CHANNELS.join(', ')}`);
  }
  return preferences as ConsentPreferences;
}

function readPushToken(context: JsonObject): string | null {
  const device = optionalObject(context, 'device', 'context.');
  return device === null ? null : optionalText(device, 'token', 'context.device.');
}

/** Never mended: two ids that differ only in what was mended would become one customer. */
function identity(json: JsonObject, field: string): string | null {
  const text = optionalText(json, field);
  if (text === null) return null;
  if (text !== own(json, field)) return refuse(field, 'holds half of a surrogate pair, which is no character');
  if (text.includes('\0')) return refuse(field, 'holds the character NUL, which PostgreSQL keeps in no text');
  // An empty one is none; one of spaces is a fault of the sender, which would make one customer of many.
  return /^\s+$/.test(text) ? refuse(field, 'is blank: leave it out where nobody is known') : text;
}

/** null where it is missing, null, or an empty text. */
function optionalText(json: JsonObject, field: string, prefix = ''): string | null {
  const value = own(json, field);
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') return refuse(prefix + field, 'must be a text');
  return wellFormed(value);
}

function optionalObject(json: JsonObject, field: string, prefix: string): JsonObject | null {
  const value = own(json, field);
  if (value === undefined || value === null) return null;
  return isObject(value) ? value : refuse(prefix + field, 'must be an object');
}

function own(json: JsonObject, field: string): unknown {
  return Object.hasOwn(json, field) ? json[field] : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(field: string, reason: string): never {
  throw new Refusal({ field, reason });
}
