import {
  Agenda,
  applyConsentChanges,
  applyEvent,
  compareCodePoints,
  consentEntries,
  consentMap,
  customerValues,
  decideCustomer,
  evaluateWho,
  fireTimers,
  newCustomerState,
  nextFire,
  isInSegment,
  pruneSlots,
  type ConsentEntry,
  type CustomerEvent,
  type CustomerState,
  type DeliveryDecision,
  type DeliveryPolicy,
  type Effects,
  type OpenMessage,
  type Rulesets,
  type Slot,
  type TraceEntry,
  noEffects,
} from '#core';

/** One customer of a simulated shop: what the engine and delivery keep in their rows. */
interface SimulatedCustomer {
  readonly id: string;
  readonly state: CustomerState;
  consents: readonly ConsentEntry[];
  slots: readonly Slot[];
  open: readonly OpenMessage[];
}

export interface SimulatedShopOptions {
  readonly rulesets: Rulesets;
  readonly policy: DeliveryPolicy;
  /** In the order in which they are made; those of one instant are sorted by customer. */
  readonly onDecision: (decision: DeliveryDecision) => void;
  readonly onTrace?: (customer: string, trace: TraceEntry) => void;
}

/**
 * The whole of Kairos in memory and in virtual time: engine and delivery over the same core functions as in
 * production, on one partition. At one instant: all events, then timers, then delivery (rule-language.md, Exact
 * meaning 4); a message that passes is sent at that instant.
 */
export class SimulatedShop {
  private readonly customers = new Map<string, SimulatedCustomer>();
  private readonly agenda = new Agenda();
  private readonly effects: Effects = noEffects();
  private clock = -Infinity;

  constructor(private readonly use: SimulatedShopOptions) {}

  /** The stream's clock, ms: the largest instant so far. */
  get now(): number {
    return this.clock;
  }

  get openMessages(): number {
    let open = 0;
    for (const customer of this.customers.values()) open += customer.open.length;
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
    this.actBefore(appendTime);
    this.clock = Math.max(this.clock, appendTime);
  }

  /** Lets everything act that is due up to this instant, itself included. */
  finishAt(instant: number): void {
    this.actBefore(instant + 1);
    this.clock = Math.max(this.clock, instant);
  }

  /** Applies one event at the present instant. */
  apply(event: CustomerEvent): void {
    const customer = this.customerOf(event.customer);
    const { rulesets, onTrace } = this.use;
    applyEvent(rulesets, customer.state, event, this.clock, this.effects, {
      rememberForever: true,
      explain: onTrace !== undefined,
    });
    this.carryOut(customer);
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
      due.sort((a, b) => compareCodePoints(a.id, b.id));
      for (const customer of due) this.fire(customer, instant);
      for (const customer of due) this.deliver(customer, instant);
    }
  }

  private fire(customer: SimulatedCustomer, instant: number): void {
    if (nextFire(customer.state) > instant) return;
    fireTimers(this.use.rulesets, customer.state, instant + 1, this.effects, {
      rememberForever: true,
      explain: this.use.onTrace !== undefined,
    });
    this.carryOut(customer);
  }

  /** Consents apply at once; what was planned is judged when the instant is over, what was withdrawn at its release. */
  private carryOut(customer: SimulatedCustomer): void {
    const { planned, cancelled, consents, traces } = this.effects;
    if (consents.length > 0)
      customer.consents = applyConsentChanges(customer.consents, consents.flatMap(consentEntries));
    if (planned.length > 0) {
      customer.open = [
        ...customer.open,
        ...planned.map((plan) => ({
          plan,
          notBefore: plan.plannedAt,
          cancelled: null,
          heldFor: null,
          firstJudgedAt: null,
        })),
      ];
    }
    for (const { messageId, reason } of cancelled) {
      customer.open = customer.open.map((open) =>
        open.plan.id === messageId && open.cancelled === null ? { ...open, cancelled: reason } : open,
      );
    }
    for (const trace of traces) this.use.onTrace?.(customer.id, trace);
    planned.length = cancelled.length = consents.length = traces.length = 0;
    this.schedule(customer);
  }

  private deliver(customer: SimulatedCustomer, instant: number): void {
    if (!customer.open.some((message) => message.notBefore <= instant)) return this.schedule(customer);
    const { policy, rulesets, onDecision } = this.use;
    const { state } = customer;
    const { decisions, added, open } = decideCustomer({
      customer: {
        id: customer.id,
        traits: customerValues(rulesets, state, instant),
        consents: consentMap(customer.consents),
        suppressed: [],
        preferences: null,
        engagement: [],
        pausedUntil: () => null,
        inSegment: (segment, at) => isInSegment(rulesets, state, segment, at),
        whoHolds: (message, at) => evaluateWho(rulesets, state, message, at),
      },
      slots: customer.slots,
      open: customer.open,
      policy,
      now: instant,
      leaseUntil: instant,
    });
    customer.open = open;
    if (added.length > 0) customer.slots = pruneSlots([...customer.slots, ...added], policy, instant);
    decisions.forEach(onDecision);
    this.schedule(customer);
  }

  private schedule(customer: SimulatedCustomer): void {
    let next = nextFire(customer.state);
    for (const message of customer.open) next = Math.min(next, message.notBefore);
    this.agenda.set(customer.id, next);
  }

  private customerOf(id: string): SimulatedCustomer {
    let customer = this.customers.get(id);
    if (customer === undefined) {
      customer = { id, state: newCustomerState(id), consents: [], slots: [], open: [] };
      this.customers.set(id, customer);
    }
    return customer;
  }
}
