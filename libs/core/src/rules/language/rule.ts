import type { Again, Rule } from '../model.js';
import { oneOrList, readMap } from '../reading/collections.js';
import {
  elsewhere,
  type FieldTable,
  findEntry,
  notYet,
  optional,
  type Reader,
  readFields,
  required,
  withDefault,
} from '../reading/fields.js';
import { duration, percent } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { name, notAllowed, readScalar, text } from '../reading/scalars.js';
import type { YamlNode, YamlScalar } from '../yaml/yaml-node.js';
import { condition } from './condition.js';
import { occasion, readOccasion, start } from './occasion.js';
import { SCOPES } from './path.js';
import { categoryName, priority, readDurationAfter } from './policy-values.js';
import { completeSteps, steps } from './steps.js';

const HOUR = 3_600_000;

const again: Reader<Again> = {
  type: '`always`, `never` or `after DURATION [per customer]`',
  allowed: ['always', 'never', 'after DURATION', 'after DURATION per customer'],
  read(node, reading) {
    const scalar = readScalar(node, reading, 'always, never or after DURATION');
    if (scalar === undefined) return undefined;
    if (scalar.value === 'always' || scalar.value === 'never') return { kind: scalar.value };
    const perCustomer = String(scalar.value).endsWith(' per customer');
    const durationMs = readDurationAfter('after ', scalar, reading, perCustomer ? ' per customer' : '');
    if (durationMs === undefined) return undefined;
    return durationMs === null
      ? notAllowed(scalar, reading, this.allowed ?? [])
      : { kind: 'after', durationMs, perCustomer };
  },
};

const whileRunning: Reader<Rule['whileRunning']> = {
  type: '`ignore`, `restart wait` or `restart`',
  allowed: ['ignore', 'restart wait', 'restart'],
  read(node, reading) {
    const scalar = readScalar(node, reading, 'ignore, restart wait or restart');
    if (scalar === undefined) return undefined;
    return (
      (['ignore', 'restart wait', 'restart'] as const).find((word) => word === scalar.value) ??
      refuseOther(scalar, reading, this.allowed ?? [])
    );
  },
};

function refuseOther(scalar: YamlScalar, reading: Reading, allowed: readonly string[]): undefined {
  if (scalar.value !== 'collect') return notAllowed(scalar, reading, allowed);
  return reading.shape(
    scalar.span,
    'not-yet',
    '`collect` is part of the rule language, but this version of Kairos does not have it yet',
  );
}

const goal: Reader<NonNullable<Rule['goal']>> = {
  type: 'OCCASION with `within`',
  read(node: YamlNode, reading: Reading) {
    const map = readMap(node, reading, 'an occasion, such as { event: Order Completed }');
    if (map === undefined) return undefined;
    const found = readOccasion(map, reading, ['within']);
    const within = findEntry(map, 'within');
    const withinMs = within ? duration.read(within.value, reading) : 72 * HOUR;
    return found === undefined || withinMs === undefined ? undefined : { occasions: [found], withinMs };
  },
};

/** Every key of a rule. */
export const RULE = {
  rule: required(name('a rule'), "The rule's name, which is also the name of its file."),
  description: optional(text({ max: 2_000 }), 'What the rule is for.'),
  category: required(categoryName, 'Decides consent, caps and quiet hours (kairos.yaml).'),
  priority: withDefault(priority, 50, '50', 'Who wins when caps leave room for one.'),
  start: required(oneOrList(start, { max: 20 }), 'What starts a run.'),
  who: optional(condition(SCOPES.run), 'Which customers; judged at the start and again before every send.'),
  stop: optional(oneOrList(occasion, { max: 20 }), 'What ends a run at once and withdraws what has not left yet.'),
  again: withDefault(again, { kind: 'always' }, 'always', 'Whether the same customer may start again.'),
  'while running': withDefault(whileRunning, 'ignore', 'ignore', 'What a further start event does to a run.'),
  steps: required(steps, 'What happens in a run.'),
  goal: optional(goal, 'What the rule is after: credits its messages and ends the run.'),
  holdout: withDefault(percent, 0, '0%', 'A share of customers that are never sent anything, to compare with.'),
  'too late after': withDefault(
    duration,
    24 * HOUR,
    '24 hours',
    'A message that came due longer ago than this is not sent.',
  ),
  active: notYet,
  event: elsewhere('into `start`'),
  where: elsewhere('into `start`, beside `event`'),
  key: elsewhere('into `start`, beside `event`'),
  template: elsewhere('into a `send` of `steps`'),
  channels: elsewhere('into a `send` of `steps`'),
} satisfies FieldTable;

/** One rule file. */
export function readRule(root: YamlNode, reading: Reading): Rule | undefined {
  const map = readMap(root, reading, 'a rule');
  if (map === undefined) return undefined;
  const { values, complete: fields, entry } = readFields(map, reading, RULE, 'a rule');
  if (values.rule !== undefined) checkFileName(values.rule, entry('rule')?.value ?? map, reading);
  if (fields === undefined) return undefined;
  return {
    name: fields.rule,
    description: fields.description,
    category: fields.category,
    priority: fields.priority,
    active: 'always',
    starts: fields.start,
    who: fields.who,
    stop: fields.stop ?? [],
    goal: fields.goal,
    again: fields.again,
    whileRunning: fields['while running'],
    steps: completeSteps(fields.steps, fields.category, fields.priority),
    holdout: fields.holdout,
    tooLateAfterMs: fields['too late after'],
  };
}

function checkFileName(ruleName: string, node: YamlNode, reading: Reading): void {
  const file = /([^/]*)\.yaml$/.exec(reading.source.path)?.[1] ?? '';
  if (file === ruleName) return;
  reading.error(
    node.span,
    'rule/file-name',
    `the rule "${ruleName}" stands in ${file}.yaml; the file of a rule is called like the rule`,
    file,
  );
}
