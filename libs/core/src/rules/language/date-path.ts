import type { Path } from '../model.js';
import type { Reading } from '../reading/reading.js';
import type { Span } from '../yaml/source-text.js';
import { possibleEvents, readPath, type Scope } from './path.js';
import { mayBeDate } from './tracking-plan.js';

/** Computed attributes that are numbers or lists, and so no dates. */
const NO_DATES = ['count', 'average gap', 'sum', 'average', 'list'];

/** A path that leads to a date, as far as segments.yaml and events.yaml say what it leads to. */
export function readDatePath(text: string, span: Span, reading: Reading, scope: Scope): Path | undefined {
  const path = readPath(text, span, reading, scope);
  if (path === undefined) return undefined;
  const [first = '', second] = path.names;
  const kind = path.root === 'customer' ? reading.names.computed?.get(first) : undefined;
  if (kind !== undefined && NO_DATES.includes(kind)) {
    const what = kind === 'list' ? 'a list' : kind === 'average gap' ? 'a length of time' : 'a number';
    return reading.error(span, 'value/not-a-date', `"${text}" is ${what} (\`${kind}\` in segments.yaml), not a date`);
  }
  if (path.root === 'starts' || path.root === 'repeat')
    return reading.error(span, 'value/not-a-date', `"${text}" is a number, not a date`);
  const property = path.root === 'as' ? (second ?? '') : first;
  if (mayBeDate(property, possibleEvents(path.root, first, scope), reading)) return path;
  return reading.error(span, 'value/not-a-date', `"${text}" is no date, says events.yaml`);
}
