import type { Again, Rule } from '../model.js';
import { oneOrList, readMap } from '../reading/collections.js';
import {
  elsewhere,
  type FieldTable,
  findEntry,
  optional,
  type Reader,
  readFields,
  required,
  withDefault,
} from '../reading/fields.js';
import { duration, parseFixedDuration, percent } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { name, notAllowed, oneOf, readScalar, text } from '../reading/scalars.js';
import type { YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { condition } from './condition.js';
import { active } from './active.js';
import { occasionIn, readOccasion } from './occasion.js';
import { eventsOfOccasions } from './events-at.js';
import { occasionScope, type Scope, SCOPES } from './path.js';
import { categoryName, priority, readDurationAfter } from './policy-values.js';
import { start } from './start.js';
import { namesGiven, type StepContext } from './step-context.js';
import { stepsIn } from './steps.js';

const HOUR = 3_600_000;

const again: Reader<Again> = {
  type: '`always`, `never` or `after DURATION [per customer]`',
  allowed: ['always', 'never', 'after DURATION', 'after DURATION per customer'],
  read(node, reading) {
    const scalar = readScalar(node, reading, 'always, never or after DURATION');
    if (scalar === undefined) return undefined;
    if (scalar.value === 'always' || scalar.value === 'never') return { kind: scalar.value };
    const meant = againMeant(String(scalar.value));
    if (meant !== null)
      return reading.error(scalar.span, 'value/not-allowed', `\`again\` is written \`${meant}\``, meant);
    const perCustomer = String(scalar.value).endsWith(' per customer');
    const durationMs = readDurationAfter('after ', scalar, reading, perCustomer ? ' per customer' : '');
    if (durationMs === undefined) return undefined;
    return durationMs === null
      ? notAllowed(scalar, reading, this.allowed ?? [])
      : { kind: 'after', durationMs, perCustomer };
  },
};

/** What people write who mean one of the three; null: nobody knows what. */
function againMeant(written: string): string | null {
  if (/^(only )?once( only)?( per customer)?$/.test(written)) return 'never';
  const [, length = '', per = ''] =
    /^(?:at most )?(?:once )?(?:every |a |in |per |after )?(.+?)( per (?!\d)[a-z]+)?$/.exec(written) ?? [];
  const duration = /^(hour|day|week)$/.test(length) ? `1 ${length}` : length;
  if (parseFixedDuration(duration) === null) return null;
  const meant = `after ${duration}${per === '' ? '' : ' per customer'}`;
  return meant === written ? null : meant;
}

const WHILE_RUNNING = ['ignore', 'restart wait', 'restart', 'collect'] as const;

function goalIn(scope: Scope): Reader<NonNullable<Rule['goal']>> {
  return {
    type: 'OCCASION with `within`',
    read(node: YamlNode, reading: Reading) {
      const map = readMap(node, reading, 'an occasion, such as { event: Order Completed }');
      if (map === undefined) return undefined;
      const found = readOccasion(map, reading, occasionScope(scope), ['within']);
      const within = findEntry(map, 'within');
      const withinMs = within ? duration.read(within.value, reading) : 72 * HOUR;
      return found === undefined || withinMs === undefined ? undefined : { occasions: [found], withinMs };
    },
  };
}

/** Every key of a rule. */
export function ruleTable(context: StepContext) {
  return {
    rule: required(name('a rule'), "The rule's name, which is also the name of its file."),
    description: optional(text({ max: 2_000 }), 'What the rule is for.'),
    category: required(categoryName, 'Decides consent, caps and quiet hours (kairos.yaml).'),
    priority: withDefault(priority, 50, '50', 'Who wins when caps leave room for one.'),
    active: withDefault(active, 'always', 'always', 'On which days something starts; runs that are under way go on.'),
    start: required(oneOrList(start, { max: 20 }), 'What starts a run.'),
    who: optional(condition(context.scope), 'Which customers; judged at the start and again before every send.'),
    stop: optional(
      oneOrList(occasionIn(context.scope), { max: 20 }),
      'What ends a run at once and withdraws what has not left yet.',
    ),
    again: withDefault(again, { kind: 'always' }, 'always', 'Whether the same customer may start again.'),
    'while running': withDefault(oneOf(WHILE_RUNNING), 'ignore', 'ignore', 'What a further start event does to a run.'),
    steps: required(stepsIn(context), 'What happens in a run.'),
    goal: optional(goalIn(context.scope), 'What the rule is after: credits its messages and ends the run.'),
    holdout: withDefault(percent, 0, '0%', 'A share of customers that are never sent anything, to compare with.'),
    'too late after': withDefault(
      duration,
      24 * HOUR,
      '24 hours',
      'A message that came due longer ago than this is not sent.',
    ),
    event: elsewhere('into `start`'),
    where: elsewhere('into `start`, beside `event`'),
    key: elsewhere('into `start`, beside `event`'),
    within: elsewhere('into `goal`, beside `event`'),
    template: elsewhere('into a `send` of `steps`'),
    channels: elsewhere('into a `send` of `steps`'),
  } satisfies FieldTable;
}

/** One rule file. */
export function readRule(root: YamlNode, reading: Reading): Rule | undefined {
  const map = readMap(root, reading, 'a rule');
  if (map === undefined) return undefined;
  reading.asNames = new Set(namesGiven(map).map(([given]) => given));
  const table = ruleTable(contextOf(map));
  const { values, complete: fields, entry } = readFields(map, reading, table, 'a rule');
  if (values.rule !== undefined) checkFileName(values.rule, entry('rule')?.value ?? map, reading);
  if (fields === undefined) return undefined;
  return {
    name: fields.rule,
    description: fields.description,
    category: fields.category,
    priority: fields.priority,
    active: fields.active,
    starts: fields.start,
    who: fields.who,
    stop: fields.stop ?? [],
    goal: fields.goal,
    again: fields.again,
    whileRunning: fields['while running'],
    steps: fields.steps,
    holdout: fields.holdout,
    tooLateAfterMs: fields['too late after'],
  };
}

/** What a `send` takes over; where it is wrong, the rule itself is refused. */
function contextOf(map: YamlMap): StepContext {
  const value = (key: string) => {
    const node = findEntry(map, key)?.value;
    return node?.kind === 'scalar' ? node.value : null;
  };
  const urgency = value('priority');
  return {
    scope: { ...SCOPES.run, starts: eventsOfOccasions(findEntry(map, 'start')?.value) },
    category: String(value('category')),
    priority: typeof urgency === 'number' ? urgency : 50,
    rounds: 1,
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
