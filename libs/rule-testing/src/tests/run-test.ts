import {
  compileRuleset,
  deliveryPolicy,
  messageProperties,
  PUSH_TOKENS,
  rulesetsOf,
  type CustomerEvent,
  type DeliveryDecision,
  type Json,
  type JsonObject,
  type OpenRun,
  type TraceEntry,
  type Workspace,
} from '#core';
import { SimulatedShop } from '../simulation/simulated-shop.js';
import { drawChance } from './draw-chance.js';
import { formatMoment } from './moment.js';
import {
  ANSWERS,
  stopOf,
  type Place,
  type RuleTest,
  type TestCustomer,
  type TestEvent,
  type TestFile,
} from './test-file.js';

/** What the core did in one test, in its order. */
export interface TestRun {
  /** Every round of every message: held ones too. */
  readonly decisions: readonly DeliveryDecision[];
  readonly traces: readonly CustomerTrace[];
  /** Paths of the steps that runs have reached, by rule. */
  readonly steps: ReadonlyMap<string, ReadonlySet<string>>;
  /** Events of the test and those that came of Kairos itself, by id. */
  readonly events: ReadonlyMap<string, RunEvent>;
  /** What the test itself makes impossible: somebody opens what was never sent. */
  readonly problems: readonly TestProblem[];
  /** Where the clock stopped, ms. */
  readonly stoppedAt: number;
  /** Runs that are open there; worked out only where it is asked. */
  readonly openRuns: () => readonly (OpenRun & { readonly customer: string })[];
}

/** An event as explanations and coverage speak of it. */
export interface RunEvent {
  readonly kind: TestEvent['call']['kind'] | 'own';
  /** null: traits. */
  readonly name: string | null;
  /** Of `Message …` events. */
  readonly template: string | null;
}

export interface TestProblem {
  readonly place: Place;
  readonly message: string;
}

export interface CustomerTrace {
  readonly customer: string;
  readonly trace: TraceEntry;
}

/** Runs one test in virtual time, with the functions that decide in production; everything is delivered at once. */
export function runTest(workspace: Workspace, file: TestFile, test: RuleTest): TestRun {
  const { clock, customers } = file;
  const decisions: DeliveryDecision[] = [];
  const traces: CustomerTrace[] = [];
  const problems: TestProblem[] = [];
  const steps = new Map<string, Set<string>>();
  const events = new Map(test.events.map((event, index) => [eventId(index), runEvent(event)]));
  const decided = drawChance(workspace, test.chance);
  const shop = new SimulatedShop({
    rulesets: rulesetsOf(compileRuleset(decided, 1, {})),
    policy: deliveryPolicy(decided),
    onDecision: (decision) => void decisions.push(decision),
    onTrace: (customer, trace) => void traces.push({ customer, trace }),
    onStep: (rule, path) => void (steps.get(rule) ?? newSet(steps, rule)).add(path),
    onOwnEvent: (event) => void events.set(event.id, ownEvent(event)),
  });
  const begin = Math.min(clock, ...test.events.map(({ at }) => at));
  shop.advanceTo(begin);
  for (const customer of customers) shop.apply(customerCall(customer, begin));
  test.events.forEach((event, index) => {
    shop.advanceTo(event.at);
    const problem = applyEvent(shop, event, eventId(index), decisions, clock);
    if (problem !== null) problems.push(problem);
  });
  const stoppedAt = stopOf(test, clock);
  shop.finishAt(stoppedAt);
  const openRuns = () =>
    [...new Set(traces.map(({ customer }) => customer))].flatMap((customer) =>
      (shop.describe(customer)?.runs ?? []).map((open) => ({ customer, ...open })),
    );
  return { decisions, traces, steps, events, problems, stoppedAt, openRuns };
}

function newSet(sets: Map<string, Set<string>>, name: string): Set<string> {
  const set = new Set<string>();
  sets.set(name, set);
  return set;
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
    pushToken: pushTokenIn(traits),
    consent: consents,
    historical: true,
  };
}

/** Devices tell their tokens beside the traits; conditions and tests see them as one. */
function pushTokenIn(traits: JsonObject): string | null {
  const tokens = traits[PUSH_TOKENS];
  const newest = Array.isArray(tokens) ? (tokens.at(-1) as Json | undefined) : tokens;
  return typeof newest === 'string' && newest !== '' ? newest : null;
}

// eslint-disable-next-line max-lines-per-function -- one case a kind of event
function applyEvent(
  shop: SimulatedShop,
  { at, call, place }: TestEvent,
  id: string,
  decisions: readonly DeliveryDecision[],
  clock: number,
): TestProblem | null {
  switch (call.kind) {
    case 'item':
      shop.applyToThing({
        id,
        name: call.name,
        item: call.item,
        time: at,
        properties: call.properties,
        historical: false,
      });
      return null;
    case 'event':
      shop.apply({
        ...CALL,
        id,
        type: 'track',
        customer: call.customer,
        time: at,
        name: call.name,
        properties: call.properties,
      });
      return null;
    case 'traits':
      shop.apply({
        ...CALL,
        id,
        type: 'identify',
        customer: call.customer,
        time: at,
        traits: call.traits,
        pushToken: pushTokenIn(call.traits),
      });
      return null;
    case 'answer': {
      const { customer, template, answer } = call;
      // What is delivered at this very instant leaves after its events.
      const sent = decisions.findLast(
        ({ message: { plan }, verdict }) =>
          verdict.kind === 'send' && plan.customer === customer && plan.template === template,
      );
      if (sent === undefined) {
        const until = formatMoment(at, clock);
        return {
          place,
          message: `${customer} ${answer} ${template}, but none was sent to ${customer} before ${until}`,
        };
      }
      shop.apply({
        ...CALL,
        id,
        type: 'track',
        customer,
        time: at,
        name: ANSWERS[answer],
        properties: messageProperties(sent.message.plan, sent.verdict.channel),
      });
      return null;
    }
  }
}

/** Every event of a test is one of its own: none is a copy of another. */
function eventId(index: number): string {
  return `event ${index + 1}`;
}

function runEvent({ call }: TestEvent): RunEvent {
  switch (call.kind) {
    case 'event':
    case 'item':
      return { kind: call.kind, name: call.name, template: null };
    case 'answer':
      return { kind: 'answer', name: ANSWERS[call.answer], template: call.template };
    case 'traits':
      return { kind: 'traits', name: null, template: null };
  }
}

function ownEvent({ name, properties: { template } }: CustomerEvent): RunEvent {
  return { kind: 'own', name, template: typeof template === 'string' ? template : null };
}
