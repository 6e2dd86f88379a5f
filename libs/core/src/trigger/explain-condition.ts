import type { Condition } from '../rules/model.js';
import type { Definitions } from './computed/definitions.js';
import type { ConditionContext } from './conditions/condition-context.js';
import { reportCondition, type ConditionReport } from './explaining/report-condition.js';

/** Why a condition does not hold here, for people: `event.price is missing`, `event.price is 15, not at least 20`. */
export function explainCondition(condition: Condition, context: ConditionContext, definitions: Definitions): string {
  return because(reportCondition(condition, context, definitions));
}

/** The parts that decided, in one line: of `all` those that fail, of `any` every one. */
function because(report: ConditionReport): string {
  const { kind, holds, sentence, parts } = report;
  const deciding = parts.filter((part) => part.holds === holds);
  switch (kind) {
    case 'all':
    case 'any':
      return deciding.map(because).join(' and ');
    case 'segment':
      return deciding.length === 0 ? sentence : `${sentence} (${deciding.map(because).join(' and ')})`;
    case 'not':
      return `${sentence}: ${parts.map(because).join(' and ')}`;
    case 'items':
    case 'part':
      return sentence;
  }
}
