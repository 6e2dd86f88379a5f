import fc from 'fast-check';
import { newCustomerState, nextFire, type CustomerState } from '../customer/customer-state.js';
import { decodeState, encodeState } from '../customer/state-codec.js';
import type { CustomerEvent } from '../event/event.js';
import { applyEvent } from './apply-event.js';
import { compileRuleset, rulesetsOf } from './compile-ruleset.js';
import { noEffects, type Effects } from './effects.js';
import { fireTimers } from './fire-timers.js';
import { at, workspaceOf } from './testing/trial.js';

const RULES = [
  `rule: cart\ncategory: promotional\nstart: { event: Added, where: { event.price: { at least: 20 } }, key: event.cart }\nstop: { event: Cleared, where: { event.cart: start.cart } }\nwhile running: restart wait\nsteps: [{ wait: 1 hour }, { send: cart-1 }, { wait: { for: { event: Viewed }, up to: 2 hours }, then: [{ send: cart-2 }], on timeout: [{ send: cart-3 }] }]\ngoal: { event: Ordered, within: 1 day }`,
  `rule: care\ncategory: promotional\nstart: { event: Ordered }\nagain: after 5 hours\nwho: { has done: { event: Added, at least: 2, within: 1 day } }\nsteps: [{ send: care-1 }, { wait: 30 minutes }, { if: { customer.city: Berlin }, then: [{ send: care-2 }], else: [stop] }]`,
  `rule: seen\ncategory: promotional\nstart: { event: Viewed }\nwhile running: restart\nwho: { has not done: { event: Added, where: { event.cart: start.cart } } }\nsteps: [{ wait: 45 minutes }, { if: { starts.count: 1 }, then: [{ send: seen-1 }] }]`,
  `rule: back\ncategory: promotional\nstart: { inactive: 3 hours, since: [Added, Ordered] }\nagain: never\nsteps: [{ send: back-1 }]`,
];

/** With timers that follow the customer, and one for everybody: of those every event concerns the ruleset. */
const OF_CUSTOMER = [
  'computed: { customer.gap: { average gap: Viewed, within: 12 hours }, customer.seen_at: { last time: Viewed, within: 5 hours } }',
  'rule: ends\ncategory: promotional\nstart: { event: Viewed }\nwhile running: restart wait\nsteps: [{ wait: { until: 30 minutes before customer.ends }, then: [{ send: ends-1 }], on past: [{ send: ends-2 }] }, { wait: { for: { event: Added }, until: "14:00" } }, { wait: 2 x customer.gap }, { wait: { until: 1 hour after customer.seen_at } }, { send: ends-3 }]',
  'rule: by-day\ncategory: promotional\nstart: [{ every: day, at: "12:00" }, { date: customer.ends, every: week }, { date: 20 minutes after customer.seen_at }]\nwhile running: restart\nsteps: [{ send: day-1 }, { wait: 3 hours }, { send: day-2 }]',
  'rule: quiet\ncategory: promotional\nstart: { inactive: 1.5 x customer.gap or 5 hours, since: any event }\nsteps: [{ send: quiet-1 }]',
];

interface Arrival {
  readonly event: CustomerEvent;
  readonly append: number;
}

const START = at('+0m');
const MINUTE = 60_000;

/** A few hours of one customer, some of it late, some of it ahead, all within the day for which ids are remembered. */
const arrivals: fc.Arbitrary<Arrival[]> = fc
  .array(
    fc.record({
      name: fc.constantFrom('Added', 'Added', 'Viewed', 'Ordered', 'Cleared', 'identify'),
      gap: fc.constantFrom(0, 1, 10, 15, 45, 60, 120),
      late: fc.constantFrom(0, 0, 0, -4, 1, 30, 90, 600),
      price: fc.constantFrom(10, 20, 30),
      cart: fc.constantFrom('c1', 'c2'),
      city: fc.constantFrom('Berlin', 'Paris'),
      ends: fc.constantFrom(null, '2026-03-02', '2026-03-02T11:15:00Z', '2026-03-02T13:00:00Z', '2026-03-02T20:00:00Z'),
      timezone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Tokyo'),
    }),
    { maxLength: 14 },
  )
  .map((items) => {
    let append = START;
    return items.map(({ name, gap, late, price, cart, ...traits }, index) => {
      append += gap * MINUTE;
      const identify = name === 'identify';
      const event: CustomerEvent = {
        id: `e${index}`,
        type: identify ? 'identify' : 'track',
        name: identify ? null : name,
        customer: 'ann',
        time: append - late * MINUTE,
        properties: identify ? {} : { price, cart },
        traits: identify ? traits : null,
        consent: null,
        pushToken: null,
        historical: false,
      };
      return { event, append };
    });
  });

function emptyEffects(): Effects {
  return noEffects();
}

