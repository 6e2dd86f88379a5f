import type { Condition, Workspace } from '../../rules/model.js';
import { pathsOf, segmentsIn } from '../conditions/condition-needs.js';

/** What `customer.NAME` and `segment` may mean beside traits: segments.yaml. */
export type Definitions = Pick<Workspace, 'computed' | 'segments'>;

export const NO_DEFINITIONS: Definitions = { computed: {}, segments: {} };

/**
 * The definitions that a condition leans on, those that they lean on included, as they are written: part of every
 * fingerprint, so that nothing is taken over from a definition that meant something else. Empty for most conditions.
 */
export function leanedOn(
  condition: Condition | null,
  definitions: Definitions,
): readonly (readonly [place: string, definition: unknown])[] {
  const found = new Map<string, unknown>();
  if (condition !== null) collect(condition, definitions, found);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Names of the computed attributes among them, those of segments included. */
export function computedIn(condition: Condition | null, definitions: Definitions): string[] {
  return leanedOn(condition, definitions).flatMap(([place]) =>
    place.startsWith('customer.') ? [place.slice('customer.'.length)] : [],
  );
}

function collect(condition: Condition, definitions: Definitions, found: Map<string, unknown>): void {
  for (const { root, names } of pathsOf(condition)) {
    const name = root === 'customer' ? names[0] : undefined;
    if (name === undefined || !Object.hasOwn(definitions.computed, name) || found.has(`customer.${name}`)) continue;
    const definition = definitions.computed[name]!;
    found.set(`customer.${name}`, definition);
    if (definition.where !== null) collect(definition.where, definitions, found);
  }
  for (const name of segmentsIn(condition)) {
    if (!Object.hasOwn(definitions.segments, name) || found.has(`segment ${name}`)) continue;
    const segment = definitions.segments[name]!;
    found.set(`segment ${name}`, segment);
    collect(segment, definitions, found);
  }
}
