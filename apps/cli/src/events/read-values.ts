import type { Json, JsonObject } from '#core';
import { CommandError } from '../terminal/command-error.js';

/** `price=30 cart_id=c1`, and an object as JSON. Throws CommandError. */
export function readValues(words: readonly string[], json: string | undefined): JsonObject {
  const named = words.map((word) => {
    const at = word.indexOf('=');
    if (at <= 0) throw new CommandError(`"${word}" is not NAME=VALUE, such as price=30`);
    return [word.slice(0, at), readValue(word.slice(at + 1))] as const;
  });
  return { ...readObject(json), ...Object.fromEntries(named) };
}

/** A number, true, false, null, or what begins like JSON is that; everything else is a text. */
function readValue(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    // An identifier of many digits would lose some of them.
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}

function readObject(json: string | undefined): JsonObject {
  if (json === undefined) return {};
  try {
    const value = JSON.parse(json) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (error) {
    throw new CommandError(`--values is not JSON: ${(error as Error).message}`);
  }
  throw new CommandError(`--values must be an object, such as '{"price": 30}'`);
}
