import type { HistoryCondition, MessageHistoryCondition } from '../../rules/model.js';
import type { Definitions } from '../computed/definitions.js';
import { compileOptional } from '../conditions/compile-condition.js';
import type { ConditionContext } from '../conditions/condition-context.js';
import { historyOfMessages } from '../conditions/history-of-messages.js';
import { comparesWithStart, CounterPlans, countWithin } from '../conditions/history.js';
import { durationText } from './duration-text.js';

const VERBS = { 'has received': 'received', 'has opened': 'opened', 'has clicked': 'clicked' } as const;

/** `Order Completed was done once within 365 days, asked for: at least 3 times`. */
export function historySentence(
  condition: HistoryCondition | MessageHistoryCondition,
  context: ConditionContext,
  definitions: Definitions,
): string {
  const isMessage = condition.kind !== 'has done';
  const history = isMessage ? historyOfMessages(condition) : condition;
  const what = isMessage
    ? messageOf(condition)
    : `${condition.events.join(' or ')}${condition.where === null ? '' : ' (with the `where` of it)'}`;
  const verb = isMessage ? VERBS[condition.kind] : 'done';
  const count = countOf(history, context, definitions);
  const happened = count === 0 ? `never ${verb}` : `${verb} ${times(count)}`;
  return `${what} was ${happened}${window(condition)}, asked for: ${asked(condition)}`;
}

/** As far as it was counted: conditions keep what they need of the past. */
function countOf(condition: HistoryCondition, context: ConditionContext, definitions: Definitions): number {
  const plans = new CounterPlans(definitions);
  const where = compileOptional(condition.where, plans);
  const counter = context.state.counters.get(plans.add(condition, where));
  if (counter === undefined) return 0;
  return countWithin(condition, counter, comparesWithStart(condition.where) ? where : null, context);
}

function messageOf({ template, category, channel, rule }: MessageHistoryCondition): string {
  const of = [category && `of ${category}`, channel && `by ${channel}`, rule && `of the rule ${rule}`].filter(Boolean);
  return [template ?? 'a message', ...of].join(' ');
}

type Asked = Pick<HistoryCondition, 'negated' | 'atLeast' | 'atMost' | 'withinMs' | 'sinceStart'>;

function window({ withinMs, sinceStart }: Asked): string {
  const within = withinMs === null ? '' : ` within ${durationText(withinMs)}`;
  return `${within}${sinceStart ? ' since the start' : ''}`;
}

function asked({ negated, atLeast, atMost }: Asked): string {
  const least = atLeast ?? (atMost === null ? 1 : null);
  if (negated && least !== null && atMost === null) return least === 1 ? 'never' : `fewer than ${times(least)}`;
  const range = [
    ...(least === null ? [] : [`at least ${times(least)}`]),
    ...(atMost === null ? [] : [`at most ${times(atMost)}`]),
  ].join(' and ');
  return negated ? `not ${range}` : range;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
