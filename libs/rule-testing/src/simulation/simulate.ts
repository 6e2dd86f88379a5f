import {
  compareCodePoints,
  compileRuleset,
  deliveryPolicy,
  parseInstant,
  readEvent,
  rulesetsOf,
  type CustomerEvent,
  type DeliveryDecision,
  type Settings,
  type TraceEntry,
  type Workspace,
} from '#core';
import { SimulatedShop } from './simulated-shop.js';

export interface SimulationOptions {
  readonly workspace: Workspace;
  readonly assumeConsent: boolean;
  /** ms; decisions before it are made but not handed out. */
  readonly from: number | null;
  /** ms; where simulated time ends, itself included. null: at the last event. */
  readonly to: number | null;
  /** In the order of the output: by instant, customer, then the customer's own order. */
  readonly onDecision: (decision: DeliveryDecision) => void;
  readonly onTrace?: (customer: string, trace: TraceEntry) => void;
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

/**
 * Runs a workspace over recorded events, one call of `line` for each line of the recording in its order; the file is one
 * partition. The same core decides as in production. Nothing reads a clock.
 */
export class Simulation {
  private readonly shop: SimulatedShop;
  private pending: DeliveryDecision[] = [];
  private first: number | null = null;
  private last: number | null = null;
  private ended = false;
  events = 0;

  constructor(private readonly options: SimulationOptions) {
    const workspace = { ...options.workspace, settings: withoutGrace(options.workspace.settings) };
    this.shop = new SimulatedShop({
      rulesets: rulesetsOf(compileRuleset(workspace, 1, {})),
      policy: deliveryPolicy(workspace, { assumeConsent: options.assumeConsent }),
      onDecision: (decision) => this.decided(decision),
      ...(options.onTrace === undefined ? {} : { onTrace: options.onTrace }),
    });
  }

  get customers(): number {
    return this.shop.customerCount;
  }

  /** Messages that have not left: held, deferred. */
  get openMessages(): number {
    return this.shop.openMessages;
  }

  /** Runs that have not ended. */
  get openRuns(): number {
    return this.shop.openRuns;
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

  /** A customer known from the beginning (`--customers`): traits and consents, no instant passes. */
  customer(json: unknown, fallbackId: string): LineProblem | null {
    // Named apart: line 1 of this file is not line 1 of the recording.
    const reading = this.read(json, `customers, ${fallbackId}`, -Infinity);
    if ('field' in reading) return reading;
    if (reading.event.type !== 'identify')
      return { field: 'type', reason: 'must be identify: the file holds customers' };
    this.shop.apply({ ...reading.event, historical: true });
    return null;
  }

  /** One line of the recording, parsed; `fallbackId` names it where it has no messageId. */
  line(json: unknown, fallbackId: string): LineProblem | null {
    if (this.ended) return null;
    const reading = this.read(json, fallbackId, this.last ?? -Infinity);
    if ('field' in reading) return reading;
    const { event, appendTime } = reading;
    if (this.options.to !== null && appendTime > this.options.to) {
      this.ended = true;
      return null;
    }
    this.events++;
    this.first ??= appendTime;
    this.last = appendTime;
    this.shop.advanceTo(appendTime);
    this.handOut(appendTime);
    this.shop.apply(event);
    return null;
  }

  /** Simulated time ends: what is due by then acts. */
  finish(): void {
    const end = this.options.to ?? this.last;
    if (end !== null) this.shop.finishAt(end);
    this.ended = true;
    this.handOut(Infinity);
  }

  private read(
    json: unknown,
    fallbackId: string,
    clock: number,
  ): { event: CustomerEvent; appendTime: number } | LineProblem {
    const received = instantOf(json, 'receivedAt') ?? instantOf(json, 'timestamp');
    if (received === null)
      return {
        field: 'timestamp',
        reason:
          'is missing: a recorded event needs `timestamp` or `receivedAt`, an instant like "2026-03-02T09:00:00.000Z"',
      };
    const appendTime = Math.max(clock, received);
    const reading = readEvent(json, { append: appendTime, fallbackId, historical: false });
    return reading.ok ? { event: reading.event, appendTime } : { field: reading.field, reason: reading.reason };
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

function instantOf(json: unknown, field: string): number | null {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, field)) return null;
  const text = (json as { [name: string]: unknown })[field];
  return typeof text === 'string' ? parseInstant(text) : null;
}
