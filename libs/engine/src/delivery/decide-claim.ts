import {
  applyConsentChanges,
  categoryOf,
  consentEntries,
  consentMap,
  customerValues,
  decideCustomer,
  decisionRecord,
  decodeConsents,
  decodePreferences,
  decodeSlots,
  decodeState,
  encodeConsents,
  encodeEngagement,
  encodeDecision,
  encodeSlots,
  evaluateWho,
  isInSegment,
  narrowSlots,
  newCustomerState,
  pausedUntil,
  policyOfCustomer,
  pruneSlots,
  releaseSpread,
  type Channel,
  type CustomerState,
  type DeliveryCustomer,
  type DeliveryDecision,
  type DeliveryPolicy,
  type OpenMessage,
  type PlannedMessage,
  type Rulesets,
  type Slot,
} from '#core';
import type {
  ClaimedCustomer,
  CustomerWrite,
  DecideClaim,
  MessageWrite,
  OpenMessageRow,
} from '../ports/message-ledger.js';
import { applyAnswers } from './apply-answers.js';
import { outcomeEvent } from './outcome-event.js';
import { decodeSuppressed } from './suppressed-addresses.js';

export interface ClaimPolicy {
  readonly rulesets: Rulesets;
  readonly policy: DeliveryPolicy;
  /** Held messages are spread over 10 minutes when a night ends; off with `grace: 0 seconds` (delivery.md, 5). */
  readonly spreadReleases: boolean;
  /** Told of every decision, for metrics. */
  readonly onDecision: (decision: DeliveryDecision) => void;
  /** Told of every message that failed on all its channels. */
  readonly onFailed?: (plan: PlannedMessage, channel: Channel | null) => void;
}

const NOTHING = new Uint8Array(0);
/** How soon a held customer is looked at again. */
const LOOK_AGAIN_MS = 60_000;

/** Turns claimed rows into the words of the core, asks for the decisions, and says what to write. */
export function claimDecider(use: ClaimPolicy): DecideClaim {
  return (customers, now, leaseUntil) =>
    customers.flatMap((customer) => decideClaimed(customer, now, leaseUntil, use) ?? []);
}

/** null: what is known of her is on its way to whom she turned out to be, and nothing is decided without it. */
function decideClaimed(
  claimed: ClaimedCustomer,
  now: number,
  leaseUntil: number,
  use: ClaimPolicy,
): CustomerWrite | null {
  const recorded = decodeConsents(claimed.consents ?? NOTHING);
  const consents = applyConsentChanges(recorded, claimed.inbox.flatMap(consentEntries));
  const customer = claimed.open[0]?.plan.customer ?? claimed.customerId;
  const state = claimed.state === null ? newCustomerState(customer) : decodeState(claimed.state);
  if (state.identity.redirect !== null) return null;
  const preferences = decodePreferences(claimed.preferences);
  const before = decodeSlots(claimed.slots);
  const slots = narrowSlots(before, claimed.fates);
  const open = claimed.open.filter(isOpen).map((row) => toOpenMessage(row, use.rulesets));
  const { engagement, answered, applied } = applyAnswers(claimed, open, before, slots);
  const judged = open.filter(({ plan }) => !answered.has(plan.id));
  const held = claimed.deadLetter === null ? [] : heldMessages(judged, use.policy, now);
  const { decisions, added, ended } = decideCustomer({
    customer: {
      id: customer,
      consents: consentMap(consents),
      suppressed: decodeSuppressed(claimed.addresses),
      preferences,
      engagement: engagement.at(now),
      ...knownByState(state, use.rulesets, now),
    },
    slots,
    open: judged.map((message) => (held.includes(message) ? { ...message, notBefore: now + LOOK_AGAIN_MS } : message)),
    policy: use.policy,
    now,
    leaseUntil,
  });
  decisions.forEach(use.onDecision);
  const over = [...open.filter(({ plan }) => answered.has(plan.id)), ...ended];
  return {
    customerId: claimed.customerId,
    consents: consents === recorded ? null : encodeConsents(consents),
    slots: encodeSlots(pruneSlots(replaced(slots, added), policyOfCustomer(use.policy, preferences), now)),
    engagement: engagement.changed ? encodeEngagement(engagement) : null,
    feedback: applied,
    messages: [
      ...decisions.map((decision) => toWrite(decision, use)),
      ...over.map((message) => settle(message, now, use)),
      ...held.map((message) => postpone(message, now)),
    ],
  };
}

