import type { Json, JsonObject } from '../../event/event.js';
import { formatInstant } from '../../event/instant.js';
import type { Operand, Path } from '../../rules/model.js';
import { computedReader } from '../computed/read-computed.js';
import type { EventView, Read } from './condition-context.js';
import type { CounterPlans } from './history.js';

/** Reads own properties only; null is as good as missing, and lists have a `.count`. */
export function compilePath(path: Path, plans: CounterPlans): Read {
  const [first, ...rest] = path.names;
  switch (path.root) {
    case 'customer':
      if (first === undefined) return () => undefined;
      if (Object.hasOwn(plans.workspace.computed, first)) return readComputed(first, rest, plans);
      return ({ overlay, state }) => {
        const written = overlay?.get(first);
        // null: the run has taken the trait away.
        return walk(written === undefined ? state.traits.get(first) : written, rest);
      };
    case 'event':
      return (context) => readFrom(context.event, path.names);
    case 'start':
      return (context) => readFrom(context.start, path.names);
    case 'item':
      return (context) => walk(context.item, path.names);
    case 'starts':
      if (first === undefined) return (context) => context.starts?.map((start) => start.properties);
      return (context) => (first === 'count' && rest.length === 0 ? (context.starts?.length ?? 0) : undefined);
    case 'repeat':
      return (context) => (first === 'count' && rest.length === 0 ? (context.round ?? undefined) : undefined);
    case 'as':
      if (first === undefined) return () => undefined;
      return (context) => readFrom(context.named?.get(first) ?? null, rest);
  }
}

export function compileOperand(operand: Operand, plans: CounterPlans): Read {
  if (operand.kind === 'path') return compilePath(operand.path, plans);
  const { value } = operand;
  return () => value;
}

/** As of the context's `now`: a window moves on by itself. */
function readComputed(name: string, rest: readonly string[], plans: CounterPlans): Read {
  plans.computed.add(name);
  const { value, count } = computedReader(plans.workspace.computed[name]!, plans.workspace);
  if (rest.length === 1 && rest[0] === 'count')
    return ({ state, now }) => count(state, now) ?? walk(value(state, now), rest);
  return ({ state, now }) => walk(value(state, now), rest);
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
