import {
  Agenda,
  adoptRuleset,
  applyConsentChanges,
  applyEvent,
  applyItemEvent,
  awaitFallback,
  compareCodePoints,
  consentEntries,
  consentMap,
  customerValues,
  decideCustomer,
  EngagementRecord,
  evaluateWho,
  explainWho,
  fireTimers,
  followJoin,
  isAnswered,
  isInSegment,
  joinCustomers,
  knownOfCustomer,
  nextFire,
  noEffects,
  openRuns,
  pausedUntil,
  pruneSlots,
  watchedItems,
  type CustomerEvent,
  type CustomerState,
  type DeliveryDecision,
  type DeliveryPolicy,
  type Effects,
  type EvaluateOptions,
  type ItemEvent,
  type KnownOfCustomer,
  type OpenMessage,
  type OpenRun,
  type Rulesets,
  type TraceEntry,
} from '#core';
import { emittedCall, toldCall } from './own-events.js';
import { newCustomer, nextDue, takeOver, type SimulatedCustomer } from './simulated-customer.js';
import { Watchers } from './watchers.js';

export interface SimulatedShopOptions {
  readonly rulesets: Rulesets;
  readonly policy: DeliveryPolicy;
  /** In the order in which they are made; those of one instant are sorted by customer. */
  readonly onDecision: (decision: DeliveryDecision) => void;
  readonly onTrace?: (customer: string, trace: TraceEntry) => void;
  /** Why `who` refused a message, right before its decision is handed out. */
  readonly onWhoFalse?: (messageId: string, why: string) => void;
  /** A run has reached a step. */
  readonly onStep?: (rule: string, path: string) => void;
  /** Events that come of Kairos itself: emitted ones, and what became of messages. */
  readonly onOwnEvent?: (event: CustomerEvent) => void;
}

const NO_ENGAGEMENT = [] as const;
const FATES = ['Message Sent', 'Message Suppressed'];

/** Where a customer stands: her runs, her messages that have not left, and what is known of her. */
export interface CustomerNow extends KnownOfCustomer {
  readonly runs: readonly OpenRun[];
  readonly messages: readonly OpenMessage[];
}

/**
 * The whole of Kairos in memory and in virtual time: engine and delivery over the same core functions as in
 * production, on one partition. At one instant: all events, then timers, then delivery (rule-language.md, Exact
 * meaning 4); a message that passes is sent at that instant, and what became of it is an event of the customer after
 * the delivery of that instant. What rules emit comes directly after what made them emit it. Whoever applies events
 * sees to it that none is applied twice.
 */
export class SimulatedShop {
  private readonly customers = new Map<string, SimulatedCustomer>();
  private readonly agenda = new Agenda();
  private readonly watchers = new Watchers();
  private readonly effects: Effects = noEffects();
  private readonly options: EvaluateOptions;
  private readonly timerOptions: EvaluateOptions;
  private readonly seesEngagement: boolean;
  /** Whether anything looks at what became of messages. */
  private readonly tells: boolean;
  private clock = -Infinity;
  /** Whose timers fire. */
  private firing: SimulatedCustomer | null = null;

  constructor(private readonly use: SimulatedShopOptions) {
    this.options = {
      eachOnce: true,
      explain: use.onTrace !== undefined,
      ...(use.onStep === undefined ? {} : { onStep: use.onStep }),
    };
    this.timerOptions = { ...this.options, onEmitted: () => this.carryOut(this.firing!) };
    // Of one channel there is nothing to choose.
    this.seesEngagement = use.policy.settings.channels.length > 1;
    this.tells = this.seesEngagement || FATES.some((name) => use.rulesets.concerns('track', name));
  }

  /** The stream's clock, ms: the largest instant so far. */
  get now(): number {
    return this.clock;
  }

  get openMessages(): number {
    let open = 0;
    for (const customer of this.customers.values())
      for (const message of customer.open) if (message.sentOn === undefined) open++;
    return open;
  }

  get openRuns(): number {
    let open = 0;
    for (const customer of this.customers.values()) open += customer.state.runs.length;
    return open;
  }

  get customerCount(): number {
    return this.customers.size;
  }

  /** The next instant at which something is due, ms; Infinity when nothing is pending. */
  get nextInstant(): number {
    return this.agenda.earliest;
  }

  /** Something reached the stream at `appendTime`, ms: what is due before that instant acts first. */
  advanceTo(appendTime: number): void {
    if (this.clock === -Infinity) this.begin(appendTime);
    if (this.agenda.mayBeDueBefore(appendTime)) this.actBefore(appendTime);
    if (appendTime > this.clock) this.clock = appendTime;
  }

