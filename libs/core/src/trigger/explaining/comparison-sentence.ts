import type { Json } from '../../event/event.js';
import { formatInstant } from '../../event/instant.js';
import type { Comparison, Moment, Operand, Path } from '../../rules/model.js';
import type { Definitions } from '../computed/definitions.js';
import { compileMoment } from '../conditions/compile-moment.js';
import { compileOperand, compilePath } from '../conditions/compile-path.js';
import type { ConditionContext } from '../conditions/condition-context.js';
import { CounterPlans } from '../conditions/history.js';
import { readMoment } from '../conditions/read-moment.js';
import { durationText } from './duration-text.js';

const MAX_VALUE_CHARACTERS = 60;

/** One that says something of the value itself, not of its entries. */
export type PlainComparison = Exclude<Comparison, { operator: 'any item' | 'every item' }>;

/** A path against one operator, as it was judged. */
export interface JudgedComparison {
  readonly path: Path;
  readonly value: Json | undefined;
  readonly comparison: PlainComparison;
  readonly holds: boolean;
}

/**
 * `event.price is missing`; `event.price is 15, not at least 20`; `event.price is 30, at least 20`;
 * `customer.country is "DE", not in "AT", "CH"`. Values of other paths are shown as they are now.
 */
export function comparisonSentence(
  { path, value, comparison, holds }: JudgedComparison,
  context: ConditionContext,
  definitions: Definitions,
): string {
  if (comparison.operator === 'exists') {
    if (value === undefined) return `${path.text} is missing`;
    return comparison.expected ? `${path.text} is ${shown(value)}` : `${path.text} is ${shown(value)}, not missing`;
  }
  if (value === undefined) return `${path.text} is missing`;
  const { positive, negative } = wordsOf(path, comparison, context, definitions);
  return `${path.text} is ${shown(value)}, ${holds ? positive : negative}`;
}

interface Words {
  /** As it reads where the comparison holds, behind the value. */
  readonly positive: string;
  readonly negative: string;
}

// eslint-disable-next-line max-lines-per-function -- one case an operator
function wordsOf(
  path: Path,
  comparison: Exclude<PlainComparison, { operator: 'exists' }>,
  context: ConditionContext,
  definitions: Definitions,
): Words {
  const said = (operand: Operand): string => saidOperand(operand, context, definitions);
  const all = (values: readonly Operand[]): string => values.map(said).join(', ');
  const usual = (text: string): Words => ({ positive: text, negative: `not ${text}` });
  switch (comparison.operator) {
    case 'equals':
      return { positive: `as it must be`, negative: `not ${said(comparison.value)}` };
    case 'not':
      return { positive: `not ${said(comparison.value)}`, negative: 'not something else' };
    case 'in':
      return { positive: `one of ${all(comparison.values)}`, negative: `not in ${all(comparison.values)}` };
    case 'not in':
      return { positive: `none of ${all(comparison.values)}`, negative: `which is one of ${all(comparison.values)}` };
    case 'contains':
      return containing(said(comparison.value));
    case 'contains any':
      return containing(`any of ${all(comparison.values)}`);
    case 'starts with':
      return usual(`beginning with ${said(comparison.value)}`);
    case 'ends with':
      return usual(`ending with ${said(comparison.value)}`);
    case 'between':
      return usual(`between ${said(comparison.low)} and ${said(comparison.high)}`);
    case 'matches':
      return usual(`matching ${comparison.pattern}`);
    case 'within last':
    case 'within next': {
      const now = `; it was ${formatInstant(context.now)}`;
      const words = usual(
        `${comparison.operator.replace('within', 'within the')} ${durationText(comparison.durationMs)}`,
      );
      return { positive: `${words.positive}${now}`, negative: `${words.negative}${now}` };
    }
    case 'before':
    case 'after':
      return usual(`${comparison.operator} ${saidMoment(comparison.value, context, definitions)}`);
    case 'dropped by':
    case 'rose by': {
      const { least } = comparison;
      const asked = least.kind === 'share' ? `${least.share * 100}%` : said(least);
      const before = propertyOf(context.entry, path);
      return usual(
        before === undefined
          ? `comparable: the entry has no ${path.names.join('.')}`
          : `${comparison.operator} ${asked} from ${shown(before)}`,
      );
    }
    default:
      return usual(`${comparison.operator} ${said(comparison.value)}`);
  }
}

function containing(what: string): Words {
  return { positive: `which contains ${what}`, negative: `which does not contain ${what}` };
}

/** A value; of a path its name too, so that one sees where it comes from. */
function saidOperand(operand: Operand, context: ConditionContext, definitions: Definitions): string {
  const value = compileOperand(operand, new CounterPlans(definitions))(context);
  return operand.kind === 'path' ? `${operand.path.text} (${shown(value)})` : shown(value);
}

function saidMoment(value: Operand | Moment, context: ConditionContext, definitions: Definitions): string {
  const plans = new CounterPlans(definitions);
  if (value.kind === 'literal') {
    const instant = readMoment(value.value, context);
    return instant === null ? shown(value.value) : `${String(value.value)} (${formatInstant(instant)})`;
  }
  const instant = compileMoment({ moment: value, at: null }, plans)(context, context.now);
  const place = value.kind === 'path' || value.kind === 'beside' ? value.path : null;
  const name = place === null ? '' : ` (${place.text} is ${shown(compilePath(place, plans)(context))})`;
  return instant === null ? `the moment asked for${name}` : `${formatInstant(instant)}${name}`;
}

function propertyOf(entry: Json | undefined, { names }: Path): Json | undefined {
  let value: Json | undefined = entry;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as { readonly [name: string]: Json })[name];
  }
  return value;
}

/** A value as JSON, cut where it gets long; a list of entries by their number. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS - 1)}…` : text;
}
