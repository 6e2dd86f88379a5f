import type { Path } from '../model.js';
import { closestName } from '../reading/closest-name.js';
import { type Reader, refuseNotYet } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import { readScalar } from '../reading/scalars.js';
import type { Span } from '../yaml/source-text.js';

export type PathRoot = Path['root'];

const ROOTS = ['customer', 'start', 'starts', 'event', 'item'] as const satisfies readonly PathRoot[];
const KNOWN_ROOTS: readonly string[] = [...ROOTS, 'repeat'];
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/** Which roots have a meaning at a place, and how the place is called in a sentence. */
export interface Scope {
  readonly roots: readonly PathRoot[];
  readonly place: string;
}

export const SCOPES = {
  startWhere: { roots: ['customer', 'event'], place: 'the `where` of a start' },
  key: { roots: ['event'], place: '`key`' },
  occasionWhere: { roots: ['customer', 'start', 'starts', 'event'], place: '`where`' },
  run: { roots: ['customer', 'start', 'starts'], place: '`who` and `if`' },
} as const satisfies { readonly [name: string]: Scope };

/** Inside `any item` and `every item`. */
export function withItem(scope: Scope): Scope {
  return scope.roots.includes('item') ? scope : { ...scope, roots: [...scope.roots, 'item'] };
}

/** The `where` of a history condition: `event` is the event of the past. */
export function historyScope(scope: Scope): Scope {
  const outer = scope.roots.filter((root) => root !== 'item' && root !== 'event');
  return { roots: [...outer, 'event'], place: 'the `where` of `has done`' };
}

/** Only a text that begins with a known root and a point is a path. */
export function looksLikePath(text: string): boolean {
  const point = text.indexOf('.');
  return point > 0 && KNOWN_ROOTS.includes(text.slice(0, point));
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
  if (first === 'repeat' && names.length > 0) return refuseNotYet(span, 'repeat.', reading);
  const root = ROOTS.find((known) => known === first);
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
  if (!scope.roots.includes(root)) {
    const escape = place === 'value' ? `. The text itself would be { text: ${shown} }` : '';
    const message = `"${shown}" has no meaning in ${scope.place}: ${NOT_HERE[root]}${escape}`;
    return reading.error(span, 'path/not-here', message, meantInstead(root, names, scope));
  }
  if (root === 'starts' && (names.length > 1 || names[0] !== 'count')) {
    const message = `"${shown}" does not exist; of the start events there is starts.count`;
    return reading.error(span, 'path/unknown-name', message, 'starts.count');
  }
  return { root, names, text };
}

interface Finding {
  readonly message: string;
  readonly suggestion?: string;
}

function unknownRoot(shown: string, first: string, names: readonly string[], scope: Scope): Finding {
  const closest = names.length > 0 ? closestName(first, scope.roots) : null;
  if (closest !== null) {
    const suggestion = [closest, ...names].join('.');
    const message = `"${shown}" is not a path: "${first}" is not known here (did you mean "${suggestion}"?)`;
    return { message, suggestion };
  }
  const begins = scope.roots.map((known) => `${known}.`).join(', ');
  const preferred = scope.roots.includes('item') ? 'item' : scope.roots.includes('event') ? 'event' : 'customer';
  const example = names.length === 0 && /^[\p{L}\d_-]+$/u.test(shown) ? ` (for example ${preferred}.${shown})` : '';
  return { message: `"${shown}" is not a path; here a path begins with ${begins}${example}` };
}

const NOT_HERE: { readonly [root in PathRoot]: string } = {
  event:
    '`event` is the event that is being looked at and exists only inside an occasion (`where`, `key`); the event that started the run is `start`',
  item: '`item` is an entry of a list and exists only inside `any item` and `every item`',
  start: '`start` is the event that started the run, which does not exist yet; use `event`',
  starts: '`starts` are the start events of a run, which does not exist yet',
  customer: '`customer` is not known here',
  repeat: '`repeat` exists only inside the steps of a `repeat`',
  as: 'no `as` gives this name before this place',
};

function meantInstead(root: PathRoot, names: readonly string[], scope: Scope): string | undefined {
  const other = root === 'event' ? 'start' : root === 'start' ? 'event' : null;
  return other !== null && scope.roots.includes(other) ? [other, ...names].join('.') : undefined;
}
