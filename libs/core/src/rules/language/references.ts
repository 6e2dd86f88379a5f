import type { Comparison, Condition, Operand, Path } from '../model.js';

/** What a condition asks about: all of its paths and segments, however deep, those of histories too. */
export interface References {
  readonly paths: readonly Path[];
  readonly segments: readonly string[];
}

const NOTHING: References = { paths: [], segments: [] };

export function referencesOf(condition: Condition | null): References {
  switch (condition?.kind) {
    case undefined:
    case 'has received':
    case 'has opened':
    case 'has clicked':
      return NOTHING;
    case 'all':
    case 'any':
      return joined(condition.conditions.map(referencesOf));
    case 'not':
      return referencesOf(condition.condition);
    case 'segment':
      return { paths: [], segments: condition.segments };
    case 'has done':
      return referencesOf(condition.where);
    case 'compare':
      return joined([{ paths: [condition.path], segments: [] }, ofComparison(condition.comparison)]);
  }
}

function ofComparison(comparison: Comparison): References {
  if ('condition' in comparison) return referencesOf(comparison.condition);
  if ('values' in comparison) return { paths: comparison.values.flatMap(pathsOfOperand), segments: [] };
  if ('low' in comparison) return { paths: [comparison.low, comparison.high].flatMap(pathsOfOperand), segments: [] };
  const value = 'value' in comparison ? comparison.value : 'least' in comparison ? comparison.least : null;
  return value !== null && 'path' in value ? { paths: [value.path], segments: [] } : NOTHING;
}

function pathsOfOperand(operand: Operand): readonly Path[] {
  return operand.kind === 'path' ? [operand.path] : [];
}

export function joined(all: readonly References[]): References {
  return {
    paths: all.flatMap(({ paths }) => paths),
    segments: all.flatMap(({ segments }) => segments),
  };
}
