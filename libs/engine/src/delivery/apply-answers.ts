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
  for (const { messageId, channel, to } of accepted(engagement, before, slots))
    if (!inFlight.has(messageId)) engagement.received(messageId, channel, to);
  const applied = claimed.feedback.filter(({ messageId }) => !inFlight.has(messageId));
  const answered = new Set<string>();
  for (const { messageId, kind, at } of applied) {
    if (INTERACTIONS.includes(kind)) engagement.answered(messageId, null, at);
    if (open.some((message) => message.plan.id === messageId && isAnsweredBy(message, kind))) answered.add(messageId);
  }
  return { engagement, answered, applied };
}

/**
 * What was an interval and is an instant now, oldest first. Where a lease takes no time (a clock that is stepped) all are
 * instants from the beginning: then what is not older than the latest that is recorded.
 */
function accepted({ messages }: EngagementRecord, before: readonly Slot[], slots: readonly Slot[]): readonly Slot[] {
  const intervals = new Set(before.filter(({ from, to }) => from !== to).map(nameOf));
  const latest = messages.reduce((most, { at }) => Math.max(most, at), -Infinity);
  return slots
    .filter((slot) => slot.from === slot.to && (slot.to >= latest || intervals.has(nameOf(slot))))
    .sort((a, b) => a.to - b.to);
}

function nameOf({ messageId, channel }: Slot): string {
  return `${messageId} ${channel}`;
}
