import type { DatedMoment, Duration, Moment, Step, WaitForStep, WaitUntilStep } from '../model.js';
import { oneOrList } from '../reading/collections.js';
import {
  elsewhere,
  type FieldTable,
  findEntry,
  optional,
  type Reader,
  readFields,
  required,
} from '../reading/fields.js';
import { timeOfDay } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { lookalikesReplaced } from '../reading/closest-name.js';
import { readScalar } from '../reading/scalars.js';
import type { Span } from '../yaml/source-text.js';
import type { YamlEntry, YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { waitMeant } from './as-sentence.js';
import { chooseOne } from './choose-one.js';
import { durationOfCustomer } from './duration.js';
import { moment, withAt } from './moment.js';
import { occasionIn } from './occasion.js';
import { type Scope, withGiven } from './path.js';
import { givenBy, isAsName, type StepContext, type StepsReader, TAKEN_NAMES } from './step-context.js';

const BESIDE_IT = { then: elsewhere('beside `wait`, in the same column') } as const;

/** The name by which later steps know an event. */
const asName: Reader<string> = {
  type: 'name (small letters, digits, underscores)',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a name such as `answer`');
    if (scalar === undefined) return undefined;
    const written = String(scalar.value);
    if (isAsName(written)) return written;
    if (TAKEN_NAMES.includes(written))
      return reading.error(
        scalar.span,
        'value/as-name',
        `"${written}" means something else already; choose another name`,
      );
    const meant = lookalikesReplaced(written)
      .toLowerCase()
      .replace(/[ .-]+/g, '_')
      .replace(/[^a-z0-9_]/g, '');
    return reading.error(
      scalar.span,
      'value/as-name',
      `"${written.slice(0, 80)}" is not a name for \`as\` (small letters, digits and underscores, beginning with a letter, at most 64)`,
      isAsName(meant) ? meant : undefined,
    );
  },
};

export function waitFor(scope: Scope) {
  return {
    for: required(oneOrList(occasionIn(scope), { max: 20 }), 'What is waited for.'),
    'up to': optional(durationOfCustomer, 'How long at most; either this or `until`.'),
    until: optional(moment(scope), 'Until when at most; either this or `up to`.'),
    at: optional(timeOfDay, 'The time of day of `until`.'),
    as: optional(asName, 'How later steps call the event: `NAME.score`.'),
    ...BESIDE_IT,
    'on timeout': elsewhere('beside `wait`, in the same column'),
  } satisfies FieldTable;
}

export function waitUntil(scope: Scope) {
  return {
    until: required(moment(scope), 'Until when.'),
    at: optional(timeOfDay, "The time of day on that day, on the customer's clock."),
    ...BESIDE_IT,
    'on past': elsewhere('beside `wait`, in the same column'),
    as: elsewhere('to `wait: { for: … }`'),
    'up to': elsewhere('to `wait: { for: … }`'),
  } satisfies FieldTable;
}

export function besideWaitFor(then: Reader<readonly Step[]>, onTimeout: Reader<readonly Step[]>) {
  return {
    then: optional(then, 'Steps to do when it happened.'),
    'on timeout': optional(onTimeout, 'Steps to do when it did not.'),
    'on past': elsewhere('beside `wait: { until: … }`; here `on timeout` is done'),
  } satisfies FieldTable;
}

export function besideWaitUntil(steps: Reader<readonly Step[]>) {
  return {
    then: optional(steps, 'Steps to do at that moment.'),
    'on past': optional(steps, 'Steps to do instead when it was past already.'),
    'on timeout': elsewhere('beside `wait: { for: … }`; here `on past` is done when the moment was past'),
  } satisfies FieldTable;
}

