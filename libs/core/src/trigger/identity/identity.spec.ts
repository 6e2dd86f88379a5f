import fc from 'fast-check';
import { newCustomerState, nextFire, type CustomerState } from '../../customer/customer-state.js';
import { decodeState, encodeState } from '../../customer/state-codec.js';
import type { CustomerEvent, JsonObject } from '../../event/event.js';
import { applyEvent } from '../apply-event.js';
import { compileRuleset, rulesetsOf } from '../compile-ruleset.js';
import { customerValues } from '../computed/customer-values.js';
import { noEffects, type Effects } from '../effects.js';
import { fireTimers } from '../fire-timers.js';
import type { Rulesets } from '../ruleset.js';
import { at, workspaceOf } from '../testing/trial.js';
import { followJoin } from './follow-join.js';
import { isJoined, joinCustomers } from './join-customers.js';

const CART =
  'rule: cart\ncategory: promotional\nstart: { event: Added, key: event.cart }\nstop: { event: Cleared, where: { event.cart: start.cart } }\nsteps: [{ wait: 1 hour }, { send: cart }]\ngoal: { event: Ordered, within: 1 day }';
const COMPUTED = `computed:
  customer.added: { count: Added }
  customer.recent: { count: Added, within: 3 hours }
  customer.spent: { sum: event.total, of: Ordered }
  customer.spent_lately: { sum: event.total, of: Ordered, within: 5 hours }
  customer.dearest: { max: event.total, of: Ordered }
  customer.cheapest: { min: event.total, of: Ordered, within: 4 hours }
  customer.first_cart: { first: event.cart, of: Added }
  customer.last_cart: { last: event.cart, of: Added }
  customer.gap: { average gap: Added }
  customer.carts: { list: event.cart, of: Added, until: [Cleared, Ordered], keep: [event.total], within: 6 hours }
segments:
  rich: { customer.spent: { at least: 100 } }`;
const READER =
  'rule: reader\ncategory: promotional\nstart: { enters: rich }\nwho: { all: [{ customer.added: { at least: 1 } }, { customer.recent: { at least: 0 } }, { customer.spent_lately: { at least: 0 } }, { customer.dearest: { at least: 0 } }, { customer.cheapest: { at least: 0 } }, { customer.first_cart: { exists: true } }, { customer.last_cart: { exists: true } }, { customer.gap: { at least: 0 } }, { customer.carts: { exists: true } }] }\nsteps: [{ send: rich }]';

const rulesetsOfAll = (...rules: string[]): Rulesets => rulesetsOf(compileRuleset(workspaceOf(rules), 1, {}));

let count = 0;
const event = (customer: string, name: string | null, time: number, properties: JsonObject = {}): CustomerEvent => ({
  id: `event-${++count}`,
  type: name === null ? 'identify' : 'track',
  name,
  customer,
  time,
  properties,
  traits: name === null ? properties : null,
  consent: null,
  pushToken: null,
  historical: false,
});

/** All that happens to one id, each at its own time. */
function lived(rulesets: Rulesets, id: string, events: readonly CustomerEvent[], effects = noEffects()): CustomerState {
  let state = newCustomerState(id);
  for (const one of events) {
    fireTimers(rulesets, state, one.time, effects);
    applyEvent(rulesets, state, one, one.time, effects);
    state = decodeState(encodeState(state));
  }
  return state;
}

function join(
  rulesets: Rulesets,
  into: CustomerState,
  from: CustomerState,
  time: number,
  effects: Effects = noEffects(),
): CustomerState {
  const state = decodeState(encodeState(into));
  joinCustomers(rulesets, state, decodeState(encodeState(from)), time, effects);
  followJoin(rulesets, state, time, time, effects);
  return decodeState(encodeState(state));
}

/** What whoever looks at her sees; the order of what was said at different times included. */
function seen(rulesets: Rulesets, state: CustomerState, now: number): unknown {
  return {
    values: customerValues(rulesets, state, now),
    runs: state.runs.map(({ rule, key, startedAt, due }) => ({ rule, key, startedAt, due })),
    ring: state.identity.ring.map((one) => [one.name, one.time, one.properties]),
    inside: [...state.computed.memberships].map(([, { inside }]) => inside),
  };
}

const MINUTE = 60_000;
const happening = fc.record({
  who: fc.nat(2),
  name: fc.constantFrom('Added', 'Added', 'Added', 'Ordered', 'Cleared', null),
  cart: fc.constantFrom('c1', 'c2', 'c3'),
  total: fc.integer({ min: 1, max: 90 }),
  city: fc.constantFrom('Berlin', 'Wien', 'Oslo'),
});

