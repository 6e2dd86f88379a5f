import type { Json } from '../../event/event.js';
import type { Comparison, Condition, Path } from '../../rules/model.js';
import type { Definitions } from '../computed/definitions.js';
import { compileCondition } from '../conditions/compile-condition.js';
import { compilePath } from '../conditions/compile-path.js';
import type { ConditionContext } from '../conditions/condition-context.js';
import { CounterPlans } from '../conditions/history.js';
import { comparisonSentence, shown, type PlainComparison } from './comparison-sentence.js';
import { historySentence } from './history-sentence.js';

/** A condition as it was judged: what every part of it found, in sentences with the values that decided. */
export interface ConditionReport {
  /** `items`: of `any item` and `every item`, a part for each entry. */
  readonly kind: 'all' | 'any' | 'not' | 'segment' | 'items' | 'part';
  readonly holds: boolean;
  readonly sentence: string;
  /** Of nested conditions, and of what segments are made of; in the order written. */
  readonly parts: readonly ConditionReport[];
}

/** Lists may be long: so many entries are shown one by one. */
const MOST_ITEMS = 5;

/**
 * Judges every part of a condition on its own, also those that the judgement itself would not reach. Slow, for people.
 * @param definitions what `customer.NAME` and `segment` mean beside traits
 */
export function reportCondition(
  condition: Condition,
  context: ConditionContext,
  definitions: Definitions,
): ConditionReport {
  const holds = compileCondition(condition, new CounterPlans(definitions))(context);
  const report = (part: Condition): ConditionReport => reportCondition(part, context, definitions);
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const parts = condition.conditions.map(report);
      const count = parts.filter((part) => part.holds).length;
      const asked = condition.kind === 'all' ? 'all must hold' : 'one must hold';
      return { kind: condition.kind, holds, sentence: `${count} of ${parts.length} hold, ${asked}`, parts };
    }
    case 'not':
      return {
        kind: 'not',
        holds,
        sentence: holds ? 'what must not hold does not' : 'what must not hold does',
        parts: [report(condition.condition)],
      };
    case 'segment':
      return reportSegments(condition.segments, context, definitions, holds);
    case 'compare':
      return reportComparison(condition, context, definitions, holds);
    case 'has done':
    case 'has received':
    case 'has opened':
    case 'has clicked':
      return { kind: 'part', holds, sentence: historySentence(condition, context, definitions), parts: [] };
  }
}

function reportSegments(
  segments: readonly string[],
  context: ConditionContext,
  definitions: Definitions,
  holds: boolean,
): ConditionReport {
  const parts = segments.flatMap((name): ConditionReport[] => {
    const condition = Object.hasOwn(definitions.segments, name) ? definitions.segments[name]! : null;
    return condition === null ? [] : [reportCondition(condition, context, definitions)];
  });
  const inside = segments.filter((_, index) => parts[index]?.holds === true);
  const sentence = holds
    ? `the customer is in ${inside.join(' and ')}`
    : `the customer is not in ${segments.join(' or ')}`;
  return { kind: 'segment', holds, sentence, parts };
}

type Compare = Condition & { readonly kind: 'compare' };

function reportComparison(
  { path, comparison }: Compare,
  context: ConditionContext,
  definitions: Definitions,
  holds: boolean,
): ConditionReport {
  const value = compilePath(path, new CounterPlans(definitions))(context);
  if (comparison.operator === 'any item' || comparison.operator === 'every item')
    return reportItems(path, value, comparison, context, definitions, holds);
  const judged = { path, value, comparison: comparison as PlainComparison, holds };
  const sentence = comparisonSentence(judged, context, definitions);
  return { kind: 'part', holds, sentence, parts: [] };
}

type OfItems = Extract<Comparison, { operator: 'any item' | 'every item' }>;

// eslint-disable-next-line max-params -- what was judged, on what, and how it came out
function reportItems(
  path: Path,
  value: Json | undefined,
  { operator, condition }: OfItems,
  context: ConditionContext,
  definitions: Definitions,
  holds: boolean,
): ConditionReport {
  if (!Array.isArray(value)) {
    const found = value === undefined ? 'is missing' : `is ${shown(value)}, not a list`;
    return { kind: 'items', holds, sentence: `${path.text} ${found}`, parts: [] };
  }
  const items = value as readonly Json[];
  const outer = context.item;
  const reports = items.map((item) => {
    context.item = item;
    return { item, report: reportCondition(condition, context, definitions) };
  });
  context.item = outer;
  const fitting = reports.filter(({ report }) => report.holds).length;
  const asked = operator === 'any item' ? 'one must' : 'all must';
  const sentence =
    items.length === 0 ? `${path.text} is empty` : `${fitting} of ${items.length} in ${path.text} fit, ${asked}`;
  const parts = reports.slice(0, MOST_ITEMS).map(({ item, report }): ConditionReport => {
    return { ...report, sentence: `${shown(item)}: ${report.sentence}` };
  });
  return { kind: 'items', holds, sentence, parts };
}
