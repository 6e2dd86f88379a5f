import { RE2JS } from 're2js';
import type { Comparison, Condition, Moment, Operand } from '../model.js';
import { closestName } from '../reading/closest-name.js';
import { listOf } from '../reading/collections.js';
import type { Reader } from '../reading/fields.js';
import { duration, percent } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { text, truth } from '../reading/scalars.js';
import type { YamlEntry, YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { moment } from './moment.js';
import { isDate, isInstant, numberOperand, operand, readOperand, textOperand } from './operand.js';
import { looksLikePath, type Scope, withItem } from './path.js';
import { MAX_FILE_PATTERN_COST, MAX_PATTERN_COST, patternCost } from './pattern-cost.js';

type Operator = Comparison['operator'];
type ConditionReader = (scope: Scope) => Reader<Condition>;
type OperatorReader = (
  node: YamlNode,
  reading: Reading,
  scope: Scope,
  condition: ConditionReader,
) => Comparison | undefined;

interface OperatorEntry {
  /** What stands behind it, for the reference. */
  readonly takes: string;
  readonly doc: string;
  readonly read: OperatorReader;
}

type ValueOperator = Exclude<Extract<Comparison, { value: unknown }>['operator'], 'before' | 'after'>;

function withValue(operator: ValueOperator, reader: (scope: Scope) => Reader<Operand>): OperatorReader {
  return (node, reading, scope) => {
    const value = reader(scope).read(node, reading);
    return value && { operator, value };
  };
}

/** A list stands for any of its values: `equals: [a, b]` is `in`, `not: [a, b]` is `not in`. */
function withValueOrValues(operator: 'equals' | 'not', ofList: 'in' | 'not in'): OperatorReader {
  const [ofOne, ofMany] = [withValue(operator, operand), withValues(ofList)];
  return (node, ...context) => (node.kind === 'list' ? ofMany : ofOne)(node, ...context);
}

/** A path stands for the list that it leads to. */
function withValues(operator: 'in' | 'not in' | 'contains any'): OperatorReader {
  return (node, reading, scope) => {
    if (node.kind === 'scalar' && typeof node.value === 'string' && looksLikePath(node.value, reading)) {
      const list = readOperand(node, reading, scope);
      return list && { operator, values: [list] };
    }
    const values = listOf(operand(scope), { max: 1_000 }).read(node, reading);
    return values && { operator, values };
  };
}

function withDuration(operator: 'within last' | 'within next'): OperatorReader {
  return (node, reading) => {
    const durationMs = duration.read(node, reading);
    return durationMs === undefined ? undefined : { operator, durationMs };
  };
}

/** A date or an instant is compared as it stands, any other moment is found out when it is asked. */
function withMoment(operator: 'before' | 'after'): OperatorReader {
  return (node, reading, scope) => {
    const isLiteral =
      node.kind === 'scalar' && typeof node.value === 'string' && (isDate(node.value) || isInstant(node.value));
    const reader: Reader<Operand | Moment> = isLiteral ? operand(scope) : moment(scope);
    const value = reader.read(node, reading);
    return value && { operator, value };
  };
}

/** Against the same property of the customer's entry, so only where there is one. */
function withChange(operator: 'dropped by' | 'rose by'): OperatorReader {
  return (node, reading, scope) => {
    if (!scope.comparesEntry) {
      return reading.error(
        node.span,
        'condition/no-entry',
        `\`${operator}\` compares with the customer's entry and stands only on \`event.…\` in the \`where\` of an item event`,
      );
    }
    const isShare = node.kind === 'scalar' && /%\s*$/.test(String(node.value));
    if (!isShare) {
      const least = numberOperand(scope).read(node, reading);
      return least && { operator, least };
    }
    const share = percent.read(node, reading);
    return share === undefined ? undefined : { operator, least: { kind: 'share', share } };
  };
}

function withItems(operator: 'any item' | 'every item'): OperatorReader {
  return (node, reading, scope, condition) => {
    const inner = condition(withItem(scope)).read(node, reading);
    return inner && { operator, condition: inner };
  };
}

/** Every operator of a comparison: one place for reading, for "did you mean" and for the reference. */
export const OPERATORS: { readonly [operator in Operator]: OperatorEntry } = {
  equals: {
    takes: 'value or list of values',
    doc: 'Is the same, or one of these.',
    read: withValueOrValues('equals', 'in'),
  },
  not: {
    takes: 'value or list of values',
    doc: 'Is something else, none of these, or missing.',
    read: withValueOrValues('not', 'not in'),
  },
  in: { takes: 'list of values or PATH', doc: 'Is one of these.', read: withValues('in') },
  'not in': { takes: 'list of values or PATH', doc: 'Is none of these, or missing.', read: withValues('not in') },
  'at least': { takes: 'number', doc: 'Is this number or more.', read: withValue('at least', numberOperand) },
  'at most': { takes: 'number', doc: 'Is this number or less.', read: withValue('at most', numberOperand) },
  'more than': { takes: 'number', doc: 'Is more than this number.', read: withValue('more than', numberOperand) },
  'less than': { takes: 'number', doc: 'Is less than this number.', read: withValue('less than', numberOperand) },
  between: { takes: '[low, high]', doc: 'Lies between two numbers, both included.', read: readBetween },
  contains: {
    takes: 'value',
    doc: 'The text has this text in it, the list has this entry.',
    read: withValue('contains', operand),
  },
  'contains any': {
    takes: 'list of values or PATH',
    doc: 'Contains at least one of these.',
    read: withValues('contains any'),
  },
  'starts with': { takes: 'text', doc: 'The text begins with this.', read: withValue('starts with', textOperand) },
  'ends with': { takes: 'text', doc: 'The text ends with this.', read: withValue('ends with', textOperand) },
  matches: { takes: 'pattern', doc: 'The text has a part that matches this RE2 pattern.', read: readPattern },
  exists: { takes: 'true or false', doc: 'The value is there, or missing.', read: readExists },
  before: { takes: 'date or MOMENT', doc: 'Lies before this moment.', read: withMoment('before') },
  after: { takes: 'date or MOMENT', doc: 'Lies after this moment.', read: withMoment('after') },
  'within last': {
    takes: 'DURATION',
    doc: 'Lies in the past, at most this long ago.',
    read: withDuration('within last'),
  },
  'within next': {
    takes: 'DURATION',
    doc: 'Lies in the future, at most this far away.',
    read: withDuration('within next'),
  },
  'dropped by': {
    takes: 'PERCENT, number or PATH',
    doc: "At least so much less than in the customer's entry; only in an item event.",
    read: withChange('dropped by'),
  },
  'rose by': {
    takes: 'PERCENT, number or PATH',
    doc: "At least so much more than in the customer's entry; only in an item event.",
    read: withChange('rose by'),
  },
  'any item': {
    takes: 'CONDITION',
    doc: 'At least one entry of the list meets a condition on `item`.',
    read: withItems('any item'),
  },
  'every item': {
    takes: 'CONDITION',
    doc: 'All entries of the list meet a condition on `item`.',
    read: withItems('every item'),
  },
};

/** How other languages call the same. */
const SYNONYMS: { readonly [word: string]: Operator } = {
  '=': 'equals',
  '==': 'equals',
  is: 'equals',
  eq: 'equals',
  '!=': 'not',
  'is not': 'not',
  '>=': 'at least',
  gte: 'at least',
  min: 'at least',
  '<=': 'at most',
  lte: 'at most',
  max: 'at most',
  '>': 'more than',
  gt: 'more than',
  'greater than': 'more than',
  '<': 'less than',
  lt: 'less than',
  'fewer than': 'less than',
  'one of': 'in',
  regex: 'matches',
  like: 'contains',
};

/** The operators of one map; all must hold. */
export function readComparisons(
  map: YamlMap,
  reading: Reading,
  scope: Scope,
  condition: ConditionReader,
): readonly Comparison[] | undefined {
  const found = map.entries.map((entry) => readOperator(entry, reading, scope, condition));
  const comparisons = found.flatMap((comparison) => comparison ?? []);
  if (comparisons.length < found.length) return undefined;
  warnOfImpossible(comparisons, map, reading);
  return comparisons;
}

function readOperator(
  entry: YamlEntry,
  reading: Reading,
  scope: Scope,
  condition: ConditionReader,
): Comparison | undefined {
  const { key, keySpan, value } = entry;
  if (!Object.hasOwn(OPERATORS, key)) return unknownOperator(entry, reading);
  if (value.kind === 'scalar' && value.empty) return reading.error(keySpan, 'value/empty', `"${key}" has no value`);
  return OPERATORS[key as Operator].read(value, reading, scope, condition);
}

function unknownOperator({ key, keySpan }: YamlEntry, reading: Reading): undefined {
  const known = Object.keys(OPERATORS);
  const closest =
    (Object.hasOwn(SYNONYMS, key.toLowerCase()) ? SYNONYMS[key.toLowerCase()] : undefined) ?? closestName(key, known);
  if (key === 'within')
    return reading.error(
      keySpan,
      'condition/unknown-operator',
      'unknown operator "within"; of a date there is `within last` and `within next`, of how often something happened `has done: { event, within }`',
      'within last',
    );
  const hint = closest ? `did you mean "${closest}"?` : `allowed: ${known.join(', ')}`;
  return reading.error(
    keySpan,
    'condition/unknown-operator',
    `unknown operator "${key}" (${hint})`,
    closest ?? undefined,
  );
}

function readBetween(node: YamlNode, reading: Reading, scope: Scope): Comparison | undefined {
  const bounds = listOf(numberOperand(scope), { max: 2 }).read(node, reading);
  if (bounds === undefined) return undefined;
  const [low, high] = bounds;
  if (low === undefined || high === undefined) {
    return reading.error(
      { start: node.span.start, end: node.span.start + 1 },
      'value/list-length',
      '`between` takes two numbers: [low, high]',
    );
  }
  if (low.kind === 'literal' && high.kind === 'literal' && low.value > high.value) {
    return reading.error(
      node.span,
      'condition/impossible',
      `nothing lies between ${low.value} and ${high.value}; the lower number comes first`,
      `[${high.value}, ${low.value}]`,
    );
  }
  return { operator: 'between', low, high };
}

function readPattern(node: YamlNode, reading: Reading): Comparison | undefined {
  const pattern = text({ type: 'a pattern', max: 1_000 }).read(node, reading);
  if (pattern === undefined) return undefined;
  const cost = patternCost(pattern);
  reading.patternCost += cost;
  if (cost > MAX_PATTERN_COST || reading.patternCost > MAX_FILE_PATTERN_COST) {
    return reading.error(
      node.span,
      'condition/pattern',
      'the pattern is too large: its repetitions, written out, are too many for one pattern or for one file',
    );
  }
  try {
    RE2JS.compile(pattern);
    return { operator: 'matches', pattern };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unreadable';
    return reading.error(
      node.span,
      'condition/pattern',
      `the pattern is not RE2 (${reason.slice(0, 120)}); look-around and back-references do not exist there`,
    );
  }
}

function readExists(node: YamlNode, reading: Reading): Comparison | undefined {
  const expected = truth.read(node, reading);
  return expected === undefined ? undefined : { operator: 'exists', expected };
}

/** Bounds of one map that leave no number between them: they have a meaning, so they are no error. */
function warnOfImpossible(comparisons: readonly Comparison[], map: YamlMap, reading: Reading): void {
  const bound = (operator: Operator) =>
    comparisons.flatMap((c) =>
      c.operator === operator && 'value' in c && c.value.kind === 'literal' ? Number(c.value.value) : [],
    )[0];
  const [atLeast, moreThan, atMost, lessThan] = [
    bound('at least'),
    bound('more than'),
    bound('at most'),
    bound('less than'),
  ];
  const low = Math.max(atLeast ?? -Infinity, moreThan ?? -Infinity);
  const high = Math.min(atMost ?? Infinity, lessThan ?? Infinity);
  const open = (moreThan !== undefined && moreThan === low) || (lessThan !== undefined && lessThan === high);
  if (low < high || (low === high && !open) || low === -Infinity || high === Infinity) return;
  const first = map.entries[0];
  reading.warning(
    first?.keySpan ?? map.span,
    'condition/impossible',
    `no number is above ${low} and below ${high} at the same time`,
  );
}
