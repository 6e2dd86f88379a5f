import { decideDelivery } from './decide-delivery.js';
import type { DecisionContext, DeliveryDecision, DeliveryVerdict, OpenMessage, Reason, Slot } from './decision.js';
import { judgedBefore } from './judging-order.js';

/** All that one claim decides for one customer. */
export interface CustomerDecisions {
  /** In the order in which they were judged. */
  readonly decisions: readonly DeliveryDecision[];
  /** Of what is sent now. */
  readonly added: readonly Slot[];
  /** Fallbacks for which there is no other channel: nothing is decided, and they are not open any more. */
  readonly ended: readonly OpenMessage[];
  /** What is still open: not yet due, held or deferred now; sent and suppressed ones are gone. In the order given. */
  readonly open: readonly OpenMessage[];
}

/**
 * Judges all of a customer's open messages that are due (not-before at or before `now`), highest priority first; each
 * sees what those before it took, and those that were held a moment before as planned ahead. The order of `open` and
 * `slots` does not matter.
 */
export function decideCustomer(context: Omit<DecisionContext, 'sentNow'>): CustomerDecisions {
  const { now } = context;
  const due = context.open.filter((open) => open.notBefore <= now);
  if (due.length > 1) due.sort((a, b) => judgedBefore(a.plan, b.plan));
  let open = context.open;
  const added: Slot[] = [];
  const decisions: DeliveryDecision[] = [];
  const ended: OpenMessage[] = [];
  for (const message of due) {
    const decision = decideDelivery(message, { ...context, open, sentNow: added });
    const { verdict } = decision;
    if (comesToNothing(decision)) ended.push(message);
    else decisions.push(decision);
    if (verdict.kind === 'send' && verdict.slot !== null) added.push(verdict.slot);
    open =
      verdict.kind === 'defer'
        ? replace(open, message, deferred(message, verdict, now))
        : open.filter((other) => other !== message);
  }
  return { decisions, added, ended, open };
}

const NO_OTHER_CHANNEL: ReadonlySet<Reason> = new Set([
  'no_channel',
  'no_consent',
  'no_address',
  'address_suppressed',
  'channel_off',
]);

/** A fallback for which there is no other channel: the message was sent (or failed), and there is nothing more to say of it. */
function comesToNothing({ message: { sentOn, failedOn }, verdict }: DeliveryDecision): boolean {
  if (sentOn === undefined && failedOn === undefined) return false;
  return verdict.kind === 'suppress' && NO_OTHER_CHANNEL.has(verdict.reason);
}

function replace(open: readonly OpenMessage[], message: OpenMessage, by: OpenMessage): readonly OpenMessage[] {
  return open.map((other) => (other === message ? by : other));
}

type Deferral = Extract<DeliveryVerdict, { kind: 'defer' }>;

function deferred(message: OpenMessage, { until, reason, channel }: Deferral, now: number): OpenMessage {
  const { plan, cancelled, heldOn = null, sentOn, failedOn, firstJudgedAt } = message;
  return {
    plan,
    notBefore: until,
    cancelled,
    heldFor: reason,
    heldOn: channel ?? heldOn,
    ...(sentOn === undefined ? {} : { sentOn }),
    ...(failedOn === undefined ? {} : { failedOn }),
    awaitsFallback: false,
    firstJudgedAt: firstJudgedAt ?? now,
  };
}
