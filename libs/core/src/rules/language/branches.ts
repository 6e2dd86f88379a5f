import type { Condition, Step } from '../model.js';
import { readMap } from '../reading/collections.js';
import {
  type FieldTable,
  findEntry,
  optional,
  type Reader,
  readFields,
  required,
  withDefault,
} from '../reading/fields.js';
import { percent } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { checkName, wholeNumber } from '../reading/scalars.js';
import type { YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { condition } from './condition.js';
import { withGiven, withRepeat } from './path.js';
import { checkShares } from './shares.js';
import { namesGiven, type StepContext, type StepsReader } from './step-context.js';

type StepsOf = Reader<readonly Step[]>;
type SplitStep = Extract<Step, { kind: 'split' }>;

export function besideIf(steps: StepsOf) {
  return {
    then: required(steps, 'Steps to do when the condition holds.'),
    else: optional(steps, 'Steps to do when it does not.'),
  } satisfies FieldTable;
}

export function splitBranch(steps: StepsOf) {
  return {
    share: required(percent, 'How many of the customers go this way; all shares together make 100%.'),
    steps: withDefault(steps, [], '[]', 'What happens on this way.'),
  } satisfies FieldTable;
}

export function repeat(steps: StepsOf, asked: Reader<Condition>) {
  return {
    'at most': required(wholeNumber(1, 100), 'How often at most.'),
    while: optional(asked, 'Only as long as this holds; asked before each round.'),
    steps: required(steps, 'What happens in each round; `repeat.count` is its number, from 1.'),
  } satisfies FieldTable;
}

/** Repeats inside repeats multiply, and what has no wait in between happens within one instant. */
const MAX_ROUNDS = 1_000;

/** What `at most` says; 1 where it says nothing that can be. */
function roundsOf(map: YamlMap): number {
  const said = findEntry(map, 'at most')?.value;
  const rounds = said?.kind === 'scalar' ? Number(said.value) : 1;
  return rounds >= 1 && rounds <= 100 ? rounds : 1;
}

export function readIf(
  map: YamlMap,
  value: YamlNode,
  reading: Reading,
  context: StepContext,
  steps: StepsReader,
): Step | undefined {
  const asked = condition(context.scope).read(value, reading);
  const beside = readFields(map, reading, besideIf(steps(context)), '`if`', ['if']).complete;
  if (asked === undefined || beside === undefined) return undefined;
  return { kind: 'if', condition: asked, then: beside.then, else: beside.else ?? [] };
}

/** `split: { short: { share: 50%, steps: […] }, long: { share: 50%, steps: […] } }`. */
export function readSplit(
  value: YamlNode,
  reading: Reading,
  context: StepContext,
  steps: StepsReader,
): SplitStep | undefined {
  const map = readMap(value, reading, 'branches, such as `short: { share: 50%, steps: […] }`');
  if (map === undefined) return undefined;
  const branches: SplitStep['branches'][number][] = [];
  const table = splitBranch(steps(context));
  for (const entry of map.entries) {
    const name = checkName(entry.key, entry.keySpan, reading, 'a branch');
    const branch = readMap(entry.value, reading, 'a branch, such as { share: 50%, steps: […] }');
    const fields = branch && readFields(branch, reading, table, 'a branch').complete;
    if (name !== undefined && fields !== undefined) branches.push({ name, share: fields.share, steps: fields.steps });
  }
  if (branches.length < map.entries.length) return undefined;
  const whole = checkShares(branches, map, '`split`', reading);
  return whole ? { kind: 'split', branches } : undefined;
}

/** What one round gives by `as`, the next one knows; so does `while`. */
export function readRepeat(
  value: YamlNode,
  reading: Reading,
  context: StepContext,
  steps: StepsReader,
): Step | undefined {
  const map = readMap(value, reading, 'a map, such as { at most: 4, steps: […] }');
  if (map === undefined) return undefined;
  const scope = withGiven(withRepeat(context.scope), namesGiven(map));
  const rounds = context.rounds * roundsOf(map);
  const table = repeat(steps({ ...context, scope, rounds }), condition(scope));
  const fields = readFields(map, reading, table, '`repeat`').complete;
  if (fields === undefined) return undefined;
  if (rounds > MAX_ROUNDS) {
    const told = `with the repeats around it this goes round ${rounds.toLocaleString('en')} times: ${MAX_ROUNDS.toLocaleString('en')} at most together`;
    reading.error(findEntry(map, 'at most')!.value.span, 'rule/too-many-rounds', told);
    return undefined;
  }
  return { kind: 'repeat', atMost: fields['at most'], while: fields.while, steps: fields.steps };
}
