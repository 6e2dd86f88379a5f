import type { Comparison, Condition, Moment, Operand, Path } from '../../rules/model.js';

/** The paths a condition reads, those of nested history conditions included. */
export function pathsOf(condition: Condition): Path[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.conditions.flatMap(pathsOf);
    case 'not':
      return pathsOf(condition.condition);
    case 'compare':
      return [condition.path, ...pathsOfComparison(condition.comparison)];
    case 'has done':
      return condition.where === null ? [] : pathsOf(condition.where);
    case 'segment':
    case 'has received':
    case 'has opened':
    case 'has clicked':
      return [];
  }
}

/** Whether the event alone decides: then judging it a second time comes to the same, whatever has happened since. */
export function dependsOnEventOnly(condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.conditions.every(dependsOnEventOnly);
    case 'not':
      return dependsOnEventOnly(condition.condition);
    case 'has done':
    case 'segment':
    case 'has received':
    case 'has opened':
    case 'has clicked':
      return false;
    case 'compare':
      return (
        !usesZone(condition.comparison) &&
        pathsOf(condition).every((path) => path.root === 'event' || path.root === 'item')
      );
  }
}

function pathsOfComparison(comparison: Comparison): Path[] {
  switch (comparison.operator) {
    case 'in':
    case 'not in':
    case 'contains any':
      return comparison.values.flatMap(pathsOfOperand);
    case 'between':
      return [...pathsOfOperand(comparison.low), ...pathsOfOperand(comparison.high)];
    case 'matches':
    case 'exists':
    case 'within last':
    case 'within next':
      return [];
    case 'any item':
    case 'every item':
      return pathsOf(comparison.condition);
    case 'dropped by':
    case 'rose by':
      return comparison.least.kind === 'share' ? [] : pathsOfOperand(comparison.least);
    case 'before':
    case 'after':
      return pathsOfMoment(comparison.value);
    default:
      return pathsOfOperand(comparison.value);
  }
}

export function pathsOfMoment(moment: Operand | Moment): Path[] {
  return moment.kind === 'path' || moment.kind === 'beside' ? [moment.path] : [];
}

function pathsOfOperand(operand: Operand): Path[] {
  return operand.kind === 'path' ? [operand.path] : [];
}

/** Dates are read in the customer's zone, which is a trait. */
function usesZone(comparison: Comparison): boolean {
  switch (comparison.operator) {
    case 'before':
    case 'after':
    case 'within last':
    case 'within next':
      return true;
    case 'any item':
    case 'every item':
      return !dependsOnEventOnly(comparison.condition);
    default:
      return false;
  }
}

/** The segments a condition names, those of nested conditions included. */
export function segmentsIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.conditions.flatMap(segmentsIn);
    case 'not':
      return segmentsIn(condition.condition);
    case 'segment':
      return condition.segments;
    case 'compare': {
      const { comparison } = condition;
      return comparison.operator === 'any item' || comparison.operator === 'every item'
        ? segmentsIn(comparison.condition)
        : [];
    }
    case 'has done':
      return condition.where === null ? [] : segmentsIn(condition.where);
    default:
      return [];
  }
}
