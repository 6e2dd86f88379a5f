import type { Workspace } from '../model.js';
import type { Reading } from '../reading/reading.js';
import type { Span } from '../yaml/source-text.js';
import { findCycles } from './find-cycle.js';
import { type References, referencesOf } from './references.js';

type Definitions = Pick<Workspace, 'segments' | 'computed'>;

/**
 * A segment or computed attribute that depends on itself, over however many others, has no value that is right. Said
 * once for each cycle, at its first member in the file.
 * @returns whether there is none.
 */
export function checkDependencies(
  found: Definitions,
  spanOf: (part: 'segments' | 'computed', key: string) => Span,
  reading: Reading,
): boolean {
  const edges = new Map<string, readonly string[]>();
  for (const [name, condition] of Object.entries(found.segments))
    edges.set(`segment ${name}`, namesIn(referencesOf(condition), found));
  for (const [name, { where }] of Object.entries(found.computed))
    edges.set(`customer.${name}`, namesIn(referencesOf(where), found));
  const cycles = findCycles(edges);
  for (const cycle of cycles) {
    const [first = ''] = cycle;
    const span = first.startsWith('segment ')
      ? spanOf('segments', first.slice('segment '.length))
      : spanOf('computed', first);
    const way = [...cycle, first].join(' → ');
    reading.error(span, 'segments/depends-on-itself', `"${first}" depends on itself: ${way}`);
  }
  return cycles.length === 0;
}

function namesIn({ paths, segments }: References, found: Definitions): readonly string[] {
  const computed = paths.flatMap(({ root, names: [name = ''] }) =>
    root === 'customer' && Object.hasOwn(found.computed, name) ? [`customer.${name}`] : [],
  );
  return [...segments.map((name) => `segment ${name}`), ...computed];
}
