import { customerOf, occurrenceOf, type Run } from '../customer/customer-state.js';
import type { EventSnapshot } from '../event/event.js';
import type { CompiledRule, SendNode, StepNode, WebhookNode } from './compiled-rule.js';
import type { PlannedMessage } from './effects.js';
import { contextOf, type Evaluation } from './evaluation.js';
import { rememberLatest } from './latest-messages.js';
import { messageIdOf } from './message-id.js';
import { aboutRun, traceBranch } from './trace-run.js';

/** Plans the message of a `send` that the run has reached at `due`; the run goes on whatever becomes of it. */
export function planMessage(
  evaluation: Evaluation,
  rule: CompiledRule,
  run: Run,
  node: StepNode & SendNode,
  due: number,
): void {
  const variant = node.send.variants[node.draw === null ? 0 : run.draws[node.draw]!]!;
  if (node.draw !== null) traceBranch(evaluation, run, node.path, variant.name, due);
  if (variant.template === null) return;
  const { category, priority, onCapped, expiresMs, style, fallback, ignoresQuietHours } = node.send;
  const context = contextOf(evaluation, run, null, due);
  const id = plan(evaluation, rule, run, node, due, {
    template: variant.template,
    channels: node.channels?.(context) ?? null,
    with: node.with?.(context) ?? null,
    style,
    fallback,
    ignoresQuietHours,
    webhook: null,
    category,
    priority,
    onCapped,
    expiresAt: expiresMs === null ? null : due + expiresMs,
  });
  if (rule.followed.has(variant.template)) rememberLatest(run, variant.template, id);
}

/** Plans the call of a `webhook`: through the ledger like a message, and withdrawn like one. */
export function planWebhook(
  evaluation: Evaluation,
  rule: CompiledRule,
  run: Run,
  node: StepNode & WebhookNode,
  due: number,
): void {
  const { category, priority } = rule.source;
  const body = node.body(contextOf(evaluation, run, null, due));
  plan(evaluation, rule, run, node, due, {
    template: `webhook:${node.to}`,
    channels: null,
    with: null,
    style: null,
    fallback: null,
    ignoresQuietHours: true,
    webhook: { to: node.to, body },
    category,
    priority,
    onCapped: null,
    expiresAt: null,
  });
}

type Content = Pick<
  PlannedMessage,
  | 'template'
  | 'channels'
  | 'with'
  | 'style'
  | 'fallback'
  | 'ignoresQuietHours'
  | 'webhook'
  | 'category'
  | 'priority'
  | 'onCapped'
  | 'expiresAt'
>;

/** Returns the message's id. */
// eslint-disable-next-line max-params -- what a message is made of
function plan(
  evaluation: Evaluation,
  rule: CompiledRule,
  run: Run,
  node: StepNode & (SendNode | WebhookNode),
  due: number,
  content: Content,
): string {
  const { state, effects } = evaluation;
  const occurrence = occurrenceOf(run);
  const { key } = run;
  const step = node.path;
  const round = roundOf(run, node.roundsOf);
  const id = messageIdOf({ customer: customerOf(state, run), rule: rule.name, key, occurrence, step, round }, due);
  const plannedAt = Math.max(due, evaluation.clock);
  effects.planned.push({
    id,
    customer: state.id,
    rule: rule.name,
    key,
    occurrence,
    step,
    round,
    version: rule.version,
    ...content,
    named: namedEvents(run),
    due,
    plannedAt,
    tooLateAfterMs: rule.source.tooLateAfterMs,
    heldOut: run.heldOut,
    startedAt: run.startedAt,
    start: run.start.snapshot(),
    starts: run.starts?.map((start) => start.snapshot()) ?? null,
  });
  effects.traces.push({ kind: 'planned', ...aboutRun(evaluation, run, due), step, messageId: id });
  if (rule.withdraws) run.messages.push({ id, until: openUntil(node, plannedAt, content.expiresAt) });
  return id;
}

/** That of its `repeat`; rounds of nested ones are counted through, so that no two have the same number. */
function roundOf({ rounds }: Run, roundsOf: readonly number[]): number {
  let before = 0;
  for (let i = 0; i < rounds.length; i++) before = before * roundsOf[i]! + rounds[i]! - 1;
  return before + 1;
}

function namedEvents({ named }: Run): { readonly [name: string]: EventSnapshot } | null {
  if (named === null) return null;
  return Object.fromEntries([...named].map(([name, event]) => [name, event.snapshot()]));
}

/**
 * Log time after which the message has certainly been judged for the last time. One that has expired is still open until
 * it is looked at: at the instant of its planning, or at the end of the hold or deferral it was in, which `stop` and
 * `goal` come before.
 */
function openUntil(node: SendNode | WebhookNode, plannedAt: number, expiresAt: number | null): number {
  const longest = plannedAt + node.openForMs;
  return expiresAt === null ? longest : Math.min(longest, Math.max(plannedAt, expiresAt) + node.longestHoldMs);
}
