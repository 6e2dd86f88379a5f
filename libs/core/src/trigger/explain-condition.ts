import type { Comparison, Condition, HistoryCondition, Operand } from '../rules/model.js';
import { NO_DEFINITIONS, type Definitions } from './computed/definitions.js';
import { compileCondition } from './conditions/compile-condition.js';
import { compileOperand, compilePath } from './conditions/compile-path.js';
import type { ConditionContext } from './conditions/condition-context.js';
import { CounterPlans } from './conditions/history.js';

const MAX_VALUE_CHARACTERS = 60;

/** Why a condition does not hold here, for people: `event.price is missing`, `event.price is 15, not at least 20`. */
export function explainCondition(
  condition: Condition,
  context: ConditionContext,
  definitions: Definitions = NO_DEFINITIONS,
): string {
  const explain = (part: Condition): string => explainCondition(part, context, definitions);
  switch (condition.kind) {
    case 'all':
      return condition.conditions
        .filter((part) => !compileCondition(part, new CounterPlans(definitions))(context))
        .map(explain)
        .slice(0, 1)
        .join('');
    case 'any':
      return condition.conditions.map(explain).join(' and ');
    case 'not':
      return 'what must not hold does';
    case 'compare': {
      const value = compilePath(condition.path, new CounterPlans(definitions))(context);
      if (value === undefined) return `${condition.path.text} is missing`;
      return `${condition.path.text} is ${shown(value)}, not ${expectation(condition.comparison, context, definitions)}`;
    }
    case 'has done':
      return explainHistory(condition);
    case 'segment':
      return `the customer is not in ${condition.segments.join(' or ')}`;
    case 'has received':
    case 'has opened':
    case 'has clicked':
      return condition.negated ? `${condition.kind} holds` : `${condition.kind} does not hold`;
  }
}

function explainHistory(condition: HistoryCondition): string {
  const events = condition.events.join(' or ');
  if (condition.negated) return `${events} was done`;
  return condition.atMost === null
    ? `${events} was not done often enough`
    : `${events} was not done as often as asked for`;
}

function expectation(comparison: Comparison, context: ConditionContext, definitions: Definitions): string {
  const said = (operand: Operand): string => shown(compileOperand(operand, new CounterPlans(definitions))(context));
  switch (comparison.operator) {
    case 'equals':
      return said(comparison.value);
    case 'not':
      return `something else`;
    case 'in':
    case 'not in':
    case 'contains any':
      return `${comparison.operator} ${comparison.values.map(said).join(', ')}`;
    case 'between':
      return `between ${said(comparison.low)} and ${said(comparison.high)}`;
    case 'matches':
      return `matching ${comparison.pattern}`;
    case 'exists':
      return 'missing';
    case 'within last':
    case 'within next':
      return `${comparison.operator} the duration asked for`;
    case 'dropped by':
    case 'rose by':
      return `${comparison.operator} so much`;
    case 'before':
    case 'after':
      return `${comparison.operator} the moment asked for`;
    case 'any item':
    case 'every item':
      return `such that ${comparison.operator} fits`;
    default:
      return `${comparison.operator} ${said(comparison.value)}`;
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS - 1)}…` : text;
}
