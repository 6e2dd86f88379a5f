import { occurrenceOf, type Run } from '../customer/customer-state.js';
import type { Channel } from '../rules/model.js';
import type { CompiledRule, StepNode } from './compiled-rule.js';
import type { Evaluation } from './evaluation.js';
import { messageIdOf } from './message-id.js';

/** Plans the message of a `send` that the run has reached at `due`; the run goes on whatever becomes of it. */
export function planMessage(
  evaluation: Evaluation,
  rule: CompiledRule,
  run: Run,
  node: StepNode & { kind: 'send' },
  due: number,
): void {
  const { state, effects } = evaluation;
  const { channels, category, priority, onCapped, expiresMs } = node.send;
  const template = node.send.variants[0]!.template!;
  const occurrence = occurrenceOf(run);
  const { key } = run;
  const step = node.path;
  const id = messageIdOf({ customer: state.id, rule: rule.name, key, occurrence, step, round: 1 }, due);
  const plannedAt = Math.max(due, evaluation.clock);
  const expiresAt = expiresMs === null ? null : due + expiresMs;
  effects.planned.push({
    id,
    customer: state.id,
    rule: rule.name,
    key,
    occurrence,
    step,
    round: 1,
    version: rule.version,
    template,
    channels: channels as readonly Channel[] | null,
    with: null,
    style: null,
    fallback: null,
    ignoresQuietHours: false,
    webhook: null,
    named: null,
    category,
    priority,
    onCapped,
    due,
    plannedAt,
    expiresAt,
    tooLateAfterMs: rule.source.tooLateAfterMs,
    heldOut: run.heldOut,
    startedAt: run.startedAt,
    start: run.start.snapshot(),
    starts: run.starts?.map((start) => start.snapshot()) ?? null,
  });
  effects.traces.push({ kind: 'planned', rule: rule.name, key, occurrence, at: plannedAt, step, messageId: id });
  if (rule.withdraws) run.messages.push({ id, until: openUntil(node, plannedAt, expiresAt) });
}

/**
 * Log time after which the message has certainly been judged for the last time. One that has expired is still open until
 * it is looked at: at the instant of its planning, or at the end of the hold or deferral it was in, which `stop` and
 * `goal` come before.
 */
function openUntil(node: StepNode & { kind: 'send' }, plannedAt: number, expiresAt: number | null): number {
  const longest = plannedAt + node.openForMs;
  return expiresAt === null ? longest : Math.min(longest, Math.max(plannedAt, expiresAt) + node.longestHoldMs);
}