/** `wait: DURATION`, `wait: { until }`, `wait: { for }`. */
export function readWait(
  map: YamlMap,
  value: YamlNode,
  reading: Reading,
  context: StepContext,
  steps: StepsReader,
): Step | undefined {
  if (value.kind !== 'map') return readPlainWait(map, value, reading);
  if (findEntry(value, 'for') !== undefined) return readWaitFor(map, value, reading, context, steps);
  const words = { for: {}, until: {} };
  const known = [...Object.keys(waitFor(context.scope)), ...Object.keys(waitUntil(context.scope))];
  const word = chooseOne(value, reading, words, '`wait`', known);
  return word && readWaitUntil(map, value, reading, context, steps);
}

function readPlainWait(map: YamlMap, value: YamlNode, reading: Reading): Step | undefined {
  const stray = map.entries.find((entry) => ['then', 'on timeout', 'on past'].includes(entry.key));
  if (stray !== undefined) {
    return reading.shape(
      stray.keySpan,
      'unknown-field',
      `"${stray.key}" belongs to \`wait: { for: … }\` or \`wait: { until: … }\`; after a plain wait the next step follows`,
    );
  }
  const beside = readFields(map, reading, {}, '`wait`', ['wait']).complete;
  const meant = value.kind === 'scalar' ? waitMeant(String(value.value)) : null;
  if (meant !== null) {
    const message = `a moment stands in a map: write \`wait: ${meant}\``;
    return reading.error(value.span, 'value/duration', message, meant);
  }
  const duration = durationOfCustomer.read(value, reading);
  return beside && duration && { kind: 'wait', duration };
}

function readWaitUntil(
  map: YamlMap,
  value: YamlMap,
  reading: Reading,
  context: StepContext,
  steps: StepsReader,
): WaitUntilStep | undefined {
  const { complete: fields, entry } = readFields(value, reading, waitUntil(context.scope), '`wait`');
  const beside = readFields(map, reading, besideWaitUntil(steps(context)), '`wait`', ['wait']).complete;
  const dated = fields && withAt(fields.until, fields.at, entry('at'), reading);
  if (dated === undefined || beside === undefined) return undefined;
  return { kind: 'wait until', ...dated, then: beside.then ?? [], onPast: beside['on past'] ?? [] };
}

function readWaitFor(
  map: YamlMap,
  value: YamlMap,
  reading: Reading,
  context: StepContext,
  steps: StepsReader,
): WaitForStep | undefined {
  const { complete: fields, entry } = readFields(value, reading, waitFor(context.scope), '`wait`');
  const answered = { ...context, scope: withGiven(context.scope, givenBy(value)) };
  const beside = readFields(map, reading, besideWaitFor(steps(answered), steps(context)), '`wait`', ['wait']).complete;
  if (fields === undefined || beside === undefined) return undefined;
  const upTo = readLimit(fields, entry, reading);
  if (upTo === undefined) return undefined;
  return {
    kind: 'wait for',
    occasions: fields.for,
    upTo,
    as: fields.as,
    then: beside.then ?? [],
    onTimeout: beside['on timeout'] ?? [],
  };
}

interface Limit {
  readonly 'up to': Duration | null;
  readonly until: Moment | null;
  readonly at: number | null;
}

const NOWHERE: Span = { start: 0, end: 0 };

/** Exactly one of `up to` and `until`, the latter with its `at`. */
function readLimit(
  { 'up to': upTo, until, at }: Limit,
  entry: (key: 'for' | 'up to' | 'until' | 'at') => YamlEntry | undefined,
  reading: Reading,
): Duration | DatedMoment | undefined {
  const both = entry('until');
  if (upTo !== null && until !== null && both !== undefined)
    return reading.shape(both.keySpan, 'one-of', '"up to" and "until" cannot stand together in `wait`');
  const stray = entry('at');
  if (until === null && stray !== undefined)
    return reading.shape(stray.keySpan, 'unknown-field', '"at" belongs to `until`, which is not there');
  if (upTo !== null) return upTo;
  if (until !== null) return withAt(until, at, stray, reading);
  return reading.shape(
    entry('for')?.keySpan ?? NOWHERE,
    'missing-field',
    '`wait: { for: … }` needs "up to" (DURATION) or "until" (MOMENT): how long it waits at most',
  );
}
