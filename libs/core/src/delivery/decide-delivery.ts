import type { Category, Channel, OnCapped, QuietHours } from '../rules/model.js';
import { endOfQuietHours } from '../time/quiet-hours.js';
import { findZone, type Zone } from '../time/zone.js';
import { capsFor, lookAtCap, slotOf, type FilledCap } from './cap-check.js';
import { chooseChannel, type UsableChannel } from './channel-choice.js';
import { contentHash } from './content-hash.js';
import { isInControlGroup } from './control-group.js';
import type {
  CapLook,
  DecisionContext,
  DecisionInputs,
  DeliveryCustomer,
  DeliveryDecision,
  DeliveryVerdict,
  OpenMessage,
  Reason,
  Slot,
} from './decision.js';
import { categoryOf, type DeliveryPolicy } from './delivery-policy.js';
import { PlannedAhead } from './planned-ahead.js';
import { pauseOf, policyOfCustomer } from './preferences.js';
import { sameContentSlot } from './same-content.js';

/** Room that appears within 5 minutes (included) is waited for, whatever `on capped` says. */
const SOON_MS = 300_000;

/**
 * Judges one message at one instant: still wanted, same content, channel, caps, quiet hours, in this order; the first
 * that refuses gives the reason (delivery.md, "The decision, one pure function"). Pure: the same arguments, in lists of
 * any order, give the same decision. A message whose not-before is later than `now` is judged as if it were due.
 */
export function decideDelivery(request: OpenMessage, context: DecisionContext): DeliveryDecision {
  const policy = policyOfCustomer(context.policy, context.customer.preferences);
  return new Judgement(request, policy === context.policy ? context : { ...context, policy }).decide();
}

/** The customer's zone, or the workspace's where the trait `timezone` names none that exists. */
export function zoneOf(customer: Pick<DeliveryCustomer, 'traits'>, policy: DeliveryPolicy): Zone {
  const name = customer.traits['timezone'];
  return (typeof name === 'string' ? findZone(name) : null) ?? policy.zone;
}

const NO_CHANNELS: readonly Channel[] = [];

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Inputs = Mutable<DecisionInputs> & { caps: CapLook[] };

/** Why the caps refuse a channel; `deferral` is the verdict where the message waits for room instead. */
interface CapRefusal {
  readonly reason: 'frequency_cap' | 'outranked';
  readonly deferral: DeliveryVerdict | null;
}

class Judgement {
  readonly #message: OpenMessage;
  readonly #context: DecisionContext;
  readonly #category: Category;
  readonly #zone: Zone;
  readonly #content: string;
  readonly #slots: readonly Slot[];
  readonly #inputs: Inputs;

