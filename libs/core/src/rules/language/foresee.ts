import type {
  Comparison,
  Condition,
  HistoryCondition,
  MessageHistoryCondition,
  Operand,
  Path,
  Scalar,
} from '../model.js';

/** `null`: nobody can say. */
export type Foreseen = boolean | null;

/** What is known before anything runs. */
export interface Known {
  /** `missing` where nothing will be there, null where it may be anything. */
  value(path: Path): { readonly value: Scalar } | 'missing' | null;
  segment(name: string): Foreseen;
  history(condition: HistoryCondition | MessageHistoryCondition): Foreseen;
}

/** Whether a condition will hold, as far as it follows from the little that is known. */
export function foresee(condition: Condition, known: Known): Foreseen {
  switch (condition.kind) {
    case 'all':
      return all(condition.conditions.map((each) => foresee(each, known)));
    case 'any':
      return any(condition.conditions.map((each) => foresee(each, known)));
    case 'not':
      return negated(foresee(condition.condition, known));
    case 'segment':
      return any(condition.segments.map((name) => known.segment(name)));
    case 'has done':
    case 'has received':
    case 'has opened':
    case 'has clicked':
      return known.history(condition);
    case 'compare': {
      const found = known.value(condition.path);
      if (found === null) return null;
      return found === 'missing' ? ofMissing(condition.comparison) : ofValue(found.value, condition.comparison);
    }
  }
}

function all(parts: readonly Foreseen[]): Foreseen {
  return parts.includes(false) ? false : parts.includes(null) ? null : true;
}

function any(parts: readonly Foreseen[]): Foreseen {
  return parts.includes(true) ? true : parts.includes(null) ? null : false;
}

export function negated(part: Foreseen): Foreseen {
  return part === null ? null : !part;
}

/** `not`, `not in` and `exists: false` hold, every other comparison is false. */
function ofMissing(comparison: Comparison): Foreseen {
  switch (comparison.operator) {
    case 'not':
    case 'not in':
      return true;
    case 'exists':
      return !comparison.expected;
    default:
      return false;
  }
}

function ofValue(value: Scalar, comparison: Comparison): Foreseen {
  switch (comparison.operator) {
    case 'exists':
      return comparison.expected;
    case 'equals':
      return same(value, comparison.value);
    case 'not':
      return negated(same(value, comparison.value));
    case 'in':
      return any(comparison.values.map((each) => same(value, each)));
    case 'not in':
      return negated(any(comparison.values.map((each) => same(value, each))));
    case 'at least':
      return ordered(value, comparison.value, (a, b) => a >= b);
    case 'at most':
      return ordered(value, comparison.value, (a, b) => a <= b);
    case 'more than':
      return ordered(value, comparison.value, (a, b) => a > b);
    case 'less than':
      return ordered(value, comparison.value, (a, b) => a < b);
    default:
      return null;
  }
}

function same(value: Scalar, operand: Operand): Foreseen {
  return operand.kind === 'path' ? null : operand.value === value;
}

function ordered(value: Scalar, operand: Operand, holds: (a: number, b: number) => boolean): Foreseen {
  if (operand.kind === 'path') return null;
  return typeof value === 'number' && typeof operand.value === 'number' && holds(value, operand.value);
}
