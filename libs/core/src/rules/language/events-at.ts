import { findEntry } from '../reading/fields.js';
import type { YamlMap, YamlNode } from '../yaml/yaml-node.js';

/** Names of events, as far as they can be seen before anything is read; null: it may be any event. */
export type PossibleEvents = readonly string[] | null;

/** What stands behind `event`, `since`, `of`: a name or a list of names. */
export function eventsAt(node: YamlNode | undefined): PossibleEvents {
  if (node?.kind === 'scalar')
    return typeof node.value === 'string' && node.value !== 'any event' ? [node.value] : null;
  if (node?.kind !== 'list') return null;
  const names = node.items.map((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' ? item.value : null,
  );
  return names.every((name) => name !== null) ? names : null;
}

/** The events of one occasion or of several: what was waited for, or what started the run. */
export function eventsOfOccasions(node: YamlNode | undefined): PossibleEvents {
  const maps = node?.kind === 'list' ? node.items : node === undefined ? [] : [node];
  const names = maps.map((map) => (map.kind === 'map' ? eventsOfOccasion(map) : null));
  return names.length > 0 && names.every((found) => found !== null) ? names.flat() : null;
}

function eventsOfOccasion(map: YamlMap): PossibleEvents {
  for (const key of ['event', 'item event', 'since']) {
    const entry = findEntry(map, key);
    if (entry !== undefined) return eventsAt(entry.value);
  }
  return null;
}
