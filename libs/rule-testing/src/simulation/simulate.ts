import {
  compareCodePoints,
  compileRuleset,
  deliveryPolicy,
  glanceAtLine,
  parseInstant,
  readEvent,
  readItemEvent,
  rulesetsOf,
  type CustomerEvent,
  type DeliveryDecision,
  type ItemEvent,
  type LineGlance,
  type Rulesets,
  type Settings,
  type TraceEntry,
  type Workspace,
} from '#core';
import { hash, hashBytes, HashSet, hashText } from './hash-set.js';
import { Identities } from './identities.js';
import { isInSample } from './sample.js';
import { unheardEvents, type UnheardEvent } from './unheard-events.js';
import { SimulatedShop, type CustomerNow } from './simulated-shop.js';

export interface SimulationOptions {
  readonly workspace: Workspace;
  readonly assumeConsent: boolean;
  /** ms; decisions before it are made but not handed out. */
  readonly from: number | null;
  /** ms; where simulated time ends, itself included. null: at the last event. */
  readonly to: number | null;
  /** Share of the customers who are looked at, 0 to 1, the same ones each time; null and absent: all of them. */
  readonly sample?: number | null;
  /** In the order of the output: by instant, customer, then the customer's own order. */
  readonly onDecision: (decision: DeliveryDecision) => void;
  readonly onTrace?: (customer: string, trace: TraceEntry) => void;
  /** Whose events are looked at; those of others only move the clock. Default everybody's. */
  readonly isLookedAt?: (customer: string) => boolean;
  /** An event that is about to be applied. */
  readonly onEvent?: (event: CustomerEvent | ItemEvent) => void;
  readonly onWhoFalse?: (messageId: string, why: string) => void;
  /** Events that come of Kairos itself: emitted ones, and what became of messages. */
  readonly onOwnEvent?: (event: CustomerEvent) => void;
}

/** A line that could not be read: counted, shown, parked. */
export interface LineProblem {
  readonly field: string;
  readonly reason: string;
}

/** The settings of simulated time: events stand in their right order, so nothing waits for stragglers. */
function withoutGrace(settings: Settings): Settings {
  return { ...settings, graceMs: 0 };
}

type Reading =
  | { readonly kind: 'customer'; readonly event: CustomerEvent; readonly appendTime: number }
  | { readonly kind: 'item'; readonly event: ItemEvent; readonly appendTime: number }
  | ({ readonly kind: 'problem' } & LineProblem);

/**
 * Runs a workspace over recorded events, one call of `line` for each line of the recording in its order; the file is one
 * partition. The same core decides as in production. Nothing reads a clock. What is remembered grows with the customers,
 * and by some bytes for each messageId, since a copy is a copy however late it comes.
 */
export class Simulation {
  private readonly shop: SimulatedShop;
  private readonly rulesets: Rulesets;
  private readonly items: { readonly [event: string]: string };
  private readonly seen = new HashSet();
  private readonly known = new HashSet();
  /** Ids that turned out to be somebody else's. */
  private readonly joined = new HashSet();
  /** Of them, those that had been a customer by then. */
  private joinedCustomers = 0;
  private readonly identities = new Identities((id) => this.shop.isNamed(id));
  /** Customers who are not in the sample. */
  private readonly leftOut = new HashSet();
  private readonly share: number;
  /** Names of track calls, whoever made them. */
  private readonly heard = new Set<string>();
  /** Events that concern message delivery even where no rule listens. */
  private readonly looksAtMessages: boolean;
  private pending: DeliveryDecision[] = [];
  private first: number | null = null;
  private last: number | null = null;
  private ended = false;
  events = 0;
  /** Events that lie more than an hour before one that was taken earlier. */
  disordered = 0;

  constructor(private readonly options: SimulationOptions) {
    const workspace = { ...options.workspace, settings: withoutGrace(options.workspace.settings) };
    const { onTrace, onOwnEvent, onWhoFalse, assumeConsent } = options;
    this.rulesets = rulesetsOf(compileRuleset(workspace, 1, {}));
    this.items = workspace.events?.items ?? {};
    this.looksAtMessages = workspace.settings.channels.length > 1;
    this.share = options.sample ?? 1;
    this.shop = new SimulatedShop({
      rulesets: this.rulesets,
      policy: deliveryPolicy(workspace, { assumeConsent }),
      onDecision: (decision) => this.decided(decision),
      ...(onTrace === undefined ? {} : { onTrace }),
      ...(onOwnEvent === undefined ? {} : { onOwnEvent }),
      ...(onWhoFalse === undefined ? {} : { onWhoFalse }),
    });
  }

