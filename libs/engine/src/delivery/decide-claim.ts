import {
  applyConsentChanges,
  decideCustomer,
  decodeConsents,
  decodeSlots,
  decodeState,
  encodeConsents,
  encodeSlots,
  evaluateWho,
  pruneSlots,
  releaseSpread,
  suppressedAddresses,
  type CustomerState,
  type DeliveryDecision,
  type DeliveryPolicy,
  type OpenMessage,
  type Rulesets,
  type Slot,
} from '#core';
import type { ClaimedCustomer, CustomerWrite, DecideClaim, MessageWrite, OpenMessageRow } from '../ports/message-ledger.js';
import { encodeDecision } from './encode-decision.js';

export interface ClaimPolicy {
  readonly rulesets: Rulesets;
  readonly policy: DeliveryPolicy;
  /** Held messages are spread over 10 minutes when a night ends; off with `grace: 0 seconds` (delivery.md). */
  readonly spreadReleases: boolean;
}

/** Turns claimed rows into the words of the core, asks for the decisions, and says what to write. Pure. */
export function claimDecider(use: ClaimPolicy): DecideClaim {
  return (customers, now, leaseUntil) => customers.map((customer) => decideClaimed(customer, now, leaseUntil, use));
}

function decideClaimed(claimed: ClaimedCustomer, now: number, leaseUntil: number, use: ClaimPolicy): CustomerWrite {
  const before = decodeConsents(claimed.consents);
  const consents = claimed.inbox.length > 0 ? applyConsentChanges(before, claimed.inbox) : before;
  const state = claimed.state === null ? null : decodeState(claimed.state);
  const slots = knownSlots(claimed);
  const open = claimed.open.filter((row) => row.state === 'planned').map(toOpenMessage);
  const decisions = decideCustomer({
    customer: {
      id: claimed.open[0]?.plan.customer ?? claimed.customerId,
      traits: traitsOf(state),
      consents: consentsInForce(consents),
      suppressed: suppressedAddresses(claimed.addresses),
      whoHolds: (message, at) => state === null || evaluateWho(use.rulesets, state, message, at),
    },
    slots,
    open,
    policy: use.policy,
    now,
    leaseUntil,
  });
  const taken = decisions.flatMap((decision) => (decision.verdict.kind === 'send' ? [decision.verdict.slot] : []));
  return {
    customerId: claimed.customerId,
    consents: consents === before ? null : encodeConsents(consents),
    slots: encodeSlots(pruneSlots([...slots, ...taken], use.policy, now)),
    messages: decisions.map((decision) => toWrite(decision, use.spreadReleases)),
  };
}
