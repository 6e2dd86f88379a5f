import type { Membership } from '../../customer/computed-state.js';
import { armTimer, disarmTimer } from '../arm-timer.js';
import type { Evaluation } from '../evaluation.js';
import type { SegmentPlan } from './segment-plan.js';

/** The customer has come into a segment, or has left it. */
export interface SegmentChange {
  readonly kind: 'enters' | 'leaves';
  readonly segment: string;
  /** The instant at which it was so, ms. */
  readonly time: number;
}

/**
 * Memberships that nobody knows yet, as they are before an event is applied: publishing starts nobody, and a customer
 * of whom nothing was known is in what holds of nobody in particular. Says nothing to any rule.
 */
export function settleSegments(evaluation: Evaluation, plans: readonly SegmentPlan[], time: number): boolean {
  const { memberships } = evaluation.state.computed;
  const unknown = plans.filter(({ fingerprint }) => !memberships.has(fingerprint));
  if (unknown.length === 0) return false;
  judgeSegments(evaluation, unknown, time);
  return true;
}

/**
 * Judges these segments as of `time`, or of the latest instant at which any was judged: a late event moves no membership
 * backwards. Returns what has changed, in the order of the plans; what was not known before is no change.
 */
export function judgeSegments(evaluation: Evaluation, plans: readonly SegmentPlan[], time: number): SegmentChange[] {
  const { computed } = evaluation.state;
  const now = Math.max(time, computed.judgedAt);
  computed.judgedAt = now;
  const changes: SegmentChange[] = [];
  for (const plan of plans) {
    const known = computed.memberships.get(plan.fingerprint);
    const membership = judge(evaluation, plan, now);
    computed.memberships.set(plan.fingerprint, membership);
    if (known !== undefined && known.inside !== membership.inside)
      changes.push({ kind: membership.inside ? 'enters' : 'leaves', segment: plan.name, time: now });
  }
  armFlip(evaluation);
  return changes;
}

/** What time alone has changed at the instant of the flip that is due. */
export function flipSegments(evaluation: Evaluation): SegmentChange[] {
  const { rulesets, state } = evaluation;
  const { flip, memberships } = state.computed;
  const { due } = flip;
  disarmTimer(flip);
  const plans: SegmentPlan[] = [];
  for (const [fingerprint, { flipsAt }] of [...memberships]) {
    if (flipsAt > due) continue;
    const plan = rulesets.current.segment(fingerprint);
    if (plan === undefined) memberships.delete(fingerprint);
    else plans.push(plan);
  }
  plans.sort((a, b) => (a.name < b.name ? -1 : 1));
  return judgeSegments(evaluation, plans, due);
}

/** Whether the customer is in the segment at `now`; nothing of a run or an event is in sight. */
function judge({ context }: Evaluation, plan: SegmentPlan, now: number): Membership {
  context.event = context.start = null;
  context.starts = null;
  context.named = null;
  context.overlay = null;
  context.round = null;
  context.startedAt = context.now = now;
  return { inside: plan.test(context), flipsAt: plan.flips === null ? Infinity : plan.flips(context) };
}

function armFlip(evaluation: Evaluation): void {
  const { flip, memberships } = evaluation.state.computed;
  let due = Infinity;
  for (const { flipsAt } of memberships.values()) due = Math.min(due, flipsAt);
  if (due === Infinity) disarmTimer(flip);
  else if (flip.fireAt === Infinity || flip.due !== due) armTimer(flip, due, 0, evaluation);
}