  constructor(message: OpenMessage, context: DecisionContext) {
    const { plan } = message;
    this.#message = message;
    this.#context = context;
    this.#category = categoryOf(context.policy, plan.category);
    this.#zone = zoneOf(context.customer, context.policy);
    this.#content = contentHash(plan);
    this.#slots = context.sentNow.length === 0 ? context.slots : [...context.slots, ...context.sentNow];
    const judgesLateness = message.firstJudgedAt === null;
    this.#inputs = {
      wanted: {
        due: plan.due,
        expiresAt: plan.expiresAt,
        tooLateAfter: judgesLateness ? plan.due + plan.tooLateAfterMs : null,
        heldOut: plan.heldOut,
        controlGroup: isInControlGroup(plan, context.policy),
        pausedUntil: null,
        whoHolds: null,
      },
      sameContent: null,
      timeZone: this.#zone.name,
      candidates: [],
      channelOrder: null,
      caps: [],
      onCapped: null,
      outrankedBy: null,
      quiet: null,
    };
  }

  decide(): DeliveryDecision {
    return { message: this.#message, at: this.#context.now, verdict: this.#verdict(), inputs: this.#inputs };
  }

  #verdict(): DeliveryVerdict {
    if (this.#message.plan.webhook !== null) return this.#call();
    const refusal = this.#unwanted() ?? this.#sameContent();
    const chosenBefore = this.#message.heldOn ?? this.#message.sentOn?.at(-1) ?? null;
    if (refusal !== null) return { kind: 'suppress', reason: refusal, channel: chosenBefore };
    const { customer, policy, now } = this.#context;
    const choice = chooseChannel({
      message: this.#message.plan,
      sentOn: this.#message.sentOn ?? NO_CHANNELS,
      failedOn: this.#message.failedOn ?? NO_CHANNELS,
      customer,
      category: this.#category,
      policy,
      now,
    });
    this.#inputs.candidates = choice.candidates;
    this.#inputs.channelOrder = choice.by;
    if (choice.reason !== null) return { kind: 'suppress', reason: choice.reason, channel: chosenBefore };
    return this.#throughCaps(choice.usable);
  }

  /**
   * The call of a `webhook` step is no message to the customer: nothing of hers is asked, so those in a holdout or with
   * a paused category cause it as well. `stop` and `goal` withdraw it like everything that has not left.
   */
  #call(): DeliveryVerdict {
    const refusal = this.#withdrawnOrLate();
    return refusal === null
      ? { kind: 'send', channel: 'webhook', address: '', slot: null }
      : { kind: 'suppress', reason: refusal, channel: 'webhook' };
  }

  #withdrawnOrLate(): Reason | null {
    const { plan, cancelled } = this.#message;
    const { now } = this.#context;
    const { tooLateAfter } = this.#inputs.wanted;
    if (cancelled !== null) return cancelled;
    if (plan.expiresAt !== null && now >= plan.expiresAt) return 'expired';
    return tooLateAfter !== null && now > tooLateAfter ? 'too_late' : null;
  }

  #unwanted(): Reason | null {
    const withdrawnOrLate = this.#withdrawnOrLate();
    if (withdrawnOrLate !== null) return withdrawnOrLate;
    const { plan } = this.#message;
    const { now, customer } = this.#context;
    if (plan.heldOut) return 'holdout';
    if (this.#inputs.wanted.controlGroup) return 'control_group';
    const pausedUntil = pauseOf(customer, this.#category, plan.category, now);
    this.#inputs.wanted = { ...this.#inputs.wanted, pausedUntil };
    if (pausedUntil !== null) return 'paused';
    const whoHolds = customer.whoHolds(plan, now);
    this.#inputs.wanted = { ...this.#inputs.wanted, whoHolds };
    return whoHolds ? null : 'condition_false';
  }

  #sameContent(): Reason | null {
    const windowMs = this.#category.sameContentMs;
    const slot = sameContentSlot(
      this.#slots,
      { id: this.#message.plan.id, content: this.#content },
      this.#context.now,
      windowMs,
    );
    this.#inputs.sameContent = { windowMs, of: slot?.messageId ?? null, at: slot?.to ?? null };
    return slot === null ? null : 'same_content';
  }

  /** The first usable channel; only with `on capped: next channel` also the others, in their order. */
  #throughCaps(usable: readonly UsableChannel[]): DeliveryVerdict {
    const onCapped = this.#message.plan.onCapped ?? this.#context.policy.settings.onCapped;
    this.#inputs.onCapped = onCapped;
    let first: { readonly place: UsableChannel; readonly refusal: CapRefusal } | null = null;
    for (const place of usable) {
      const refusal = this.#capped(place, onCapped);
      if (refusal === null) {
        if (first !== null) this.#choose(place);
        return this.#throughQuietHours(place);
      }
      if (refusal.deferral !== null) return refusal.deferral;
      first ??= { place, refusal };
      if (onCapped.kind !== 'next channel') break;
    }
    return { kind: 'suppress', reason: first?.refusal.reason ?? 'no_channel', channel: first?.place.channel ?? null };
  }

  #choose(place: UsableChannel): void {
    this.#inputs.candidates = this.#inputs.candidates.map((candidate) => {
      if (candidate.channel === place.channel) return { ...candidate, outcome: 'chosen' as const };
      return candidate.outcome === 'chosen' ? { ...candidate, outcome: 'possible' as const } : candidate;
    });
  }

  #capped(place: UsableChannel, onCapped: OnCapped): CapRefusal | null {
    if (this.#category.ignoresCaps) return null;
    const { plan } = this.#message;
    const { policy, now } = this.#context;
    const subject = { messageId: plan.id, category: plan.category, channel: place.channel };
    const caps = capsFor(policy, plan.category, place.channel).map((cap) =>
      lookAtCap(cap, now, this.#slots, subject, this.#zone),
    );
    this.#inputs.caps.push(...caps.map((cap) => cap.look));
    const full = caps.filter((cap) => cap.used.length >= cap.look.cap.atMost);
    return full.length > 0 ? this.#filled(full, place, onCapped) : this.#neededAhead(place, onCapped);
  }

  /** Messages already sent fill a cap. It is `outranked` only if there were a slot in every cap without those of higher priority of this instant. */
  #filled(full: readonly FilledCap[], place: UsableChannel, onCapped: OnCapped): CapRefusal {
    const { plan } = this.#message;
    const { now } = this.#context;
    const higher = this.#slots.filter((slot) => slot.from === now && slot.priority > plan.priority);
    const filledAnyway = full.some(
      (cap) => cap.used.filter((slot) => !higher.includes(slot)).length >= cap.look.cap.atMost,
    );
    const reason = filledAnyway ? 'frequency_cap' : 'outranked';
    if (!filledAnyway) {
      const taker = full.flatMap((cap) => cap.used).find((slot) => higher.includes(slot));
      if (taker !== undefined)
        this.#inputs.outrankedBy = { messageId: taker.messageId, priority: taker.priority, at: now };
    }
    // A lease holds its slot to its end, so the deferral may come a lease late; whether there is one must not depend on it.
    const earliest = Math.max(...full.map((cap) => cap.freeAtEarliest));
    const waits = earliest - now <= SOON_MS || (onCapped.kind === 'defer' && earliest <= plan.due + onCapped.upToMs);
    const until = Math.max(...full.map((cap) => cap.look.freeAt ?? Infinity));
    return { reason, deferral: waits ? { kind: 'defer', until, reason, channel: place.channel } : null };
  }

  /** There is room, but a message of strictly higher priority that is planned ahead needs it. */
  #neededAhead(place: UsableChannel, onCapped: OnCapped): CapRefusal | null {
    const { now, open } = this.#context;
    const { plan } = this.#message;
    if (!open.some((other) => other.notBefore > now && other.plan.priority > plan.priority)) return null;
    const ahead = new PlannedAhead(plan.id, this.#context, this.#slots, this.#zone);
    const slot = this.#slot(place, now);
    const blocker = ahead.blockerOf(slot, now);
    if (blocker === null) return null;
    this.#inputs.outrankedBy = { messageId: blocker.plan.id, priority: blocker.plan.priority, at: blocker.notBefore };
    const until = onCapped.kind === 'defer' ? ahead.passesAt(slot, plan.due + onCapped.upToMs) : null;
    const reason = 'outranked';
    return { reason, deferral: until === null ? null : { kind: 'defer', until, reason, channel: place.channel } };
  }

  #throughQuietHours(place: UsableChannel): DeliveryVerdict {
    const { channel, address } = place;
    const asked = this.#quietHoursAsked();
    const quiet = this.#quietNow(channel, asked);
    if (asked.length > 0 || !this.#ignoresQuietHours) this.#inputs.quiet = { channel, until: quiet?.until ?? null };
    if (quiet === null) {
      return { kind: 'send', channel, address, slot: this.#slot(place, this.#context.leaseUntil) };
    }
    if (quiet.onQuiet === 'skip') return { kind: 'suppress', reason: 'quiet_hours', channel };
    return { kind: 'defer', until: quiet.until, reason: 'quiet_hours', channel };
  }

  get #ignoresQuietHours(): boolean {
    return this.#category.ignoresQuietHours || this.#message.plan.ignoresQuietHours;
  }

  /** Her own first. A category that ignores quiet hours ignores hers too; a step that does, only the workspace's. */
  #quietHoursAsked(): readonly QuietHours[] {
    const { policy, customer } = this.#context;
    if (this.#category.ignoresQuietHours) return [];
    const own = customer.preferences?.quiet ?? null;
    const shops = this.#ignoresQuietHours ? [] : policy.settings.quietHours;
    return own === null ? shops : [{ ...own, channels: null, categories: null, days: null, onQuiet: 'hold' }, ...shops];
  }

  /** The first of the list that holds now decides; at its end all are asked again. */
  #quietNow(
    channel: Channel,
    asked: readonly QuietHours[],
  ): { readonly until: number; readonly onQuiet: QuietHours['onQuiet'] } | null {
    const { now } = this.#context;
    const { category } = this.#message.plan;
    for (const quiet of asked) {
      if (quiet.channels !== null && !quiet.channels.includes(channel)) continue;
      if (quiet.categories !== null && !quiet.categories.includes(category)) continue;
      const until = endOfQuietHours(now, quiet, this.#zone);
      if (until !== null) return { until, onQuiet: quiet.onQuiet };
    }
    return null;
  }

  #slot({ channel }: UsableChannel, to: number): Slot {
    return slotOf(this.#message.plan, this.#category, { channel, from: this.#context.now, to, content: this.#content });
  }
}
