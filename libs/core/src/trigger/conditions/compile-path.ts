import type { Json, JsonObject } from '../../event/event.js';
import { formatInstant } from '../../event/instant.js';
import type { Operand, Path } from '../../rules/model.js';
import type { EventView, Read } from './condition-context.js';

/** Reads own properties only; null is as good as missing, and lists have a `.count`. */
export function compilePath(path: Path): Read {
  const [first, ...rest] = path.names;
  switch (path.root) {
    case 'customer':
      if (first === undefined) return () => undefined;
      return (context) => walk(context.state.traits.get(first), rest);
    case 'event':
      return (context) => readFrom(context.event, path.names);
    case 'start':
      return (context) => readFrom(context.start, path.names);
    case 'item':
      return (context) => walk(context.item, path.names);
    case 'starts':
      if (first === undefined) return (context) => context.starts?.map((start) => start.properties);
      return (context) => (first === 'count' && rest.length === 0 ? (context.starts?.length ?? 0) : undefined);
  }
}

export function compileOperand(operand: Operand): Read {
  if (operand.kind === 'path') return compilePath(operand.path);
  const { value } = operand;
  return () => value;
}

function readFrom(event: EventView | null, names: readonly string[]): Json | undefined {
  if (event === null) return undefined;
  if (names.length === 1 && names[0] === 'timestamp') return formatInstant(event.time);
  return walk(event.properties, names);
}

function walk(value: Json | undefined, names: readonly string[]): Json | undefined {
  let here = value;
  for (const name of names) {
    if (typeof here !== 'object' || here === null) return undefined;
    if (Array.isArray(here)) here = name === 'count' ? here.length : undefined;
    else here = Object.hasOwn(here, name) ? (here as JsonObject)[name] : undefined;
  }
  return here ?? undefined;
}