class Run {
  state: CustomerState = newCustomerState('ann');
  readonly effects = emptyEffects();
  clock = -Infinity;

  constructor(private readonly settings: string) {}

  private get rulesets() {
    return rulesetsBySettings[this.settings]!;
  }

  take({ event, append }: Arrival): boolean {
    this.pass(append);
    return applyEvent(this.rulesets, this.state, event, this.clock, this.effects);
  }

  pass(append: number): void {
    this.clock = Math.max(this.clock, append);
    if (nextFire(this.state) < this.clock) fireTimers(this.rulesets, this.state, this.clock, this.effects);
  }

  store(): void {
    this.state = decodeState(encodeState(this.state));
  }

  finish(): this {
    this.pass(START + 100 * 24 * 60 * MINUTE);
    return this;
  }
}

const LIVE = 'grace: 10 seconds';
const EXACT = 'grace: 0 seconds';
const EVERYBODY = ', timers of customers';
const rulesetsBySettings = Object.fromEntries(
  [LIVE, EXACT].flatMap((settings) => [
    [settings, rulesetsOf(compileRuleset(workspaceOf(RULES, settings), 1, {}))],
    [settings + EVERYBODY, rulesetsOf(compileRuleset(workspaceOf([...RULES, ...OF_CUSTOMER], settings), 1, {}))],
  ]),
);
const plain = fc.constantFrom(LIVE, EXACT);
const settings = fc.constantFrom(LIVE, EXACT, LIVE + EVERYBODY, EXACT + EVERYBODY);

describe('whatever happens', () => {
  it('replaying any prefix changes nothing', () => {
    fc.assert(
      fc.property(arrivals, fc.nat(14), settings, (all, length, grace) => {
        const run = new Run(grace);
        for (const arrival of all) run.take(arrival);
        const before = encodeState(run.state);
        const effects = JSON.stringify(run.effects);
        for (const { event } of all.slice(0, length)) run.take({ event, append: run.clock });
        expect(JSON.stringify(run.effects)).toBe(effects);
        expect(encodeState(run.state)).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });

  it('storing and loading the state between any two events changes nothing', () => {
    fc.assert(
      fc.property(
        arrivals,
        fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
        settings,
        (all, stored, grace) => {
          const straight = new Run(grace);
          const interrupted = new Run(grace);
          all.forEach((arrival, index) => {
            straight.take(arrival);
            interrupted.take(arrival);
            if (stored[index]!) interrupted.store();
          });
          interrupted.store();
          expect(interrupted.finish().effects).toEqual(straight.finish().effects);
          expect(encodeState(interrupted.state)).toEqual(encodeState(straight.state));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('passing the time in small steps or in one comes to the same where the order is right', () => {
    fc.assert(
      fc.property(arrivals, fc.constantFrom(EXACT, EXACT + EVERYBODY), (all, exact) => {
        const coarse = new Run(exact);
        const fine = new Run(exact);
        for (const arrival of all) {
          coarse.take(arrival);
          for (let clock = Math.max(fine.clock, START); clock < arrival.append; clock += 7 * MINUTE) fine.pass(clock);
          fine.take(arrival);
        }
        expect(fine.finish().effects).toEqual(coarse.finish().effects);
      }),
      { numRuns: 150 },
    );
  });

  it('every planned message has an id of its own, and none is planned ahead of the clock or before it is due', () => {
    fc.assert(
      fc.property(arrivals, settings, (all, grace) => {
        const run = new Run(grace);
        for (const arrival of all) run.take(arrival);
        const { planned } = run.finish().effects;
        expect(new Set(planned.map(({ id }) => id)).size).toBe(planned.length);
        for (const { due, plannedAt } of planned) expect(plannedAt).toBeGreaterThanOrEqual(due);
      }),
      { numRuns: 150 },
    );
  });

  it('an event of a name that no rule mentions changes nothing', () => {
    fc.assert(
      fc.property(arrivals, plain, (all, grace) => {
        const run = new Run(grace);
        for (const arrival of all) run.take(arrival);
        const before = encodeState(run.state);
        const stranger: CustomerEvent = {
          ...(all[0]?.event ?? ghost),
          id: 'stranger',
          type: 'track',
          name: 'Nobody Asked',
          traits: null,
        };
        expect(rulesetsBySettings[grace]!.concerns('track', 'Nobody Asked')).toBe(false);
        expect(run.take({ event: stranger, append: run.clock === -Infinity ? START : run.clock })).toBe(false);
        expect(encodeState(run.state)).toEqual(before);
      }),
    );
  });
});

const ghost: CustomerEvent = {
  id: '',
  type: 'track',
  name: null,
  customer: 'ann',
  time: START,
  properties: {},
  traits: null,
  consent: null,
  pushToken: null,
  historical: false,
};
