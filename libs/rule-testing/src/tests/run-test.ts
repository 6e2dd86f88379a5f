import {
  compileRuleset,
  deliveryPolicy,
  rulesetsOf,
  type CustomerEvent,
  type DeliveryDecision,
  type Rulesets,
  type TraceEntry,
  type Workspace,
} from '#core';
import { SimulatedShop } from '../simulation/simulated-shop.js';
import type { RuleTest, TestCustomer, TestEvent, TestFile } from './test-file.js';

/** What the core did in one test, in its order. */
export interface TestRun {
  /** Every round of every message: held ones too. */
  readonly decisions: readonly DeliveryDecision[];
  readonly traces: readonly CustomerTrace[];
  /** Where the clock stopped, ms. */
  readonly stoppedAt: number;
}

export interface CustomerTrace {
  readonly customer: string;
  readonly trace: TraceEntry;
}

const MOST_MS = 400 * 86_400_000;

/** Runs one test in virtual time, with the functions that decide in production; everything is delivered at once. */
export function runTest(workspace: Workspace, { clock, customers }: TestFile, test: RuleTest): TestRun {
  const decisions: DeliveryDecision[] = [];
  const traces: CustomerTrace[] = [];
  const shop = new SimulatedShop({
    rulesets: rulesetsFor(workspace, test.heldOut),
    policy: deliveryPolicy(workspace),
    onDecision: (decision) => void decisions.push(decision),
    onTrace: (customer, trace) => void traces.push({ customer, trace }),
  });
  const begin = Math.min(clock, ...test.events.map(({ at }) => at));
  shop.advanceTo(begin);
  for (const customer of customers) shop.apply(customerCall(customer, begin));
  test.events.forEach((event, index) => {
    shop.advanceTo(event.at);
    shop.apply(eventCall(event, index));
  });
  const stoppedAt = test.until ?? Math.max(clock + MOST_MS, shop.now);
  shop.finishAt(stoppedAt);
  return { decisions, traces, stoppedAt };
}

/**
 * Chance is off: the share of every holdout is nobody, or everybody where the test says so. Grace is 0, since the order
 * of the events is right.
 */
function rulesetsFor(workspace: Workspace, heldOut: ReadonlySet<string>): Rulesets {
  const rules = workspace.rules.map((rule) => ({ ...rule, holdout: heldOut.has(rule.name) ? 1 : 0 }));
  return rulesetsOf(compileRuleset({ ...workspace, rules, settings: { ...workspace.settings, graceMs: 0 } }, 1, {}));
}

const CALL = { name: null, properties: {}, traits: null, consent: null, pushToken: null, historical: false } as const;

function customerCall({ name, traits, consents }: TestCustomer, time: number): CustomerEvent {
  return {
    ...CALL,
    id: `customer ${name}`,
    type: 'identify',
    customer: name,
    time,
    traits,
    consent: consents,
    historical: true,
  };
}

function eventCall({ at, customer, call }: TestEvent, index: number): CustomerEvent {
  const base = { ...CALL, id: eventId(index), customer, time: at };
  switch (call.kind) {
    case 'event':
      return { ...base, type: 'track', name: call.name, properties: call.properties };
    case 'traits':
      return { ...base, type: 'identify', traits: call.traits };
  }
}

/** Every event of a test is one of its own: none is a copy of another. */
export function eventId(index: number): string {
  return `event ${index + 1}`;
}

/** The event of this id, for explanations; undefined where it is none of the test's. */
export function eventOf(test: RuleTest, id: string | null): TestEvent | undefined {
  return test.events.find((_, index) => eventId(index) === id);
}
