import type { Step } from '../model.js';
import { closestName } from '../reading/closest-name.js';
import { listOf, readMap } from '../reading/collections.js';
import { elsewhere, type FieldTable, findEntry, type Reader, readFields } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import type { YamlMap, YamlNode, YamlScalar } from '../yaml/yaml-node.js';
import { readEmit, readPause, readResume, readSet, readUnsubscribe, readWebhook } from './actions.js';
import { readIf, readRepeat, readSplit } from './branches.js';
import { chooseOne } from './choose-one.js';
import { withGiven } from './path.js';
import { sendIn, sendTable } from './send.js';
import { ANY_CONTEXT, namesGiven, type StepContext } from './step-context.js';
import { readWait } from './wait.js';

export function stepsIn(context: StepContext): Reader<readonly Step[]> {
  return { type: 'list of steps', read: (node, reading) => readSteps(node, reading, context) };
}

/** What people write beside `send: NAME` instead of into it. */
const BESIDE_SEND: FieldTable = Object.fromEntries(
  Object.keys(sendTable(ANY_CONTEXT.scope)).map((key) => [key, elsewhere(`into \`send: { template: …, ${key}: … }\``)]),
);

/** Every step by its word: what stands behind it, and what it does. */
export const STEP_WORDS = {
  wait: {
    takes: 'DURATION, also of a customer, or a map',
    doc: 'Goes on when the time is over, or something happened.',
  },
  send: { takes: 'name of a template, or a map', doc: 'Plans one message; the run goes on whatever becomes of it.' },
  if: { takes: 'CONDITION', doc: 'Goes one way where the condition holds, and the other where it does not.' },
  split: { takes: 'map of names to branches', doc: 'Goes one way by chance, for the same customer always the same.' },
  repeat: { takes: 'map', doc: 'Does steps again and again.' },
  set: { takes: 'map of `customer.NAME` to values or PATHs', doc: 'Writes traits; the next step sees them.' },
  emit: { takes: 'map', doc: 'Puts an event of this customer into the stream; rules can start by it.' },
  webhook: { takes: 'map', doc: 'Calls an address named in kairos.yaml; not a message to the customer.' },
  pause: { takes: 'map', doc: 'Nothing of a category is sent to this customer meanwhile.' },
  resume: { takes: 'name of a category', doc: 'Ends the pause that this run made.' },
  unsubscribe: { takes: 'map', doc: 'Withdraws the consent of this customer.' },
  stop: { takes: 'nothing', doc: 'Ends the run.' },
} as const;
type StepWord = keyof typeof STEP_WORDS;

const BESIDE: readonly string[] = ['then', 'on timeout', 'on past', 'else'];

function readSteps(node: YamlNode, reading: Reading, context: StepContext): readonly Step[] | undefined {
  // What a step gives by `as`, those behind it know, whichever way led to them.
  let { scope } = context;
  const oneStep: Reader<Step> = {
    type: 'steps',
    read(item, itemReading) {
      const step = readStep(item, itemReading, { ...context, scope });
      scope = withGiven(scope, namesGiven(item));
      return step;
    },
  };
  const read = listOf(oneStep).read(node, reading);
  if (read === undefined || node.kind !== 'list') return undefined;
  const end = read.findIndex(endsRun);
  const after = node.items[end + 1];
  if (end !== -1 && after !== undefined)
    reading.warning(after.span, 'rule/unreachable-step', 'this step is never reached: the run has ended before it');
  return read;
}

/** No way leads past this step. */
function endsRun(step: Step): boolean {
  switch (step.kind) {
    case 'stop':
      return true;
    case 'if':
      return step.then.some(endsRun) && step.else.some(endsRun);
    case 'wait for':
      return step.then.some(endsRun) && step.onTimeout.some(endsRun);
    case 'wait until':
      return step.then.some(endsRun) && step.onPast.some(endsRun);
    case 'split':
      return step.branches.every((branch) => branch.share === 0 || branch.steps.some(endsRun));
    case 'repeat':
      return step.while === null && step.steps.some(endsRun);
    default:
      return false;
  }
}

function readStep(node: YamlNode, reading: Reading, context: StepContext): Step | undefined {
  if (node.kind === 'scalar') return readStepWord(node, reading);
  const map = readMap(node, reading, 'a step, such as `wait: 1 hour`');
  const word = map && chooseOne(map, reading, STEP_WORDS, 'a step', [...Object.keys(STEP_WORDS), ...BESIDE]);
  const entry = word && findEntry(map, word);
  if (map === undefined || word === undefined || entry === undefined) return undefined;
  if (entry.value.kind === 'scalar' && entry.value.empty) {
    const hint = word === 'stop' ? 'write it without a colon: `- stop`' : 'a value must follow the colon';
    return reading.error(
      entry.keySpan,
      'value/empty',
      `"${word}" has no value; ${hint}`,
      word === 'stop' ? 'stop' : undefined,
    );
  }
  return readKnownStep(word, map, entry.value, reading, context);
}

function readKnownStep(
  word: StepWord,
  map: YamlMap,
  value: YamlNode,
  reading: Reading,
  context: StepContext,
): Step | undefined {
  switch (word) {
    case 'wait':
      return readWait(map, value, reading, context, stepsIn);
    case 'if':
      return readIf(map, value, reading, context, stepsIn);
    case 'send': {
      const beside = readFields(map, reading, BESIDE_SEND, '`send`', ['send']).complete;
      const found = sendIn(context).read(value, reading);
      return beside && found;
    }
    case 'stop':
      return reading.shape(
        findEntry(map, 'stop')?.keySpan ?? map.span,
        'wrong-type',
        '`stop` stands alone in its line: `- stop`',
        'stop',
      );
    default: {
      const beside = readFields(map, reading, {}, `\`${word}\``, [word]).complete;
      const found = readAlone(word, value, reading, context);
      return beside && found;
    }
  }
}

/** Steps beside whose word nothing else stands. */
function readAlone(
  word: Exclude<StepWord, 'wait' | 'if' | 'send' | 'stop'>,
  value: YamlNode,
  reading: Reading,
  context: StepContext,
): Step | undefined {
  switch (word) {
    case 'split':
      return readSplit(value, reading, context, stepsIn);
    case 'repeat':
      return readRepeat(value, reading, context, stepsIn);
    case 'set':
      return readSet(value, reading, context.scope);
    case 'emit':
      return readEmit(value, reading, context.scope);
    case 'webhook':
      return readWebhook(value, reading, context.scope);
    case 'pause':
      return readPause(value, reading, context.scope);
    case 'resume':
      return readResume(value, reading);
    case 'unsubscribe':
      return readUnsubscribe(value, reading);
  }
}

function readStepWord(node: YamlScalar, reading: Reading): Step | undefined {
  if (node.value === 'stop') return { kind: 'stop' };
  const written = node.written.split(/[ :]/)[0] ?? '';
  if (node.value === null)
    return reading.error(node.span, 'value/empty', 'nothing stands behind this hyphen; expected a step');
  const closest = closestName(written, Object.keys(STEP_WORDS));
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