describe('ids of one customer', () => {
  const rulesets = rulesetsOfAll(COMPUTED, READER);
  const ids = ['ann', 'phone', 'laptop'];

  it('come to the same in whatever order they are joined, and to what one id would have known', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), (all) => {
        const events = all.map(({ who, name, cart, total, city }, place) =>
          event(ids[who]!, name, at('+0m') + place * 17 * MINUTE, name === null ? { city } : { cart, total }),
        );
        const end = at('+0m') + 41 * 17 * MINUTE;
        const [ann, phone, laptop] = ids.map((id) =>
          lived(
            rulesets,
            id,
            events.filter(({ customer }) => customer === id),
          ),
        ) as [CustomerState, CustomerState, CustomerState];
        const one = join(rulesets, join(rulesets, ann, phone, end), laptop, end);
        const other = join(rulesets, join(rulesets, ann, laptop, end), phone, end);
        const nested = join(rulesets, ann, join(rulesets, laptop, phone, end), end);
        expect(seen(rulesets, other, end)).toEqual(seen(rulesets, one, end));
        expect(seen(rulesets, nested, end)).toEqual(seen(rulesets, one, end));
        const straight = lived(rulesets, 'ann', events);
        expect(customerValues(rulesets, one, end)).toEqual(customerValues(rulesets, straight, end));
        for (const id of ids) expect(isJoined(one, id)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('remember what was seen under each of them, so that a copy stays a copy', () => {
    const added = event('phone', 'Added', at('+0m'), { cart: 'c1' });
    const state = join(rulesets, newCustomerState('ann'), lived(rulesets, 'phone', [added]), at('+1m'));
    const before = encodeState(state);
    expect(applyEvent(rulesets, state, { ...added, customer: 'ann' }, at('+2m'), noEffects())).toBe(false);
    expect(encodeState(state)).toEqual(before);
  });
});

describe('a guest who is somebody', () => {
  const rulesets = rulesetsOfAll(CART);
  const reminders = (state: CustomerState, effects: Effects): string[] => {
    fireTimers(rulesets, state, at('+2d'), effects);
    const withdrawn = new Set(effects.cancelled.map(({ messageId }) => messageId));
    return effects.planned.filter(({ id }) => !withdrawn.has(id)).map(({ customer }) => customer);
  };

  it.each([
    ['after the cart was filled, before the ids were known as one', 'ann', true],
    ['before the cart was filled', 'ann', false],
    ['on the device, and the cart is hers', 'phone', true],
  ])('is reminded of no cart that was paid for: %s', (_, payer, paid) => {
    const order = event(payer, 'Ordered', at(paid ? '+30m' : '-30m'), {});
    const cart = event(payer === 'ann' ? 'phone' : 'ann', 'Added', at('+0m'), { cart: 'c1' });
    const effects = noEffects();
    const of = (id: string) =>
      lived(
        rulesets,
        id,
        [order, cart].filter(({ customer }) => customer === id),
        effects,
      );
    const state = join(rulesets, of('ann'), of('phone'), at('+40m'), effects);
    expect(reminders(state, effects)).toEqual(paid ? [] : ['ann']);
  });

  it('keeps one of two runs of a cart, the earlier, and its message is the one it would have been', () => {
    const effects = noEffects();
    const guest = lived(rulesets, 'phone', [event('phone', 'Added', at('+0m'), { cart: 'c1' })], effects);
    const alone = decodeState(encodeState(guest));
    const user = lived(rulesets, 'ann', [event('ann', 'Added', at('+10m'), { cart: 'c1' })], effects);
    const state = join(rulesets, user, guest, at('+20m'), effects);
    expect(state.runs.map(({ startedAt }) => startedAt)).toEqual([at('+0m')]);
    const [mine, hers] = [noEffects(), noEffects()];
    fireTimers(rulesets, state, at('+2d'), mine);
    fireTimers(rulesets, alone, at('+2d'), hers);
    expect(mine.planned).toMatchObject([{ customer: 'ann', id: hers.planned[0]!.id, due: at('+1h') }]);
  });

  it('whose run is overdue where it comes to waits for what is still on its way', () => {
    const graceful = rulesetsOf(compileRuleset(workspaceOf([CART], 'grace: 10 seconds'), 1, {}));
    const guest = lived(graceful, 'phone', [event('phone', 'Added', at('+0m'), { cart: 'c1' })]);
    const state = newCustomerState('ann');
    joinCustomers(graceful, state, guest, at('+2h'), noEffects());
    expect(nextFire(state)).toBe(at('+2h5m'));
  });
});
