import { seededRandom } from './seeded-random.js';

/** A Segment call without its timestamp, which is the instant at which it is to be sent. */
export interface ShopCall {
  readonly type: 'track' | 'identify';
  readonly userId: string;
  readonly messageId: string;
  readonly event?: string;
  readonly traits?: { readonly [name: string]: unknown };
  readonly properties?: { readonly [name: string]: unknown };
}

export interface ScheduledCall {
  /** When it is sent, ms after the beginning. */
  readonly at: number;
  /** When it happened: earlier where it is sent for the second time. */
  readonly happened: number;
  readonly call: ShopCall;
  /** To Kafka, but not to the partition of its key. */
  readonly misplaced: boolean;
}

export interface Visit {
  readonly customer: string;
  readonly by: 'http' | 'kafka';
  /** In the order in which they are sent. */
  readonly calls: readonly ScheduledCall[];
}

export interface TrafficOptions {
  readonly seed: number;
  readonly events: number;
  readonly lengthMs: number;
}

const LONGEST_VISIT_MS = 15_000;

/** Visits of customers to a shop, spread over the time: at least `events` calls, some of them sent twice. */
export function shopTraffic({ seed, events, lengthMs }: TrafficOptions): Visit[] {
  const random = seededRandom(seed);
  const visits: Visit[] = [];
  for (let total = 0; total < events;) {
    const visit = shopVisit(`c${visits.length}`, random() * Math.max(0, lengthMs - LONGEST_VISIT_MS), random);
    visits.push(visit);
    total += visit.calls.length;
  }
  return visits;
}

function shopVisit(customer: string, from: number, random: () => number): Visit {
  const by = random() < 0.4 ? 'kafka' : 'http';
  const calls: ScheduledCall[] = [];
  let clock = from;
  let made = 0;
  const add = (gapMs: number, call: Omit<ShopCall, 'userId' | 'messageId'>): ScheduledCall => {
    clock += random() * gapMs;
    const at = Math.floor(clock);
    const misplaced = by === 'kafka' && call.type === 'track' && random() < 0.03;
    const scheduled = {
      at,
      happened: at,
      call: { ...call, userId: customer, messageId: `${customer}.${made++}` },
      misplaced,
    };
    calls.push(scheduled);
    if (random() < 0.03) calls.push({ ...scheduled, at: Math.floor(at + random() * 4_000) });
    return scheduled;
  };
  const track = (gapMs: number, event: string, properties: ShopCall['properties'] = {}) =>
    add(gapMs, { type: 'track', event, properties });
  add(0, { type: 'identify', traits: { email: `${customer}@shop.test`, name: customer } });
  track(50, 'Signed Up');
  for (let views = 1 + random() * 4; views >= 1; views--) track(300, 'Product Viewed', { product_id: 'mug' });
  for (let coupons = 1 + random() * 2; coupons >= 1; coupons--) track(400, 'Coupon Shown');
  const addToCart = (): unknown => track(1_500, 'Product Added', { cart_id: 'cart', n: made });
  for (let items = 1 + random() * 3; items >= 1; items--) addToCart();
  if (random() < 0.6) {
    // Between at once and well after the reminder.
    const order = track(5_000, 'Order Completed', { cart_id: 'cart' });
    if (random() < 0.3) {
      addToCart();
      // A client that sends its order again does not stop what began after it.
      if (random() < 0.5) calls.push({ ...order, at: Math.floor(clock + random() * 1_000) });
    }
  }
  return { customer, by, calls: calls.sort((a, b) => a.at - b.at) };
}

/** Ids of all calls, each customer's in the order in which they are to be sent. */
export function scheduledIds(visits: readonly Visit[]): string[] {
  return visits.flatMap(({ calls }) => calls.map(({ call }) => call.messageId));
}
