import { occurrenceOf, type Run } from '../customer/customer-state.js';
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
  const { send, path } = node;
  const identity = {
    customer: state.id,
    rule: rule.name,
    key: run.key,
    occurrence: occurrenceOf(run),
    step: path,
    round: 1,
  };
  const id = messageIdOf(identity, due);
  const plannedAt = Math.max(due, evaluation.clock);
  const expiresAt = send.expiresMs === null ? null : due + send.expiresMs;
  // Each field by name: spreading `identity` into an object of this size is many times slower.
  effects.planned.push({
    id,
    customer: identity.customer,
    rule: identity.rule,
    key: identity.key,
    occurrence: identity.occurrence,
    step: identity.step,
    round: identity.round,
    version: rule.version,
    template: send.template,
    channels: send.channels,
    category: send.category,
    priority: send.priority,
    onCapped: send.onCapped,
    due,
    plannedAt,
    expiresAt,
    tooLateAfterMs: rule.source.tooLateAfterMs,
    heldOut: run.heldOut,
    startedAt: run.startedAt,
    start: run.start.snapshot(),
    starts: run.starts?.map((start) => start.snapshot()) ?? null,
  });
  effects.traces.push({
    kind: 'planned',
    rule: rule.name,
    key: run.key,
    occurrence: identity.occurrence,
    at: plannedAt,
    step: path,
    messageId: id,
  });
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
