import { seededRandom } from './seeded-random.js';

/** A Segment call without its timestamp, which is the instant at which it is to be sent. */
export interface ShopCall {
  readonly type: 'track' | 'identify';
  /** Without it a guest's. */
  readonly userId?: string;
  readonly anonymousId?: string;
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
  /** Customers are called this and a number; `c`. */
  readonly name?: string;
  /** Each customer's first event names a device of hers too, on which nothing has happened. */
  readonly devices?: boolean;
  /** So many of them, from 0 to 1, fill a cart before they say who they are. */
  readonly guests?: number;
}

const LONGEST_VISIT_MS = 15_000;

/** Visits of customers to a shop, spread over the time: at least `events` calls, some of them sent twice. */
export function shopTraffic(options: TrafficOptions): Visit[] {
  const { seed, events, lengthMs, name = 'c', devices = false, guests = 0 } = options;
  const random = seededRandom(seed);
  const visits: Visit[] = [];
  for (let total = 0; total < events;) {
    const from = random() * Math.max(0, lengthMs - LONGEST_VISIT_MS);
    const customer = `${name}${visits.length}`;
    const visit =
      guests > 0 && random() < guests ? guestVisit(customer, from, random) : shopVisit(customer, from, random, devices);
    visits.push(visit);
    total += visit.calls.length;
  }
  return visits;
}

/** Notes down the calls of one visit, each a while after the one before; some of them are sent twice or go astray. */
class Diary {
  readonly by: Visit['by'];
  readonly calls: ScheduledCall[] = [];
  clock: number;
  made = 0;

  constructor(
    readonly customer: string,
    from: number,
    private readonly random: () => number,
  ) {
    this.by = random() < 0.4 ? 'kafka' : 'http';
    this.clock = from;
  }

  add(gapMs: number, call: Omit<ShopCall, 'messageId'>): ScheduledCall {
    const { random, customer } = this;
    this.clock += random() * gapMs;
    const at = Math.floor(this.clock);
    const misplaced = this.by === 'kafka' && call.type === 'track' && random() < 0.03;
    const scheduled = { at, happened: at, call: { ...call, messageId: `${customer}.${this.made++}` }, misplaced };
    this.calls.push(scheduled);
    if (random() < 0.03) this.calls.push({ ...scheduled, at: Math.floor(at + random() * 4_000) });
    return scheduled;
  }

  get visit(): Visit {
    return { customer: this.customer, by: this.by, calls: this.calls.sort((a, b) => a.at - b.at) };
  }
}

/** Fills a cart, says who she is, and often pays: before the reminder is due, or about then. */
function guestVisit(customer: string, from: number, random: () => number): Visit {
  const diary = new Diary(customer, from, random);
  const anonymousId = `guest-${customer}`;
  const properties = { cart_id: 'cart' };
  for (let items = 1 + random() * 2; items >= 1; items--)
    diary.add(800, { type: 'track', event: 'Product Added', anonymousId, properties });
  const traits = { email: `${customer}@shop.test`, name: customer };
  diary.add(2_500, { type: 'identify', userId: customer, anonymousId, traits });
  diary.add(50, { type: 'track', event: 'Signed Up', userId: customer });
  if (random() < 0.7) diary.add(2_000, { type: 'track', event: 'Order Completed', userId: customer, properties });
  return diary.visit;
}

function shopVisit(customer: string, from: number, random: () => number, hasDevice: boolean): Visit {
  const diary = new Diary(customer, from, random);
  const add = (gapMs: number, call: Omit<ShopCall, 'userId' | 'messageId'>): ScheduledCall =>
    diary.add(gapMs, { ...call, userId: customer });
  const track = (gapMs: number, event: string, properties: ShopCall['properties'] = {}) =>
    add(gapMs, { type: 'track', event, properties });
  const device = hasDevice ? { anonymousId: `device of ${customer}` } : {};
  add(0, { type: 'identify', ...device, traits: { email: `${customer}@shop.test`, name: customer } });
  track(50, 'Signed Up');
  for (let views = 1 + random() * 4; views >= 1; views--) track(300, 'Product Viewed', { product_id: 'mug' });
  for (let coupons = 1 + random() * 2; coupons >= 1; coupons--) track(400, 'Coupon Shown');
  const addToCart = (): unknown => track(1_500, 'Product Added', { cart_id: 'cart', n: diary.made });
  for (let items = 1 + random() * 3; items >= 1; items--) addToCart();
  if (random() < 0.6) {
    // Between at once and well after the reminder.
    const order = track(5_000, 'Order Completed', { cart_id: 'cart' });
    if (random() < 0.3) {
      addToCart();
      // A client that sends its order again does not stop what began after it.
      if (random() < 0.5) diary.calls.push({ ...order, at: Math.floor(diary.clock + random() * 1_000) });
    }
  }
  return diary.visit;
}

/** Ids of all calls, each customer's in the order in which they are to be sent. */
export function scheduledIds(visits: readonly Visit[]): string[] {
  return visits.flatMap(({ calls }) => calls.map(({ call }) => call.messageId));
}