function postpone({ plan }: OpenMessage, now: number): MessageWrite {
  return { kind: 'postpone', messageId: plan.id, notBefore: now + LOOK_AGAIN_MS };
}

function knownByState(
  state: CustomerState,
  rulesets: Rulesets,
  now: number,
): Pick<DeliveryCustomer, 'traits' | 'pausedUntil' | 'inSegment' | 'whoHolds'> {
  return {
    traits: customerValues(rulesets, state, now),
    pausedUntil: (category, at) => pausedUntil(state, category, at),
    inSegment: (segment, at) => isInSegment(rulesets, state, segment, at),
    whoHolds: (message, at) => evaluateWho(rulesets, state, message, at),
  };
}

/**
 * What needs her consent waits while an event of hers is parked: it may be the order that stops the reminder (engine.md,
 * Poison). What is withdrawn is, and messages about what she has bought leave.
 */
function heldMessages(open: readonly OpenMessage[], policy: DeliveryPolicy, now: number): readonly OpenMessage[] {
  return open.filter(
    ({ plan, notBefore, cancelled }) =>
      notBefore <= now && cancelled === null && categoryOf(policy, plan.category).consent !== 'none',
  );
}

function isOpen({ state }: OpenMessageRow): boolean {
  return state === 'planned' || state === 'waiting';
}

/** A message that is tried again on a channel takes its new slot in place of the old one: it counts once. */
function replaced(slots: readonly Slot[], added: readonly Slot[]): readonly Slot[] {
  const again = new Set(added.map(({ messageId, channel }) => `${messageId} ${channel}`));
  return [...slots.filter(({ messageId, channel }) => !again.has(`${messageId} ${channel}`)), ...added];
}

/** What a removed rule had planned is withdrawn with its runs, also before the engine has met the customer again. */
function toOpenMessage(row: OpenMessageRow, { current }: Rulesets): OpenMessage {
  const { plan, notBefore, heldFor, heldOn, firstJudgedAt, sentOn, failedOn } = row;
  const cancelled = row.cancelled ?? (current.stopped.has(plan.rule) ? 'run_stopped' : null);
  const message = { plan, notBefore, cancelled, heldFor, firstJudgedAt, awaitsFallback: row.state === 'waiting' };
  // What it left on or failed on is not what it would leave on.
  const past = [...(sentOn ?? []), ...(failedOn ?? [])];
  return {
    ...message,
    heldOn: heldOn !== null && past.includes(heldOn) ? null : heldOn,
    ...(sentOn === null ? {} : { sentOn }),
    ...(failedOn === null ? {} : { failedOn }),
  };
}

function settle({ plan, sentOn, failedOn }: OpenMessage, now: number, use: ClaimPolicy): MessageWrite {
  const channel = failedOn?.at(-1) ?? null;
  if (sentOn !== undefined) return { kind: 'settle', messageId: plan.id, outcome: null };
  use.onFailed?.(plan, channel);
  const outcome = outcomeEvent(use.rulesets.current, { plan, channel, attempt: 0 }, 'Message Failed', now);
  return { kind: 'settle', messageId: plan.id, outcome };
}

function toWrite(decision: DeliveryDecision, { rulesets, spreadReleases }: ClaimPolicy): MessageWrite {
  const { plan } = decision.message;
  const messageId = plan.id;
  const stored = encodeDecision(decisionRecord(decision));
  const { verdict, inputs } = decision;
  switch (verdict.kind) {
    case 'send':
      return { kind: 'reserve', messageId, channel: verdict.channel, decision: stored };
    case 'defer': {
      const spread = spreadReleases && verdict.reason === 'quiet_hours' ? releaseSpread(messageId) : 0;
      return {
        kind: 'defer',
        messageId,
        notBefore: verdict.until + spread,
        channel: verdict.channel,
        reason: verdict.reason,
        decision: stored,
      };
    }
    case 'suppress': {
      const { channel, reason } = verdict;
      const told = { plan, channel, attempt: 0 };
      const outcome = outcomeEvent(rulesets.current, told, 'Message Suppressed', decision.at);
      return { kind: 'suppress', messageId, channel, reason, blockedBy: blockerOf(inputs), decision: stored, outcome };
    }
  }
}

/** The message that kept this one out, where one did: same content, a stronger one, or the last that filled the cap. */
function blockerOf({ sameContent, outrankedBy, caps }: DeliveryDecision['inputs']): string | null {
  const full = caps.find((look) => look.freeAt !== null);
  return sameContent?.of ?? outrankedBy?.messageId ?? full?.usedBy.at(-1) ?? null;
}
