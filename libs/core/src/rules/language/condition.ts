import type { Comparison, Condition, Path } from '../model.js';
import { closestName } from '../reading/closest-name.js';
import { listOf, oneOrList, readMap } from '../reading/collections.js';
import type { Reader } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import type { YamlEntry, YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { comparisonMeant, conditionMeant } from './as-sentence.js';
import { readComparisons } from './comparison.js';
import { readHistory } from './history.js';
import { readMessageHistory } from './message-history.js';
import { isEscapedText, readOperand } from './operand.js';
import { readPath, type Scope, withoutEntry } from './path.js';
import { segmentName } from './referred-names.js';

const MESSAGES = 'name of a template, or a map';
/** Words of a condition that are no paths: what stands behind each, and what it asks. */
export const CONDITION_WORDS: { readonly [word: string]: { readonly takes: string; readonly doc: string } } = {
  all: { takes: 'list of CONDITIONs', doc: 'All of these hold.' },
  any: { takes: 'list of CONDITIONs', doc: 'At least one of these holds.' },
  not: { takes: 'CONDITION', doc: 'This does not hold.' },
  segment: {
    takes: 'name of a segment, or a list of them',
    doc: 'The customer is in this segment, or in any of these.',
  },
  'has done': { takes: 'map', doc: 'Such events happened, as often as is said, at least once.' },
  'has not done': { takes: 'map', doc: 'Such events did not happen, or not as often as is said.' },
  'has received': { takes: MESSAGES, doc: 'Such messages were accepted by their provider.' },
  'has not received': {
    takes: MESSAGES,
    doc: 'Such messages were not accepted by a provider, or not as often as is said.',
  },
  'has opened': { takes: MESSAGES, doc: 'The customer opened such messages.' },
  'has not opened': { takes: MESSAGES, doc: 'The customer did not open such messages, or not as often as is said.' },
  'has clicked': { takes: MESSAGES, doc: 'The customer clicked links in such messages.' },
  'has not clicked': {
    takes: MESSAGES,
    doc: 'The customer did not click links in such messages, or not as often as is said.',
  },
};
const WORDS = Object.keys(CONDITION_WORDS);
/** How other languages call them. */
const SYNONYMS = new Map([
  ['and', 'all'],
  ['all of', 'all'],
  ['or', 'any'],
  ['any of', 'any'],
  ['none', 'not'],
  ['has never done', 'has not done'],
  ['segments', 'segment'],
  ['in segment', 'segment'],
]);
const SEGMENTS = oneOrList(segmentName, { max: 50 });

export function condition(scope: Scope): Reader<Condition> {
  return { type: 'CONDITION', read: (node, reading) => readCondition(node, reading, scope) };
}

/** A map is "all of these"; with one entry it is that entry. */
function readCondition(node: YamlNode, reading: Reading, scope: Scope): Condition | undefined {
  const map = readMap(node, reading, 'a condition', conditionMeant);
  if (map === undefined) return undefined;
  if (map.entries.length === 0)
    return reading.error(map.span, 'condition/empty', 'the condition asks nothing; leave it out');
  const parts = map.entries.map((entry) => readEntry(entry, reading, scope));
  const conditions = parts.flatMap((part) => part ?? []);
  if (parts.includes(undefined)) return undefined;
  return conditions.length === 1 ? conditions[0] : { kind: 'all', conditions };
}

function readEntry(entry: YamlEntry, reading: Reading, scope: Scope): readonly Condition[] | undefined {
  const { key, keySpan, value } = entry;
  switch (key) {
    case 'all':
    case 'any': {
      const conditions = listOf(condition(scope)).read(value, reading);
      return conditions && [{ kind: key, conditions }];
    }
    case 'not': {
      const inner = readCondition(value, reading, scope);
      return inner && [{ kind: 'not', condition: inner }];
    }
    case 'has done':
    case 'has not done': {
      const history = readHistory(entry, reading, scope, condition);
      return history && [history];
    }
    case 'has received':
    case 'has not received':
    case 'has opened':
    case 'has not opened':
    case 'has clicked':
    case 'has not clicked': {
      const history = readMessageHistory(entry, reading, scope);
      return history && [history];
    }
    case 'segment': {
      if (value.kind === 'scalar' && value.empty)
        return reading.error(keySpan, 'value/empty', '"segment" has no value; expected the name of a segment');
      const segments = SEGMENTS.read(value, reading);
      return segments && [{ kind: 'segment', segments }];
    }
    default:
      return readPathEntry(entry, reading, scope);
  }
}

/** Words that belong elsewhere, and where. */
const MISPLACED: { readonly [word: string]: string } = {
  within: '`within` belongs beside `event`: into `has done: { event, within }`, or into `goal: { event, within }`',
  since: '`since` belongs beside `event`: into `has done: { event, since: start }`',
  event: 'an event is asked for by `has done: { event: … }`',
  where: '`where` belongs beside `event`; here its conditions stand directly',
};

function readPathEntry(entry: YamlEntry, reading: Reading, scope: Scope): readonly Condition[] | undefined {
  if (Object.hasOwn(MISPLACED, entry.key))
    return reading.error(entry.keySpan, 'path/unknown-root', MISPLACED[entry.key] ?? '');
  const word =
    SYNONYMS.get(entry.key.toLowerCase()) ?? (entry.key.includes('.') ? null : closestName(entry.key, WORDS));
  if (word !== null) {
    const message = `"${entry.key}" is no path and no word of a condition (did you mean "${word}"?)`;
    return reading.error(entry.keySpan, 'path/unknown-root', message, word);
  }
  const path = readPath(entry.key, entry.keySpan, reading, scope);
  const ofEntry = path?.root === 'event' ? scope : withoutEntry(scope);
  const comparisons = path && readValue(entry, path, reading, ofEntry);
  return comparisons && path && comparisons.map((comparison) => ({ kind: 'compare', path, comparison }));
}

/** A value compares for equality, a list means "one of these", a map uses operators. */
function readValue(entry: YamlEntry, path: Path, reading: Reading, scope: Scope): readonly Comparison[] | undefined {
  const { value, keySpan } = entry;
  if (value.kind === 'scalar' && value.empty)
    return reading.error(keySpan, 'value/empty', `"${path.text}" is compared with nothing`);
  if (value.kind === 'list') {
    const values = listOf({ type: 'value', read: (node, r) => readOperand(node, r, scope) }, { max: 1_000 }).read(
      value,
      reading,
    );
    return values && [{ operator: 'in', values }];
  }
  if (value.kind === 'map' && !isEscapedText(value)) return readOperators(value, reading, scope);
  const meant = value.kind === 'scalar' && !value.quoted ? comparisonMeant(String(value.value)) : null;
  if (meant !== null) return reading.error(value.span, 'condition/sign', signMessage(meant), meant);
  const operand = readOperand(value, reading, scope);
  return operand && [{ operator: 'equals', value: operand }];
}

function signMessage(meant: string): string {
  if (!meant.startsWith('{')) return `equality needs no sign: write \`${meant}\``;
  return `comparisons are written as a map, in words: \`${meant}\` (a text that begins like this stands in quotes)`;
}

function readOperators(map: YamlMap, reading: Reading, scope: Scope): readonly Comparison[] | undefined {
  if (map.entries.length === 0)
    return reading.error(map.span, 'condition/empty', 'the condition asks nothing; leave it out');
  return readComparisons(map, reading, scope, condition);
}
