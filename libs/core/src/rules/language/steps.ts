import type { Duration, EventOccasion, SendStep, Step } from '../model.js';
import { listOf, oneOrList, readMap } from '../reading/collections.js';
import {
  elsewhere,
  findEntry,
  type FieldTable,
  notYet,
  optional,
  type Reader,
  readFields,
  refuseNotYet,
  required,
} from '../reading/fields.js';
import { duration } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import type { YamlMap, YamlNode, YamlScalar } from '../yaml/yaml-node.js';
import { chooseOne } from './choose-one.js';
import { closestName } from '../reading/closest-name.js';
import { condition } from './condition.js';
import { occasion } from './occasion.js';
import { SCOPES } from './path.js';
import { SEND, type Send, send } from './send.js';

/** Steps before the rule's category and priority are put into those that send. */
export type DraftStep =
  | { readonly kind: 'wait'; readonly duration: Duration }
  | {
      readonly kind: 'wait for';
      readonly occasions: readonly EventOccasion[];
      readonly upTo: Duration;
      readonly as: null;
      readonly then: readonly DraftStep[];
      readonly onTimeout: readonly DraftStep[];
    }
  | {
      readonly kind: 'if';
      readonly condition: Extract<Step, { kind: 'if' }>['condition'];
      readonly then: readonly DraftStep[];
      readonly else: readonly DraftStep[];
    }
  | Send
  | { readonly kind: 'stop' };

export const steps: Reader<readonly DraftStep[]> = { type: 'list of steps', read: readSteps };

export const WAIT_FOR = {
  for: required(oneOrList(occasion, { max: 20 }), 'What is waited for.'),
  'up to': required(duration, 'How long at most.'),
  until: notYet,
  at: notYet,
  as: notYet,
  then: elsewhere('beside `wait`, in the same column'),
  'on timeout': elsewhere('beside `wait`, in the same column'),
} satisfies FieldTable;

/** What people write beside `send: NAME` instead of into it. */
const BESIDE_SEND: FieldTable = Object.fromEntries(
  Object.keys(SEND).map((key) => [key, elsewhere(`into \`send: { template: …, ${key}: … }\``)]),
);

const WAIT_WORDS = { for: WAIT_FOR.for, until: notYet } as const;

/** What may stand beside the word of a step. */
export const BESIDE_WAIT_FOR = {
  then: optional(steps, 'Steps to do when it happened.'),
  'on timeout': optional(steps, 'Steps to do when it did not.'),
  'on past': notYet,
} satisfies FieldTable;

export const BESIDE_IF = {
  then: required(steps, 'Steps to do when the condition holds.'),
  else: optional(steps, 'Steps to do when it does not.'),
} satisfies FieldTable;

const STEP_WORDS = {
  wait: WAIT_FOR,
  send,
  if: BESIDE_IF,
  stop: {},
  split: notYet,
  repeat: notYet,
  set: notYet,
  emit: notYet,
  webhook: notYet,
  pause: notYet,
  resume: notYet,
  unsubscribe: notYet,
} as const;

const BESIDE: readonly string[] = ['then', 'on timeout', 'on past', 'else'];

function readSteps(node: YamlNode, reading: Reading): readonly DraftStep[] | undefined {
  const read = listOf<DraftStep>({ type: 'steps', read: readStep }).read(node, reading);
  if (read === undefined || node.kind !== 'list') return undefined;
  const end = read.findIndex(endsRun);
  const after = node.items[end + 1];
  if (end !== -1 && after !== undefined)
    reading.warning(after.span, 'rule/unreachable-step', 'this step is never reached: the run has ended before it');
  return read;
}

/** No way leads past this step. */
function endsRun(step: DraftStep): boolean {
  switch (step.kind) {
    case 'stop':
      return true;
    case 'if':
      return step.then.some(endsRun) && step.else.some(endsRun);
    case 'wait for':
      return step.then.some(endsRun) && step.onTimeout.some(endsRun);
    case 'wait':
    case 'send':
      return false;
  }
}

