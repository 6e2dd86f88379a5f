import { decodeEngagement, isAnsweredBy, type EngagementRecord, type OpenMessage, type Slot } from '#core';
import type { Answer, ClaimedCustomer } from '../ports/message-ledger.js';

const INTERACTIONS: readonly string[] = ['opened', 'clicked', 'replied'];

export interface AppliedAnswers {
  readonly engagement: EngagementRecord;
  /** Ids of open messages whose fallback is not wanted any more. */
  readonly answered: ReadonlySet<string>;
  /** What needs not be kept any longer. */
  readonly applied: readonly Answer[];
}

/**
 * Brings up to date what the customer received and answered: messages whose acceptance was recorded since her last claim
 * (`before` and `slots`: the same slots as intervals and narrowed), and answers that came meanwhile. An answer to a message
 * that is on its way right now, a mail that was read before its server's answer was recorded, waits for the next claim.
 */
export function applyAnswers(
  claimed: ClaimedCustomer,
  open: readonly OpenMessage[],
  before: readonly Slot[],
  slots: readonly Slot[],
): AppliedAnswers {
  const engagement = decodeEngagement(claimed.engagement);
  const inFlight = new Set(
    claimed.open.filter(({ state }) => state === 'reserved' || state === 'permitted').map(({ messageId }) => messageId),
  );
  for (const { messageId, channel, to } of accepted(before, slots)) engagement.received(messageId, channel, to);
  const applied = claimed.feedback.filter(({ messageId }) => !inFlight.has(messageId));
  const answered = new Set<string>();
  for (const { messageId, kind, at } of applied) {
    if (INTERACTIONS.includes(kind)) engagement.answered(messageId, null, at);
    if (open.some((message) => message.plan.id === messageId && isAnsweredBy(message, kind))) answered.add(messageId);
  }
  return { engagement, answered, applied };
}

/** What was an interval and is an instant now, oldest first. */
function accepted(before: readonly Slot[], slots: readonly Slot[]): readonly Slot[] {
  const intervals = new Set(before.filter(({ from, to }) => from !== to).map(nameOf));
  if (intervals.size === 0) return [];
  return slots.filter((slot) => slot.from === slot.to && intervals.has(nameOf(slot))).sort((a, b) => a.to - b.to);
}

function nameOf({ messageId, channel }: Slot): string {
  return `${messageId} ${channel}`;
}