  /** Whoever is known from before the first event meets the rules where the stream begins. */
  private begin(clock: number): void {
    this.clock = clock;
    for (const customer of this.customers.values()) {
      adoptRuleset(this.use.rulesets, customer.state, clock);
      this.settle(customer);
    }
  }

  /** Lets everything act that is due up to this instant, itself included. */
  finishAt(instant: number): void {
    this.actBefore(instant + 1);
    this.clock = Math.max(this.clock, instant);
  }

  /**
   * Applies one event at the present instant.
   * @param joins another id of its customer, whose state becomes hers before; null: none
   */
  apply(event: CustomerEvent, joins: string | null = null): void {
    const customer = this.customerOf(event.customer);
    if (joins !== null) this.joinTo(customer, joins);
    this.applyTo(customer, event, joins !== null);
    this.settle(customer);
  }

  /** Whether somebody of this id is known by a userId. */
  isNamed(id: string): boolean {
    return this.customers.get(id)?.state.identity.named ?? false;
  }

  /** As `apply`, of an event that was applied already and says only now who she is. */
  join(event: CustomerEvent, joins: string): void {
    const customer = this.customerOf(event.customer);
    const { rulesets } = this.use;
    this.joinTo(customer, joins);
    followJoin(rulesets, customer.state, event.time, this.clock, this.effects, this.options);
    this.carryOut(customer);
    this.settle(customer);
  }

  /** All that is known of another id becomes the customer's. */
  private joinTo(customer: SimulatedCustomer, id: string): void {
    const from = this.customers.get(id) ?? newCustomer(id);
    this.customers.delete(id);
    this.agenda.set(from.id, Infinity);
    this.watchers.update(from.id, from.watched, new Set());
    takeOver(customer, from);
    joinCustomers(this.use.rulesets, customer.state, from.state, this.clock, this.effects, this.options);
    this.carryOut(customer);
  }

  /** Applies an event about a thing, at the present instant, to all customers whose lists hold it. */
  applyToThing(event: ItemEvent): void {
    for (const id of this.watchers.of(event.item)) {
      const customer = this.customers.get(id)!;
      applyItemEvent(this.use.rulesets, customer.state, event, this.clock, this.effects, this.options);
      this.carryOut(customer);
      this.settle(customer);
    }
  }

  /** All that is known of a customer at the present instant; null: nobody has heard of her. */
  describe(id: string): CustomerNow | null {
    const customer = this.customers.get(id);
    if (customer === undefined) return null;
    const { rulesets } = this.use;
    return {
      runs: openRuns(rulesets, customer.state),
      messages: customer.open,
      ...knownOfCustomer(rulesets, customer.state, this.clock),
    };
  }

  /** `customer.NAME` as templates see it at the present instant. */
  traitsOf(id: string): { readonly [name: string]: unknown } {
    const customer = this.customers.get(id);
    return customer === undefined ? {} : customerValues(this.use.rulesets, customer.state, this.clock);
  }

  private actBefore(before: number): void {
    for (let instant = this.agenda.earliest; instant < before; instant = this.agenda.earliest) {
      this.clock = Math.max(this.clock, instant);
      const due = this.agenda.dueBefore(instant + 1, Infinity).map((id) => this.customers.get(id)!);
      // Customers do not see each other: the order matters only to whoever reads what was decided.
      if (due.length > 1) due.sort((a, b) => compareCodePoints(a.id, b.id));
      for (const customer of due) this.fire(customer, instant);
      const decided = due.map((customer) => this.deliver(customer, instant));
      due.forEach((customer, index) => this.tell(customer, decided[index]!));
    }
  }

  private fire(customer: SimulatedCustomer, instant: number): void {
    if (nextFire(customer.state) > instant) return;
    this.firing = customer;
    fireTimers(this.use.rulesets, customer.state, instant + 1, this.effects, this.timerOptions);
    this.carryOut(customer);
    this.settle(customer);
  }

  private applyTo(customer: SimulatedCustomer, event: CustomerEvent, joined = false): void {
    const told = customer.sent.resolve(event);
    if (event.name !== null && event.name.startsWith('Message ')) this.noteMessageEvent(customer, event, told);
    const options = joined ? { ...this.options, joined } : this.options;
    applyEvent(this.use.rulesets, customer.state, told, this.clock, this.effects, options);
    this.carryOut(customer);
  }

  /** `told` names the message of this shop that the event is about; engagement knows of others' messages, too. */
  private noteMessageEvent(customer: SimulatedCustomer, event: CustomerEvent, told: CustomerEvent): void {
    if (this.seesEngagement) (customer.engagement ??= new EngagementRecord()).note(event);
    if (customer.open.some((message) => isAnswered(message, told)))
      customer.open = customer.open.filter((message) => !isAnswered(message, told));
  }

