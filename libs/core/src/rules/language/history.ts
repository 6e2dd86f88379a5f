import type { Condition, HistoryCondition } from '../model.js';
import { oneOrList, readMap } from '../reading/collections.js';
import {
  type FieldTable,
  findEntry,
  mapStart,
  optional,
  type Reader,
  readFields,
  required,
} from '../reading/fields.js';
import { duration } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { oneOf, wholeNumber } from '../reading/scalars.js';
import type { YamlEntry } from '../yaml/yaml-node.js';
import { eventsAt, type PossibleEvents } from './events-at.js';
import { historyScope, type Scope } from './path.js';
import { knownEvent } from './tracking-plan.js';

type ConditionReader = (scope: Scope) => Reader<Condition>;

export function historyFields(scope: Scope, condition: ConditionReader, events: PossibleEvents) {
  return {
    event: required(oneOrList(knownEvent), 'The event, or a list of events any of which counts.'),
    where: optional(condition(historyScope(scope, events)), 'Only events that meet this condition count.'),
    'at least': optional(wholeNumber(1, 1_000_000), 'How many there must be; 1 where neither bound is written.'),
    'at most': optional(wholeNumber(0, 1_000_000), 'How many there may be.'),
    within: optional(duration, 'Only events younger than this count.'),
    since: optional(oneOf(['start']), 'Only events since the start of the run count.'),
  } satisfies FieldTable;
}

/** `has done: { event, where, at least, at most, within, since: start }` and `has not done`. */
export function readHistory(
  entry: YamlEntry,
  reading: Reading,
  scope: Scope,
  condition: ConditionReader,
): HistoryCondition | undefined {
  if (entry.value.kind === 'scalar' && entry.value.empty) {
    return reading.error(entry.keySpan, 'value/empty', `"${entry.key}" has no value; write { event: … }`);
  }
  const map = readMap(entry.value, reading, `what \`${entry.key}\` asks for, such as { event: Order Completed }`);
  if (map === undefined) return undefined;
  const fields = readFields(
    map,
    reading,
    historyFields(scope, condition, eventsAt(findEntry(map, 'event')?.value)),
    `\`${entry.key}\``,
  ).complete;
  if (fields === undefined) return undefined;
  const { 'at least': atLeast, 'at most': atMost } = fields;
  if (atLeast !== null && atMost !== null && atLeast > atMost) {
    reading.warning(
      mapStart(map),
      'condition/impossible',
      `at least ${atLeast} and at most ${atMost} cannot both hold`,
    );
  }
  const since = map.entries.find((each) => each.key === 'since');
  if (fields.since !== null && since !== undefined && !scope.roots.includes('start')) {
    return reading.error(since.keySpan, 'path/not-here', '`since: start` has no meaning here: there is no run yet');
  }
  return {
    kind: 'has done',
    negated: entry.key === 'has not done',
    events: fields.event,
    where: fields.where,
    atLeast,
    atMost,
    withinMs: fields.within,
    sinceStart: fields.since !== null,
  };
}
