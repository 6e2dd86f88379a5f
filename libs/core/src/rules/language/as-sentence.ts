import { parseFixedDuration } from '../reading/quantities.js';

/*
 * People write sentences and signs where the language wants a map. What they mean by it, as it is to be written; null:
 * who knows.
 */

/** What is longer is no such sentence, and must not cost the time to find that out. */
const MOST_CHARACTERS = 200;

const SIGNS: { readonly [sign: string]: string } = {
  '<=': 'at most',
  '=<': 'at most',
  '≤': 'at most',
  '>=': 'at least',
  '=>': 'at least',
  '≥': 'at least',
  '<': 'less than',
  '>': 'more than',
  '!=': 'not',
  '<>': 'not',
  '≠': 'not',
  '=': 'equals',
  '==': 'equals',
};
const SIGN = /^([<>=!≤≥≠]{1,2}) *(\S.*)$/u;
const WORD = /^(at least|at most|more than|less than) (-?\d\S*|[a-z_]+\.\S+)$/;

/** `<= 2`, `at most 2` → `{ at most: 2 }` */
export function comparisonMeant(text: string): string | null {
  if (text.length > MOST_CHARACTERS) return null;
  const [, sign = '', value = ''] = SIGN.exec(text) ?? [];
  const operator = Object.hasOwn(SIGNS, sign) ? SIGNS[sign] : undefined;
  if (operator !== undefined) return operator === 'equals' ? value : `{ ${operator}: ${value} }`;
  const [, word, number] = WORD.exec(text) ?? [];
  return word === undefined ? null : `{ ${word}: ${number} }`;
}

/** `customer.spent > 250`, `has opened cart-reminder`, `segment vip` → a condition */
export function conditionMeant(text: string): string | null {
  if (text.length > MOST_CHARACTERS) return null;
  const [, history, what = ''] = /^(has (?:not )?(?:done|received|opened|clicked)) (.+)$/.exec(text) ?? [];
  if (history !== undefined) return `{ ${history}: ${history.endsWith('done') ? `{ event: ${what} }` : what} }`;
  const segment = /^(?:in )?segment ([a-z][a-z0-9-]*)$/.exec(text)?.[1];
  if (segment !== undefined) return `{ segment: ${segment} }`;
  const [, path, rest = ''] = /^([a-z_]+\.[^\s<>=!≤≥≠]+) *(\S.*)$/u.exec(text) ?? [];
  if (path === undefined) return null;
  const [, is, value = ''] = /^(is not|is|not|equals) (.+)$/.exec(rest) ?? [];
  if (is !== undefined) return `{ ${path}: ${is.endsWith('not') ? `{ not: ${value} }` : value} }`;
  const compared = comparisonMeant(rest);
  return compared === null ? null : `{ ${path}: ${compared} }`;
}

const DAYS = /^every ((?:mon|tues|wednes|thurs|fri|satur|sun)day|weekday|day|month)(?:,? at "?(\d\d:\d\d)"?)?$/i;

/** `every friday at 16:00`, `inactive 30 days`, or else the name of an event → an occasion */
export function occasionMeant(text: string, starts: boolean): string | null {
  if (text.length > MOST_CHARACTERS) return null;
  const [, day, at] = DAYS.exec(text) ?? [];
  if (starts && day !== undefined) return `{ every: ${day.toLowerCase()}${at === undefined ? '' : `, at: "${at}"`} }`;
  const silence = /^inactive(?: for| since)? (.+)$/.exec(text)?.[1];
  if (starts && silence !== undefined && parseFixedDuration(silence) !== null)
    return `{ inactive: ${silence}, since: Order Completed }`;
  const [, word, name] =
    /^(enters|leaves|sent|delivered|opened|clicked|replied|failed) ([a-z][a-z0-9-]*)$/.exec(text) ?? [];
  if (word !== undefined) return `{ ${word}: ${name} }`;
  return /^\p{Lu}[^{}[\],:#]*$/u.test(text) ? `{ event: ${text} }` : null;
}

const AT = /^(.+?)(?:,| at|, at) "?(\d\d:\d\d)"?$/;
const UNTIL = /^(?:until )?((?:mon|tues|wednes|thurs|fri|satur|sun)day|weekday|\d{4}-\d\d-\d\d)$/i;

/** `5 days at 10:00`, `until friday`, `10:00` → a wait until a moment */
export function waitMeant(text: string): string | null {
  if (text.length > MOST_CHARACTERS) return null;
  const time = /^(?:until |at )?"?(\d\d:\d\d)"?$/.exec(text)?.[1];
  if (time !== undefined) return `{ until: "${time}" }`;
  const [, before = text, at] = AT.exec(text) ?? [];
  const beside = at === undefined ? '' : `, at: "${at}"`;
  const day = UNTIL.exec(before)?.[1];
  if (day !== undefined) return `{ until: ${day.toLowerCase()}${beside} }`;
  return at !== undefined && parseFixedDuration(before) !== null ? `{ until: ${before} later${beside} }` : null;
}
