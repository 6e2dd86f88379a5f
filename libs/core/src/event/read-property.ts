import type { Json, JsonObject } from './event.js';
import { formatInstant } from './instant.js';

export type ReadProperty = (event: { readonly time: number; readonly properties: JsonObject }) => Json | undefined;

/** Reads own properties along these names; null is as good as missing. `timestamp` alone is the event's time. */
export function propertyReader(names: readonly string[]): ReadProperty {
  if (names.length === 1 && names[0] === 'timestamp') return ({ time }) => formatInstant(time);
  return ({ properties }) => {
    let here: Json | undefined = properties;
    for (const name of names) {
      if (typeof here !== 'object' || here === null || Array.isArray(here)) return undefined;
      here = Object.hasOwn(here, name) ? (here as JsonObject)[name] : undefined;
    }
    return here ?? undefined;
  };
}
