import type { Path } from '../model.js';
import { closestName } from '../reading/closest-name.js';
import type { Reader } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import { readScalar } from '../reading/scalars.js';
import type { PossibleEvents } from './events-at.js';
import { isKnownProperty } from './tracking-plan.js';
import type { Span } from '../yaml/source-text.js';

export type PathRoot = Path['root'];

export const ROOTS = ['customer', 'start', 'starts', 'event', 'item', 'repeat'] as const satisfies readonly PathRoot[];
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/** Which roots have a meaning at a place, and how the place is called in a sentence. */
export interface Scope {
  readonly roots: readonly PathRoot[];
  readonly place: string;
  /** Names given by `as` before this place, and which events they may be. */
  readonly given?: ReadonlyMap<string, PossibleEvents>;
  /** Which events `event` may be here, and which may have started the run. */
  readonly events?: PossibleEvents;
  readonly starts?: PossibleEvents;
  /** In the `where` of an item event there is an entry to compare with: `dropped by`, `rose by`. */
  readonly comparesEntry?: boolean;
}

export const SCOPES = {
  startWhere: { roots: ['customer', 'event'], place: 'the `where` of a start' },
  key: { roots: ['event'], place: '`key`' },
  occasionWhere: { roots: ['customer', 'start', 'starts', 'event'], place: '`where`' },
  itemWhere: {
    roots: ['customer', 'event', 'item'],
    place: 'the `where` of an item event',
    comparesEntry: true,
  },
  run: { roots: ['customer', 'start', 'starts'], place: '`who` and `if`' },
  date: { roots: ['customer'], place: 'a `date`' },
  trait: { roots: ['customer'], place: '`set`' },
  duration: { roots: ['customer'], place: 'a duration' },
  list: { roots: ['customer'], place: '`in`' },
  segment: { roots: ['customer'], place: 'a segment' },
  computedName: { roots: ['customer'], place: '`computed`' },
  computedWhere: { roots: ['customer', 'event'], place: 'the `where` of a computed attribute' },
  property: { roots: ['event'], place: 'a computed attribute' },
} as const satisfies { readonly [name: string]: Scope };

/** Inside `any item` and `every item`. */
export function withItem(scope: Scope): Scope {
  return scope.roots.includes('item') ? scope : { ...scope, roots: [...scope.roots, 'item'] };
}

/** The `where` of a history condition: `event` is the event of the past. */
export function historyScope(scope: Scope, events: PossibleEvents): Scope {
  const roots = scope.roots.filter((root) => root !== 'item' && root !== 'event');
  return { ...withoutEntry(scope), roots: [...roots, 'event'], place: 'the `where` of `has done`', events };
}

/** The `where` of an occasion inside a run: what the run knows, and the event that is looked at. */
export function occasionScope(run: Scope): Scope {
  return { ...run, roots: [...run.roots, 'event'], place: SCOPES.occasionWhere.place };
}

/** Where `event` is one of these. */
export function withEvents(scope: Scope, events: PossibleEvents): Scope {
  return { ...scope, events };
}

/** Where nothing is compared with the entry of an item event. */
export function withoutEntry(scope: Scope): Scope {
  return { ...scope, comparesEntry: false };
}

/** Steps behind or inside those that give names by `as`. */
export function withGiven(scope: Scope, names: Iterable<readonly [string, PossibleEvents]>): Scope {
  return { ...scope, given: new Map([...(scope.given ?? []), ...names]) };
}

export function withRepeat(scope: Scope): Scope {
  return scope.roots.includes('repeat') ? scope : { ...scope, roots: [...scope.roots, 'repeat'] };
}

/** Only a text that begins with a known root, or a name given by `as` somewhere in the rule, and a point is a path. */
export function looksLikePath(text: string, reading: Reading): boolean {
  const point = text.indexOf('.');
  if (point <= 0) return false;
  const first = text.slice(0, point);
  return ROOTS.some((root) => root === first) || reading.asNames.has(first);
}

/** A path, where nothing but a path may stand. */
export function path(scope: Scope): Reader<Path> {
  return {
    type: 'PATH',
    read(node, reading) {
      const scalar = readScalar(node, reading, 'a path such as `event.cart_id`');
      return scalar && readPath(String(scalar.value), scalar.span, reading, scope);
    },
  };
}

