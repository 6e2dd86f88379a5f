import type { Computed, Condition } from '../model.js';
import { readMap } from '../reading/collections.js';
import { type FieldTable, findEntry, mapStart, optional, type Reader, readFields } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import { checkName, isName } from '../reading/scalars.js';
import type { WorkspaceNames } from '../reading/workspace-names.js';
import type { Span } from '../yaml/source-text.js';
import type { YamlNode } from '../yaml/yaml-node.js';
import { checkDependencies } from './check-dependencies.js';
import { computed, computedKind, type Unnamed } from './computed.js';
import { condition } from './condition.js';
import { readPath, SCOPES } from './path.js';

export interface Segments {
  readonly segments: { readonly [name: string]: Condition };
  readonly computed: { readonly [name: string]: Computed };
}

export const NO_SEGMENTS: Segments = { segments: {}, computed: {} };

const PREFIX = 'customer.';

/** A map whose keys are read by `nameOf`; the names come out sorted, so that their order in the file means nothing. */
function named<T>(
  value: Reader<T>,
  nameOf: (key: string, span: Span, reading: Reading) => string | undefined,
  what: string,
): Reader<readonly (readonly [string, T])[]> {
  return {
    type: `map of names to ${what}`,
    read(node, reading) {
      const map = readMap(node, reading, `a map of names to ${what}`);
      if (map === undefined) return undefined;
      const found: [string, T][] = [];
      for (const { key, keySpan, value: written } of map.entries) {
        const name = nameOf(key, keySpan, reading);
        const isEmpty = written.kind === 'scalar' && written.empty;
        const read = isEmpty
          ? reading.error(keySpan, 'value/empty', `"${key.slice(0, 80)}" has no value; expected a ${value.type}`)
          : value.read(written, reading);
        if (name !== undefined && read !== undefined) found.push([name, read]);
      }
      return found.length === map.entries.length ? found.sort(([a], [b]) => (a < b ? -1 : 1)) : undefined;
    },
  };
}

export const SEGMENTS = {
  segments: optional(
    named(condition(SCOPES.segment), (key, span, reading) => checkName(key, span, reading, 'a segment'), 'CONDITIONs'),
    'Named audiences: who meets the condition is in the segment.',
  ),
  computed: optional(
    named<Unnamed>(computed, readComputedName, 'computed attributes'),
    'Attributes of a customer that are kept up to date from events, by `customer.NAME`.',
  ),
} satisfies FieldTable;

function readComputedName(key: string, span: Span, reading: Reading): string | undefined {
  if (!key.startsWith(PREFIX) && isPlain(key)) {
    const meant = `${PREFIX}${key}`;
    return reading.error(span, 'path/unknown-root', `a computed attribute is called \`${meant}\``, meant);
  }
  const path = readPath(key, span, reading, SCOPES.computedName);
  if (path === undefined) return undefined;
  if (path.names.length === 1) return path.names[0];
  const meant = `${PREFIX}${path.names.join('_')}`;
  return reading.error(span, 'path/syntax', `a computed attribute has one name behind \`customer.\``, meant);
}

function isPlain(key: string): boolean {
  return key !== '' && !key.includes('.');
}

/** segments.yaml. */
export function readSegments(root: YamlNode, reading: Reading): Segments | undefined {
  const map = readMap(root, reading, 'segments and computed attributes');
  const fields = map && readFields(map, reading, SEGMENTS, 'segments.yaml').complete;
  if (map === undefined || fields === undefined) return undefined;
  const named = (fields.computed ?? []).map(([name, each]): [string, Computed] => [name, { name, ...each }]);
  const found = { segments: Object.fromEntries(fields.segments ?? []), computed: Object.fromEntries(named) };
  const spanOf = (part: 'segments' | 'computed', key: string) => {
    const inner = findEntry(map, part)?.value;
    return (inner?.kind === 'map' && findEntry(inner, key)?.keySpan) || mapStart(map);
  };
  return checkDependencies(found, spanOf, reading) ? found : undefined;
}

/** The names segments.yaml defines, as far as they can be seen. */
export function segmentsNames(root: YamlNode): Pick<WorkspaceNames, 'segments' | 'computed'> {
  const entries = (key: string) => {
    const value = root.kind === 'map' ? findEntry(root, key)?.value : undefined;
    return value === undefined ? [] : value.kind === 'map' ? value.entries : null;
  };
  const [segments, attributes] = [entries('segments'), entries('computed')];
  const kinds = attributes?.flatMap(({ key, value }): [string, Computed['kind']][] => {
    const kind = value.kind === 'map' && key.startsWith(PREFIX) ? computedKind(value) : null;
    return kind === null ? [] : [[key.slice(PREFIX.length), kind]];
  });
  const isSure = kinds !== undefined && kinds.length === attributes?.length;
  return {
    segments: segments === null ? null : new Set(segments.map(({ key }) => key).filter(isName)),
    computed: isSure ? new Map(kinds) : null,
  };
}