  /** All that the files name, also those to whom nothing was said. */
  get customers(): number {
    return this.known.size - this.joinedCustomers;
  }

  /** Messages that have not left: held, deferred. */
  get openMessages(): number {
    return this.shop.openMessages;
  }

  /** Runs that have not ended. */
  get openRuns(): number {
    return this.shop.openRuns;
  }

  /** Events that rules wait for, and that nobody has sent so far. */
  get unheard(): readonly UnheardEvent[] {
    return unheardEvents(this.options.workspace, this.heard);
  }

  /** Simulated time is over (`to`): further lines are not looked at. */
  get hasEnded(): boolean {
    return this.ended;
  }

  /** Instant of the first event on the stream's clock, ms; null before it. */
  get begin(): number | null {
    return this.first;
  }

  /** Where simulated time has come to, ms; null before the first event. */
  get end(): number | null {
    return this.ended ? (this.options.to ?? this.last) : this.last;
  }

  /** Where a customer stands now; null: nobody has heard of her. */
  describe(customer: string): CustomerNow | null {
    return this.shop.describe(this.identities.rootOf(customer));
  }

  /** A customer known from the beginning (`--customers`): traits and consents, no instant passes. */
  customer(json: unknown, fallbackId: string): LineProblem | null {
    // Named apart: line 1 of this file is not line 1 of the recording.
    const reading = this.read(json, `customers, ${fallbackId}`, -Infinity);
    if (reading.kind === 'problem') return reading;
    if (reading.kind === 'item' || reading.event.type !== 'identify')
      return { field: 'type', reason: 'must be identify: the file holds customers' };
    const { customer } = reading.event;
    if (!this.looksAt(customer)) return null;
    this.take({ ...reading.event, historical: true }, `customers, ${fallbackId}`);
    return null;
  }

