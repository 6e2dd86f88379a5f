import type { Membership } from '../../customer/computed-state.js';
import { armTimer, disarmTimer } from '../arm-timer.js';
import type { CustomerEvent } from '../../event/event.js';
import { askAboutCustomer, type Evaluation } from '../evaluation.js';
import { isOwnWord } from '../message-event.js';
import { segmentOccurrence, type Occurrence } from '../occurrence.js';
import type { EventPlan } from '../ruleset.js';
import type { SegmentPlan } from './segment-plan.js';

const NONE: readonly SegmentPlan[] = [];

/** The customer has come into a segment, or has left it. */
interface SegmentChange {
  readonly kind: 'enters' | 'leaves';
  readonly segment: string;
  /** The instant at which it was so, ms. */
  readonly time: number;
}

/** Segments that this event may change; none for most events. */
export function affectedSegments(
  { rulesets: { current }, state }: Evaluation,
  plan: EventPlan | undefined,
  event: CustomerEvent,
): readonly SegmentPlan[] {
  if (current.segments.length === 0) return NONE;
  const byName = plan?.segments ?? NONE;
  // What runs have `set` is seen from this event on.
  const isWritten = state.written.length > 0 && !isOwnWord(event);
  if (event.traits === null && event.pushToken === null && !isWritten) return byName;
  return current.segments.filter((segment) => segment.readsTraits || byName.includes(segment));
}

/**
 * Memberships that nobody knows yet, as they are before this event is applied: publishing starts nobody, and a customer
 * of whom nothing was known is in what holds of nobody in particular. Says nothing to any rule.
 */
export function settleSegments(evaluation: Evaluation, plans: readonly SegmentPlan[], event: CustomerEvent): void {
  const { memberships } = evaluation.state.computed;
  const unknown = plans.filter(({ fingerprint }) => !memberships.has(fingerprint));
  if (unknown.length > 0) judgeSegments(evaluation, unknown, event.time, evaluation.clock);
}

/** What the event has changed, once it is in profile and history; imported history sets memberships silently. */
export function segmentChanges(
  evaluation: Evaluation,
  plans: readonly SegmentPlan[],
  event: CustomerEvent,
): Occurrence[] {
  const changes = judgeSegments(evaluation, plans, event.time, evaluation.clock);
  return event.historical
    ? []
    : changes.map(({ kind, segment, time }) => segmentOccurrence(kind, segment, time, event));
}

/**
 * Judges these segments where the stream is, `clock`, since time has been followed up to there: an event that comes late
 * does not bring back what has passed. What changes has changed at the event's own time, or at the latest instant at
 * which any segment was judged where that is later. Returns what has changed, in the order of the plans; what was not
 * known before is no change.
 */
function judgeSegments(
  evaluation: Evaluation,
  plans: readonly SegmentPlan[],
  happened: number,
  clock: number,
): SegmentChange[] {
  const { computed } = evaluation.state;
  const time = Math.max(happened, computed.judgedAt);
  const now = Math.max(time, clock);
  computed.judgedAt = time;
  const changes: SegmentChange[] = [];
  for (const plan of plans) {
    const known = computed.memberships.get(plan.fingerprint);
    const membership = judge(evaluation, plan, now);
    computed.memberships.set(plan.fingerprint, membership);
    if (known !== undefined && known.inside !== membership.inside)
      changes.push({ kind: membership.inside ? 'enters' : 'leaves', segment: plan.name, time });
  }
  armFlip(evaluation);
  return changes;
}

/** What time alone has changed at the instant of the flip that is due. */
export function flipSegments(evaluation: Evaluation): Occurrence[] {
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
  const changes = judgeSegments(evaluation, plans, due, due);
  return changes.map(({ kind, segment, time }) => segmentOccurrence(kind, segment, time, null));
}

/** Whether the customer is in the segment at `now`; nothing of a run or an event is in sight. */
function judge(evaluation: Evaluation, plan: SegmentPlan, now: number): Membership {
  const context = askAboutCustomer(evaluation, now);
  return { inside: plan.test(context), flipsAt: plan.flips === null ? Infinity : plan.flips(context) };
}

function armFlip(evaluation: Evaluation): void {
  const { flip, memberships } = evaluation.state.computed;
  let due = Infinity;
  for (const { flipsAt } of memberships.values()) due = Math.min(due, flipsAt);
  if (due === Infinity) disarmTimer(flip);
  else if (flip.fireAt === Infinity || flip.due !== due) armTimer(flip, due, null, evaluation);
}
