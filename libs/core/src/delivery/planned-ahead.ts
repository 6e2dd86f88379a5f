import type { Channel } from '../rules/model.js';
import type { Zone } from '../time/zone.js';
import { capsFor, hasRoom, instantsOfRelease, slotOf, windowOf } from './cap-check.js';
import { chooseChannel } from './channel-choice.js';
import { contentHash } from './content-hash.js';
import type { DecisionContext, OpenMessage, Slot } from './decision.js';
import { categoryOf } from './delivery-policy.js';
import { plannedBefore } from './judging-order.js';
import { sameContentSlot } from './same-content.js';

/** At most 24 hours ahead, included. */
const HORIZON_MS = 86_400_000;

/** A message planned ahead, and the channel it was last held for; without one the channel it would leave on now. */
interface Ahead {
  readonly message: OpenMessage;
  readonly channel: Channel;
  readonly content: string;
}

/**
 * The messages with a later not-before that may need a slot now open. Walked in order of not-before, each tested at its
 * own not-before for stop, holdout, same content and all caps, given what was sent and those before it (delivery.md, 4).
 */
export class PlannedAhead {
  readonly #ahead: readonly Ahead[];
  readonly #slots: readonly Slot[];
  readonly #context: DecisionContext;
  readonly #zone: Zone;

  /** `slots`: everything sent or in flight, this instant's included. */
  constructor(messageId: string, context: DecisionContext, slots: readonly Slot[], zone: Zone) {
    this.#context = context;
    this.#slots = slots;
    this.#zone = zone;
    this.#ahead = context.open
      .filter(
        (open) =>
          open.plan.id !== messageId &&
          open.notBefore > context.now &&
          open.cancelled === null &&
          !open.plan.heldOut &&
          // Planned ahead is what is held, deferred or tried again, not what was sent and may follow on another channel.
          open.awaitsFallback !== true &&
          open.plan.webhook === null,
      )
      .sort(plannedBefore)
      .flatMap((message) => {
        const channel = message.heldOn ?? this.#firstChannelOf(message);
        return channel === null ? [] : [{ message, channel, content: contentHash(message.plan) }];
      });
  }

  /** The first message of strictly higher priority that could be sent, and no longer could if `slot` were taken at `instant`. */
  blockerOf(slot: Slot, instant: number): OpenMessage | null {
    const slots = this.#slotsAt(instant);
    const within = this.#ahead.filter((ahead) => this.#holds(ahead, instant));
    if (!within.some((ahead) => ahead.message.plan.priority > slot.priority)) return null;
    const without = this.#walk(within, slots);
    const with_ = new Set(
      this.#walk(within, [...slots, { ...slot, from: instant, to: instant }]).map((taken) => taken.messageId),
    );
    const lost = without.find((taken) => taken.priority > slot.priority && !with_.has(taken.messageId));
    return lost === undefined
      ? null
      : (this.#ahead.find((ahead) => ahead.message.plan.id === lost.messageId)?.message ?? null);
  }

  /**
   * First instant, later than now and not after `limit`, at which the caps let `slot` pass and nobody planned ahead
   * needs it; what is planned before that instant is taken to leave as planned. null where there is none.
   */
  passesAt(slot: Slot, limit: number): number | null {
    const { now, policy } = this.#context;
    const zone = this.#zone;
    const caps = capsFor(policy, slot.category, slot.channel);
    const all = [...this.#slots, ...this.#taken()];
    const instants = [
      ...caps.flatMap((cap) => instantsOfRelease(cap, all, zone)),
      ...this.#ahead.map((ahead) => ahead.message.notBefore),
    ];
    const subject = { messageId: slot.messageId, category: slot.category, channel: slot.channel };
    for (const instant of instants.filter((at) => at > now && at <= limit).sort((a, b) => a - b)) {
      if (hasRoom(policy, subject, instant, this.#slotsAt(instant), zone) && this.blockerOf(slot, instant) === null)
        return instant;
    }
    return null;
  }

  #slotsAt(instant: number): readonly Slot[] {
    if (instant === this.#context.now) return this.#slots;
    return [...this.#slots, ...this.#taken().filter((slot) => slot.from <= instant)];
  }

  /** What those ahead will take if nothing else is sent. */
  #taken(): readonly Slot[] {
    return this.#walk(
      this.#ahead.filter((ahead) => this.#holds(ahead, this.#context.now)),
      this.#slots,
    );
  }

  /** Ahead of the instant by at most 24 hours, and one of its own windows at its not-before holds the instant. */
  #holds(ahead: Ahead, instant: number): boolean {
    const { notBefore, plan } = ahead.message;
    if (notBefore <= instant || notBefore > instant + HORIZON_MS) return false;
    return capsFor(this.#context.policy, plan.category, ahead.channel).some((cap) => {
      const { from } = windowOf(cap, notBefore, this.#zone);
      return cap.window.kind === 'rolling' ? instant > from : instant >= from;
    });
  }

  #walk(aheads: readonly Ahead[], slots: readonly Slot[]): readonly Slot[] {
    const taken: Slot[] = [];
    for (const ahead of aheads) {
      const slot = this.#slotAhead(ahead, taken.length === 0 ? slots : [...slots, ...taken]);
      if (slot !== null) taken.push(slot);
    }
    return taken;
  }

  #slotAhead({ message, channel, content }: Ahead, slots: readonly Slot[]): Slot | null {
    const { policy } = this.#context;
    const { plan, notBefore } = message;
    const category = categoryOf(policy, plan.category);
    if (sameContentSlot(slots, { id: plan.id, content }, notBefore, category.sameContentMs) !== null) return null;
    const subject = { messageId: plan.id, category: plan.category, channel };
    if (!hasRoom(policy, subject, notBefore, slots, this.#zone)) return null;
    return slotOf(plan, category, { channel, from: notBefore, to: notBefore, content });
  }

  #firstChannelOf({ plan }: OpenMessage): Channel | null {
    const { customer, policy, now } = this.#context;
    const category = categoryOf(policy, plan.category);
    return (
      chooseChannel({ message: plan, sentOn: [], failedOn: [], customer, category, policy, now }).usable[0]?.channel ??
      null
    );
  }
}
