import type { CustomerState } from '../customer/customer-state.js';
import { textHash } from '../customer/text-hash.js';
import type { ItemEvent, Json } from '../event/event.js';
import type { CompiledRule, ItemStartPlan } from './compiled-rule.js';
import type { Effects } from './effects.js';
import { beginEvaluation, type EvaluateOptions, type Evaluation } from './evaluation.js';
import { explainCondition } from './explain-condition.js';
import type { Rulesets } from './ruleset.js';
import { considerStart } from './start-run.js';
import { tidyState } from './tidy-state.js';

const NO_OPTIONS: EvaluateOptions = {};

/**
 * Applies an event about a thing to one customer whose list may hold it (`watchedItems`): it starts rules whose `item
 * event` it is, one run for each entry, and does nothing else. A duplicate changes nothing.
 * @param logTime largest append time of the partition so far, this record's included; ms
 * @returns whether the state has changed and must be written
 * @throws MissingRuleVersionError; the state is then half changed and must be thrown away
 */
// eslint-disable-next-line max-params -- the sixth has a default; only simulation and tests give it
export function applyItemEvent(
  rulesets: Rulesets,
  state: CustomerState,
  event: ItemEvent,
  logTime: number,
  effects: Effects,
  options: EvaluateOptions = NO_OPTIONS,
): boolean {
  const rules = rulesets.current.itemStartsFor(event.name);
  if (rules === undefined || event.historical) return false;
  const hash = options.eachOnce === true ? null : textHash(event.id);
  if (hash !== null && state.seen.has(hash)) return false;
  const evaluation = beginEvaluation(rulesets, state, effects, options, logTime);
  let judged = false;
  for (const { rule, starts } of rules) if (startRun(evaluation, rule, starts, event)) judged = true;
  if (!judged) return false;
  if (hash !== null) state.seen.add(hash, logTime);
  tidyState(rulesets.current, state, logTime, options);
  return true;
}

/**
 * The event has had its turn with this customer, whatever came of it: given again it does nothing. For whoever applies
 * it to customers one after the other while the stream goes on.
 * @param logTime as `applyItemEvent`
 */
export function rememberItemEvent(state: CustomerState, event: ItemEvent, logTime: number): void {
  const hash = textHash(event.id);
  if (!state.seen.has(hash)) state.seen.add(hash, logTime);
}

/** Returns whether the customer's list held the thing. */
function startRun(
  evaluation: Evaluation,
  rule: CompiledRule,
  starts: readonly ItemStartPlan[],
  event: ItemEvent,
): boolean {
  let refused: { start: ItemStartPlan; entry: Json } | null = null;
  for (const start of starts) {
    const entry = start.entryOf(evaluation.state, event.item, event.time);
    if (entry === undefined) continue;
    askAboutEntry(evaluation, event, entry);
    if (start.where !== null && !start.where(evaluation.context)) {
      refused ??= { start, entry };
      continue;
    }
    const { id, name, time, properties, item } = event;
    const snapshot = { id, name, time, properties };
    leaveEntry(evaluation);
    considerStart(evaluation, { rule, key: item, time, lateness: evaluation.clock - time, snapshot, event: id });
    return true;
  }
  if (refused !== null && evaluation.options.explain)
    traceRefusal(evaluation, rule, refused.start, refused.entry, event);
  leaveEntry(evaluation);
  return refused !== null;
}

function traceRefusal(
  evaluation: Evaluation,
  rule: CompiledRule,
  start: ItemStartPlan,
  entry: Json,
  event: ItemEvent,
): void {
  askAboutEntry(evaluation, event, entry);
  evaluation.effects.traces.push({
    kind: 'not_started',
    rule: rule.name,
    key: event.item,
    at: Math.max(event.time, evaluation.clock),
    event: event.id,
    reason: 'where_false',
    detail: explainCondition(start.condition!, evaluation.context, evaluation.rulesets.current.definitions),
  });
}

function askAboutEntry({ context }: Evaluation, event: ItemEvent, entry: Json): void {
  context.event = context.start = event;
  context.starts = null;
  context.startedAt = context.now = event.time;
  context.item = context.entry = entry;
}

/** `item` is only there in the `where` of the start. */
function leaveEntry({ context }: Evaluation): void {
  context.item = context.entry = undefined;
}