/** @param place `value` where a text could stand as well, so that the way to write the text itself is worth a word. */
export function readPath(
  text: string,
  span: Span,
  reading: Reading,
  scope: Scope,
  place: 'key' | 'value' = 'key',
): Path | undefined {
  const [first = '', ...names] = text.split('.');
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  const isGiven = reading.asNames.has(first);
  const root = isGiven ? 'as' : ROOTS.find((known) => known === first);
  if (root === undefined || names.length === 0) {
    const { message, suggestion } = unknownRoot(shown, first, names, scope);
    return reading.error(span, 'path/unknown-root', message, suggestion);
  }
  if (names.some((name) => name === '')) {
    return reading.error(span, 'path/syntax', `"${shown}" is not a path: a name is missing beside a point`);
  }
  const forbidden = names.find((name) => FORBIDDEN.includes(name));
  if (forbidden !== undefined) {
    return reading.error(span, 'path/forbidden-name', `"${forbidden}" is not allowed in a path`);
  }
  if (isGiven ? !scope.given?.has(first) : !scope.roots.includes(root)) {
    const escape = place === 'value' ? `. The text itself would be { text: ${shown} }` : '';
    const message = `"${shown}" has no meaning in ${scope.place}: ${NOT_HERE[root]}${escape}`;
    return reading.error(span, 'path/not-here', message, meantInstead(root, names, scope));
  }
  const counted = ONLY_COUNT[root];
  if (counted !== undefined && (names.length > 1 || names[0] !== 'count')) {
    const message = `"${shown}" does not exist; ${counted} there is ${root}.count`;
    return reading.error(span, 'path/unknown-name', message, `${root}.count`);
  }
  const [property = ''] = names;
  if (!isKnownProperty(property, possibleEvents(root, first, scope), span, reading)) return undefined;
  return { root, names: isGiven ? [first, ...names] : names, text };
}

/** Which events a root stands for at this place; null: any, or none. */
export function possibleEvents(root: PathRoot, first: string, scope: Scope): PossibleEvents {
  switch (root) {
    case 'event':
      return scope.events ?? null;
    case 'start':
      return scope.starts ?? null;
    case 'as':
      return scope.given?.get(first) ?? null;
    default:
      return null;
  }
}

const ONLY_COUNT: { readonly [root in PathRoot]?: string } = {
  starts: 'of the start events',
  repeat: 'of the rounds of a `repeat`',
};

interface Finding {
  readonly message: string;
  readonly suggestion?: string;
}

function unknownRoot(shown: string, first: string, names: readonly string[], scope: Scope): Finding {
  const known = [...scope.roots, ...(scope.given?.keys() ?? [])];
  const closest = names.length > 0 ? closestName(first, known) : null;
  if (closest !== null) {
    const suggestion = [closest, ...names].join('.');
    const message = `"${shown}" is not a path: "${first}" is not known here (did you mean "${suggestion}"?)`;
    return { message, suggestion };
  }
  const begins = known.map((each) => `${each}.`).join(', ');
  const preferred = scope.roots.includes('item') ? 'item' : scope.roots.includes('event') ? 'event' : 'customer';
  const example = names.length === 0 && /^[\p{L}\d_-]+$/u.test(shown) ? ` (for example ${preferred}.${shown})` : '';
  return { message: `"${shown}" is not a path; here a path begins with ${begins}${example}` };
}

const NOT_HERE: { readonly [root in PathRoot]: string } = {
  event:
    '`event` is the event that is being looked at and exists only inside an occasion (`where`, `key`); the event that started the run is `start`',
  item: '`item` is an entry of a list and exists only inside `any item`, `every item` and the `where` of an item event',
  start: '`start` is the event that started the run, which does not exist yet; use `event`',
  starts: '`starts` are the start events of a run, which does not exist yet',
  customer: '`customer` is not known here',
  repeat: '`repeat` exists only inside the steps of a `repeat`',
  as: 'the `wait` whose `as` gives this name is not done before this place, or gave up waiting',
};

function meantInstead(root: PathRoot, names: readonly string[], scope: Scope): string | undefined {
  const other = root === 'event' ? 'start' : root === 'start' ? 'event' : null;
  return other !== null && scope.roots.includes(other) ? [other, ...names].join('.') : undefined;
}