function readStep(node: YamlNode, reading: Reading): DraftStep | undefined {
  if (node.kind === 'scalar') return readStepWord(node, reading);
  const map = readMap(node, reading, 'a step, such as `wait: 1 hour`');
  const word = map && chooseOne(map, reading, STEP_WORDS, 'a step', [...Object.keys(STEP_WORDS), ...BESIDE]);
  if (map === undefined || word === undefined) return undefined;
  const entry = findEntry(map, word);
  if (entry?.value.kind === 'scalar' && entry.value.empty) {
    const hint = word === 'stop' ? 'write it without a colon: `- stop`' : 'a value must follow the colon';
    return reading.error(
      entry.keySpan,
      'value/empty',
      `"${word}" has no value; ${hint}`,
      word === 'stop' ? 'stop' : undefined,
    );
  }
  if (entry === undefined) return undefined;
  switch (word) {
    case 'wait':
      return readWait(map, entry.value, reading);
    case 'send':
      return readSend(map, entry.value, reading);
    case 'if':
      return readIf(map, entry.value, reading);
    case 'stop':
      return reading.shape(entry.keySpan, 'wrong-type', '`stop` stands alone in its line: `- stop`', 'stop');
  }
}

function readSend(map: YamlMap, value: YamlNode, reading: Reading): DraftStep | undefined {
  const beside = readFields(map, reading, BESIDE_SEND, '`send`', ['send']).complete;
  const found = send.read(value, reading);
  return beside && found;
}

function readStepWord(node: YamlScalar, reading: Reading): DraftStep | undefined {
  if (node.value === 'stop') return { kind: 'stop' };
  const written = node.written.split(/[ :]/)[0] ?? '';
  if (node.value === null)
    return reading.error(node.span, 'value/empty', 'nothing stands behind this hyphen; expected a step');
  const closest = closestName(written, Object.keys(STEP_WORDS));
  if (closest !== null && STEP_WORDS[closest as keyof typeof STEP_WORDS] === notYet)
    return refuseNotYet(node.span, closest, reading);
  const hint =
    closest === null
      ? 'a step, such as `wait: 1 hour`'
      : closest === 'stop'
        ? '`stop`'
        : `\`${closest}: …\`, with a colon and a blank`;
  return reading.shape(
    node.span,
    'wrong-type',
    `expected ${hint}, found "${node.written.slice(0, 60)}"`,
    closest === 'stop' ? 'stop' : undefined,
  );
}

function readWait(map: YamlMap, value: YamlNode, reading: Reading): DraftStep | undefined {
  if (value.kind === 'map') return readWaitFor(map, value, reading);
  const stray = map.entries.find((entry) => Object.hasOwn(BESIDE_WAIT_FOR, entry.key));
  if (stray !== undefined) {
    return reading.shape(
      stray.keySpan,
      'unknown-field',
      `"${stray.key}" belongs to \`wait: { for: … }\`; after a plain wait the next step follows`,
    );
  }
  const beside = readFields(map, reading, {}, '`wait`', ['wait']).complete;
  const durationMs = duration.read(value, reading);
  return beside === undefined || durationMs === undefined
    ? undefined
    : { kind: 'wait', duration: { kind: 'fixed', ms: durationMs, days: 0 } };
}

function readWaitFor(map: YamlMap, value: YamlMap, reading: Reading): DraftStep | undefined {
  const word = chooseOne(value, reading, WAIT_WORDS, '`wait`', Object.keys(WAIT_FOR));
  const fields = word && readFields(value, reading, WAIT_FOR, '`wait`').complete;
  const beside = readFields(map, reading, BESIDE_WAIT_FOR, '`wait`', ['wait']).complete;
  if (fields === undefined || beside === undefined) return undefined;
  return {
    kind: 'wait for',
    occasions: fields.for,
    upTo: { kind: 'fixed', ms: fields['up to'], days: 0 },
    as: null,
    then: beside.then ?? [],
    onTimeout: beside['on timeout'] ?? [],
  };
}

function readIf(map: YamlMap, value: YamlNode, reading: Reading): DraftStep | undefined {
  const asked = condition(SCOPES.run).read(value, reading);
  const beside = readFields(map, reading, BESIDE_IF, '`if`', ['if']).complete;
  if (asked === undefined || beside === undefined) return undefined;
  return { kind: 'if', condition: asked, then: beside.then, else: beside.else ?? [] };
}

/** The steps of the model: what a `send` does not say is the rule's. */
export function completeSteps(drafts: readonly DraftStep[], category: string, priority: number): readonly Step[] {
  return drafts.map((draft): Step => {
    switch (draft.kind) {
      case 'wait':
      case 'stop':
        return draft;
      case 'send':
        return {
          ...draft,
          category: draft.category ?? category,
          priority: draft.priority ?? priority,
        } satisfies SendStep;
      case 'if':
        return {
          ...draft,
          then: completeSteps(draft.then, category, priority),
          else: completeSteps(draft.else, category, priority),
        };
      case 'wait for':
        return {
          ...draft,
          then: completeSteps(draft.then, category, priority),
          onTimeout: completeSteps(draft.onTimeout, category, priority),
        };
    }
  });
}
