import type { ComputedState, Membership } from '../../customer/computed-state.js';
import { isUnknown } from '../../customer/customer-state.js';
import { armTimer, disarmTimer } from '../arm-timer.js';
import type { CustomerEvent } from '../../event/event.js';
import { askAboutCustomer, type Evaluation } from '../evaluation.js';
import { isOwnWord } from '../message-event.js';
import { segmentOccurrence, type Occurrence } from '../occurrence.js';
import type { EventPlan, Ruleset } from '../ruleset.js';
import type { SegmentPlan } from './segment-plan.js';

const NONE: readonly SegmentPlan[] = [];

/** The customer has come into a segment, or has left it. */
interface SegmentChange {
  readonly kind: 'enters' | 'leaves';
  readonly segment: string;
}

/** Segments that this event may change; none for most events. */
export function affectedSegments(
  { rulesets: { current }, state, clock }: Evaluation,
  plan: EventPlan | undefined,
  event: CustomerEvent,
  joined: boolean,
): readonly SegmentPlan[] {
  // Before the first event of a simulation there is no stream yet in which anybody could enter anything.
  if (current.segments.length === 0 || clock === -Infinity) return NONE;
  // With her first event a customer enters also what holds of everybody.
  if (joined || isUnknown(state)) return current.segments;
  const byName = withThoseThatFlip(current, state.computed, plan?.segments ?? NONE, clock);
  // What runs have `set` is seen from this event on.
  const isWritten = state.written.length > 0 && !isOwnWord(event);
  if (event.traits === null && event.pushToken === null && !isWritten) return byName;
  return current.segments.filter((segment) => segment.readsTraits || byName.includes(segment));
}

/** What lapses at the very instant of an event is not seen apart from it. */
function withThoseThatFlip(
  { segments }: Ruleset,
  { flip, memberships }: ComputedState,
  affected: readonly SegmentPlan[],
  clock: number,
): readonly SegmentPlan[] {
  if (flip.fireAt > clock) return affected;
  const flips = ({ fingerprint }: SegmentPlan): boolean =>
    (memberships.get(fingerprint)?.flipsAt ?? Infinity) <= flip.due;
  return segments.filter((segment) => affected.includes(segment) || flips(segment));
}

/**
 * Memberships of a known customer that nobody has judged yet, as they are before anything is applied: publishing starts
 * nobody, so nothing is said to any rule. Returns whether there were any.
 */
export function settleSegments(evaluation: Evaluation, plans: readonly SegmentPlan[]): boolean {
  const { state, clock } = evaluation;
  if (clock === -Infinity || isUnknown(state)) return false;
  const unknown = plans.filter(({ fingerprint }) => !state.computed.memberships.has(fingerprint));
  if (unknown.length === 0) return false;
  judgeSegments(evaluation, unknown, clock);
  return true;
}

/** What the event has changed, once it is in profile and history; imported history sets memberships silently. */
export function segmentChanges(
  evaluation: Evaluation,
  plans: readonly SegmentPlan[],
  event: CustomerEvent,
): Occurrence[] {
  // Time has been followed up to where the stream is: an event that comes late does not bring back what has passed.
  const changes = judgeSegments(evaluation, plans, evaluation.clock);
  if (event.historical) return [];
  return changes.map(({ kind, segment }) => segmentOccurrence(kind, segment, event.time, event));
}

/** All segments of somebody who has turned out to be more than was known; the changes count from `time` (event time, ms). */
export function judgeAllSegments(evaluation: Evaluation, time: number): Occurrence[] {
  const { clock, rulesets } = evaluation;
  if (clock === -Infinity) return [];
  const changes = judgeSegments(evaluation, rulesets.current.segments, clock);
  return changes.map(({ kind, segment }) => segmentOccurrence(kind, segment, time, null));
}

/** Judges these segments at `now`; returns what has changed, in their order. Of nobody nothing was known before. */
function judgeSegments(evaluation: Evaluation, plans: readonly SegmentPlan[], now: number): SegmentChange[] {
  const { memberships } = evaluation.state.computed;
  const changes: SegmentChange[] = [];
  for (const plan of plans) {
    const wasInside = memberships.get(plan.fingerprint)?.inside ?? false;
    const membership = judge(evaluation, plan, now);
    memberships.set(plan.fingerprint, membership);
    if (wasInside !== membership.inside)
      changes.push({ kind: membership.inside ? 'enters' : 'leaves', segment: plan.name });
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
  const changes = judgeSegments(evaluation, plans, due);
  return changes.map(({ kind, segment }) => segmentOccurrence(kind, segment, due, null));
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