  /**
   * Consents apply at once; what was planned is judged when the instant is over, what was withdrawn at its release;
   * emitted events are applied one by one, with what they cause in turn behind those that wait already.
   */
  private carryOut(customer: SimulatedCustomer): void {
    const { planned, cancelled, consents, withdrawals, emitted, traces } = this.effects;
    if (consents.length > 0)
      customer.consents = applyConsentChanges(customer.consents, consents.flatMap(consentEntries));
    if (withdrawals.length > 0)
      customer.consents = applyConsentChanges(customer.consents, withdrawals.flatMap(consentEntries));
    if (planned.length > 0) customer.open = [...customer.open, ...planned.map(newlyOpen)];
    for (const { messageId, reason } of cancelled) {
      customer.open = customer.open.map((open) =>
        open.plan.id === messageId && open.cancelled === null ? { ...open, cancelled: reason } : open,
      );
    }
    for (const trace of traces) this.use.onTrace?.(customer.id, trace);
    planned.length = cancelled.length = consents.length = withdrawals.length = traces.length = 0;
    if (emitted.length === 0) return;
    const events = emitted.splice(0).map(emittedCall);
    for (const event of events) {
      this.use.onOwnEvent?.(event);
      this.applyTo(customer, event);
    }
  }

  private deliver(customer: SimulatedCustomer, instant: number): readonly DeliveryDecision[] {
    if (!customer.open.some((message) => message.notBefore <= instant)) return [];
    const { policy, rulesets, onDecision } = this.use;
    const { state } = customer;
    const { decisions, added, open } = decideCustomer({
      customer: {
        id: customer.id,
        traits: customerValues(rulesets, state, instant),
        consents: consentMap(customer.consents),
        suppressed: [],
        preferences: null,
        engagement: customer.engagement?.at(instant) ?? NO_ENGAGEMENT,
        pausedUntil: (category, at) => pausedUntil(state, category, at),
        inSegment: (segment, at) => isInSegment(rulesets, state, segment, at),
        whoHolds: (message, at) => evaluateWho(rulesets, state, message, at),
      },
      slots: customer.slots,
      open: customer.open,
      policy,
      now: instant,
      leaseUntil: instant,
    });
    customer.open = [...open, ...decisions.flatMap(fallbackOf)];
    if (added.length > 0) customer.slots = pruneSlots([...customer.slots, ...added], policy, instant);
    for (const decision of decisions) {
      if (this.use.onWhoFalse !== undefined) this.explainWho(state, decision, this.use.onWhoFalse);
      onDecision(decision);
    }
    return decisions;
  }

  private explainWho(
    state: CustomerState,
    { message: { plan }, verdict }: DeliveryDecision,
    onWhoFalse: (messageId: string, why: string) => void,
  ): void {
    if (verdict.kind !== 'suppress' || verdict.reason !== 'condition_false') return;
    onWhoFalse(plan.id, explainWho(this.use.rulesets, state, plan, this.clock) ?? '');
  }

  /** What became of her messages, as events: occasions, histories and engagement look at them. */
  private tell(customer: SimulatedCustomer, decisions: readonly DeliveryDecision[]): void {
    for (const decision of decisions) {
      customer.sent.note(decision);
      if (!this.tells) continue;
      const event = toldCall(decision);
      if (event === null) continue;
      if (this.use.rulesets.concerns('track', event.name)) {
        this.use.onOwnEvent?.(event);
        this.applyTo(customer, event);
      } else this.noteMessageEvent(customer, event, event);
    }
    this.settle(customer);
  }

  /** Where the customer stands in what the shop keeps of all: when she is due, and what she watches. */
  private settle(customer: SimulatedCustomer): void {
    const { current } = this.use.rulesets;
    if (current.watchedLists.size > 0) {
      const watched = watchedItems(this.use.rulesets, customer.state);
      this.watchers.update(customer.id, customer.watched, watched);
      customer.watched = watched;
    }
    this.agenda.set(customer.id, nextDue(customer));
  }

  private customerOf(id: string): SimulatedCustomer {
    let customer = this.customers.get(id);
    if (customer === undefined) this.customers.set(id, (customer = newCustomer(id)));
    return customer;
  }
}

function newlyOpen(plan: OpenMessage['plan']): OpenMessage {
  return { plan, notBefore: plan.plannedAt, cancelled: null, heldFor: null, firstJudgedAt: null };
}

/** Nobody says here what was delivered: everything is, so only openings and clicks are waited for in vain. */
function fallbackOf({ message, at, verdict }: DeliveryDecision): readonly OpenMessage[] {
  const { fallback } = message.plan;
  if (verdict.kind !== 'send' || verdict.channel === 'webhook' || fallback === null || fallback.unless === 'delivered')
    return [];
  const waiting = awaitFallback(message, verdict.channel, at);
  return waiting === null ? [] : [waiting];
}