  /**
   * A line of the recording as it lies in the file, from `start` to `end` (its line end excluded). true: nothing in it
   * concerns anybody, and all is done; false: parse it, and give it to `line`.
   */
  passBy(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.ended) return false;
    const glance = glanceAtLine(bytes, start, end);
    if (glance === null || glance.profile) return false;
    const name = glance.type === 'track' ? glance.name : null;
    if (name !== null) this.heard.add(name);
    if (this.rulesets.concerns(glance.type, name) || (name !== null && this.concernsDelivery(name))) return false;
    if (this.mayJoin(bytes, glance)) return false;
    const { customerStart, customerEnd, idStart, idEnd } = glance;
    const sampled = this.share >= 1 || this.looksAt(decoder.decode(bytes.subarray(customerStart, customerEnd)));
    this.notePlace(glance.place);
    if (!this.passTo(Math.max(this.last ?? -Infinity, glance.place), sampled) || !sampled) return true;
    hashBytes(bytes, customerStart, customerEnd);
    this.known.add(hash.low, hash.high);
    if (idEnd > 0) {
      hashBytes(bytes, idStart, idEnd, true);
      this.seen.add(hash.low, hash.high);
    }
    return true;
  }

  /**
   * One line of the recording, parsed; `fallbackId` names it where it has no messageId.
   * @param historical it was imported: it fills profiles and counters and starts nothing
   */
  line(json: unknown, fallbackId: string, historical = false): LineProblem | null {
    if (this.ended) return null;
    const reading = this.read(json, fallbackId, this.last ?? -Infinity, historical);
    if (reading.kind === 'problem') return reading;
    if (reading.kind === 'item') {
      this.heard.add(reading.event.name);
      if (!this.passTo(reading.appendTime)) return null;
      if (!this.isNew('', reading.event.id, fallbackId, false)) return null;
      this.options.onEvent?.(reading.event);
      this.shop.applyToThing(reading.event);
      return null;
    }
    const { event } = reading;
    if (event.name !== null) this.heard.add(event.name);
    // A guest of the sample who signs in stays in it: else she is reminded of what she bought under her name.
    const sampled = this.looksAt(event.customer) || (event.other !== undefined && this.looksAt(event.other.id));
    if (!this.passTo(reading.appendTime, sampled) || !sampled) return null;
    this.take(event, fallbackId);
    return null;
  }

  /** Simulated time ends: what is due by then acts. */
  finish(): void {
    const end = this.options.to ?? this.last;
    if (end !== null) this.shop.finishAt(end);
    this.ended = true;
    this.handOut(Infinity);
  }

  private take(said: CustomerEvent, fallbackId: string): void {
    const { isLookedAt, onEvent } = this.options;
    const { event, joins } = this.identities.meet(said);
    if (joins !== null) this.noteJoined(joins);
    const isNew = this.isNew(said.customer, said.id, fallbackId);
    if (isLookedAt !== undefined && !isLookedAt(said.customer)) return;
    if (isNew) onEvent?.(event);
    if (isNew) this.shop.apply(event, joins);
    else if (joins !== null) this.shop.join(event, joins);
  }

  private noteJoined(id: string): void {
    hashText(id);
    this.joined.add(hash.low, hash.high);
    if (this.known.has(hash.low, hash.high)) this.joinedCustomers++;
  }

  /** Whether a line that concerns nobody says of two ids that they are one, which nobody has said yet. */
  private mayJoin(bytes: Uint8Array, { type, deviceStart, deviceEnd }: LineGlance): boolean {
    if (type === 'alias') return true;
    if (deviceEnd === 0) return false;
    hashBytes(bytes, deviceStart, deviceEnd);
    return !this.joined.has(hash.low, hash.high);
  }

  /** Drawn once for each customer: a draw costs more than to remember it. */
  private looksAt(customer: string): boolean {
    if (this.share >= 1) return true;
    hashText(customer);
    const { low, high } = hash;
    if (this.known.has(low, high)) return true;
    if (this.leftOut.has(low, high)) return false;
    if (isInSample(customer, this.share)) return true;
    this.leftOut.add(low, high);
    return false;
  }

  /** Single events come late everywhere; a file that is not in the order of time is a mistake. */
  private notePlace(place: number): void {
    if (this.last !== null && place < this.last - DISORDER_MS) this.disordered++;
  }

  /**
   * Lets act what is due before an event of this place; false where simulated time is over.
   * @param counts false: of somebody who is not in the sample, so only the clock hears of it
   */
  private passTo(appendTime: number, counts = true): boolean {
    if (this.options.to !== null && appendTime > this.options.to) {
      this.ended = true;
      return false;
    }
    if (counts) this.events++;
    this.first ??= appendTime;
    this.last = appendTime;
    this.shop.advanceTo(appendTime);
    this.handOut(appendTime);
    return true;
  }

  private concernsDelivery(name: string): boolean {
    return Object.hasOwn(this.items, name) || (this.looksAtMessages && name.startsWith('Message '));
  }

  /** Whether this is the first copy of the event; what has no messageId is no copy of anything. */
  private isNew(customer: string, id: string, fallbackId: string, counts = true): boolean {
    hashText(customer);
    if (counts) this.known.add(hash.low, hash.high);
    if (id === fallbackId) return true;
    hashText(id, true);
    return this.seen.add(hash.low, hash.high);
  }

  private read(json: unknown, fallbackId: string, clock: number, historical = false): Reading {
    const received = instantOf(json, 'receivedAt') ?? instantOf(json, 'timestamp');
    if (received === null) return { kind: 'problem', ...NO_PLACE };
    if (clock !== -Infinity) this.notePlace(received);
    const appendTime = Math.max(clock, received);
    const position = { append: appendTime, fallbackId, historical };
    const item = readItemEvent(json, position, this.items);
    if (item !== null) return item.ok ? { kind: 'item', event: item.event, appendTime } : { kind: 'problem', ...item };
    const reading = readEvent(json, position);
    return reading.ok ? { kind: 'customer', event: reading.event, appendTime } : { kind: 'problem', ...reading };
  }

  private decided(decision: DeliveryDecision): void {
    if (this.pending.length > 0 && this.pending[0]!.at !== decision.at) this.handOut(decision.at);
    this.pending.push(decision);
  }

  /** Decisions of one instant wait for each other, since lines are ordered by customer within it. */
  private handOut(before: number): void {
    if (this.pending.length === 0 || this.pending[0]!.at >= before) return;
    const { from, onDecision } = this.options;
    const lines = this.pending;
    this.pending = [];
    if (lines.length > 1) lines.sort((a, b) => compareCodePoints(a.message.plan.customer, b.message.plan.customer));
    for (const decision of lines) if (from === null || decision.at >= from) onDecision(decision);
  }
}

const decoder = new TextDecoder();

const DISORDER_MS = 3_600_000;

const NO_PLACE: LineProblem = {
  field: 'timestamp',
  reason: 'is missing: a recorded event needs `timestamp` or `receivedAt`, an instant like "2026-03-02T09:00:00.000Z"',
};

function instantOf(json: unknown, field: string): number | null {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, field)) return null;
  const text = (json as { [name: string]: unknown })[field];
  return typeof text === 'string' ? parseInstant(text) : null;
}
