import type { CustomerEvent, Json, JsonObject } from '../../event/event.js';
import { formatInstant } from '../../event/instant.js';
import type { TrackingPlan } from '../../rules/model.js';

/** Some instant, for which times are written down as long as they are today. */
export const SAMPLE_TIME = 1_800_000_000_000;
/** What a text is taken to be long: an id, a name, a word. Characters. */
export const SAMPLE_TEXT = 16;
/** Properties of an event of which events.yaml says nothing. */
export const SAMPLE_PROPERTIES = 5;

const AMOUNT = 1234.95;

/** A text of usual length, another one for each number. */
export function sampleText(number: number): string {
  return `value-${String(number).padStart(SAMPLE_TEXT - 'value-'.length, '0')}`;
}

/** An event of this name as the shop may send it, with these values beside its own. */
export function sampleEvent(
  name: string | null,
  plan: TrackingPlan | null,
  time: number,
  values: readonly (readonly [names: readonly string[], value: Json])[] = [],
): CustomerEvent {
  const properties = values.reduce(put, propertiesOf(name, plan));
  return {
    id: '0f8fad5b-d9cb-469f-a165-70867728950e',
    type: 'track',
    name,
    customer: '',
    time,
    properties,
    traits: null,
    consent: null,
    pushToken: null,
    historical: false,
  };
}

function propertiesOf(name: string | null, plan: TrackingPlan | null): JsonObject {
  const known = name !== null && plan !== null && Object.hasOwn(plan.events, name) ? plan.events[name]! : {};
  const entries = Object.entries(known).map(([property, type], index) => [property, valueOf(type, index)] as const);
  if (entries.length > 0) return Object.fromEntries(entries);
  return Object.fromEntries(
    Array.from({ length: SAMPLE_PROPERTIES }, (_, index) => [`property_${index}`, sampleText(index)] as const),
  );
}

function valueOf(type: TrackingPlan['events'][string][string], index: number): Json {
  switch (type) {
    case 'text':
      return sampleText(index);
    case 'number':
      return AMOUNT;
    case 'truth':
      return true;
    case 'date':
      return formatInstant(SAMPLE_TIME);
    case 'list':
      return [sampleText(0), sampleText(1), sampleText(2)];
    case 'map':
      return { first: sampleText(0), second: sampleText(1) };
  }
}

function put(into: JsonObject, [[first, ...rest], value]: readonly [readonly string[], Json]): JsonObject {
  if (first === undefined) return into;
  const inner = into[first];
  const below = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as JsonObject) : {};
  return { ...into, [first]: rest.length === 0 ? value : put(below, [rest, value]) };
}
