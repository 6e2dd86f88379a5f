import { seededRandom } from './random.js';

export const DEPARTMENTS = [
  'audio',
  'bikes',
  'books',
  'garden',
  'kitchen',
  'lamps',
  'office',
  'shoes',
  'sports',
  'toys',
] as const;

export type ShopEventKind = 'view' | 'cart' | 'order';

export interface ShopEvent {
  readonly kind: ShopEventKind;
  readonly customer: string;
  readonly json: string;
}

const NAMES: { readonly [kind in ShopEventKind]: string } = {
  view: 'Product Viewed',
  cart: 'Product Added',
  order: 'Order Completed',
};
/** Carts that may still be bought: their customers are the ones who order. */
const OPEN_CARTS = 4096;

/**
 * An endless stream of a shop's calls as Segment's clients send them, about 330 bytes each: 90 % views, 8 % cart, 2 % orders, half of these of somebody
 * who filled a cart lately. The same seed gives the same calls.
 */
export class ShopTraffic {
  private readonly random: () => number;
  /** Number of the cart that each customer is filling. */
  private readonly carts: Uint32Array;
  private readonly recent: number[] = [];
  private count = 0;

  constructor(
    private readonly customers: number,
    seed: number,
  ) {
    this.random = seededRandom(seed);
    this.carts = new Uint32Array(customers);
  }

  next(time: number): ShopEvent {
    const dice = this.random();
    if (dice < 0.9) return this.event('view', this.anybody(), time);
    if (dice < 0.98) {
      const customer = this.anybody();
      this.recent[this.count % OPEN_CARTS] = customer;
      return this.event('cart', customer, time);
    }
    const candidate = this.recent[Math.floor(this.random() * OPEN_CARTS)];
    return this.order(candidate !== undefined && this.random() < 0.5 ? candidate : this.anybody(), time);
  }

  /** Somebody fills a cart. */
  cart(time: number): ShopEvent {
    return this.cartOf(this.anybody(), time);
  }

  cartOf(customer: number, time: number): ShopEvent {
    return this.event('cart', customer, time);
  }

  /** An order of this customer, with what is in the cart now. */
  order(customer: number, time: number): ShopEvent {
    const event = this.event('order', customer, time);
    this.carts[customer]!++;
    return event;
  }

  private anybody(): number {
    return Math.floor(this.random() * this.customers);
  }

  private event(kind: ShopEventKind, number: number, time: number): ShopEvent {
    const product = Math.floor(this.random() * 5000);
    const customer = `customer-${String(number).padStart(7, '0')}`;
    const json = JSON.stringify({
      type: 'track',
      event: NAMES[kind],
      messageId: `ajs-${(this.count++).toString(36).padStart(9, '0')}`,
      userId: customer,
      timestamp: new Date(time).toISOString(),
      properties: {
        ...(kind === 'order' && { order_id: `o-${this.count}` }),
        ...(kind !== 'view' && { cart_id: `c-${number}-${this.carts[number]}` }),
        product_id: `p-${product}`,
        department: DEPARTMENTS[product % DEPARTMENTS.length],
        price: 5 + (product % 190),
        currency: 'EUR',
      },
      context: {
        library: { name: 'analytics.js', version: '2.1.0' },
        page: { path: `/products/p-${product}` },
        locale: 'de-DE',
      },
    });
    return { kind, customer, json };
  }
}
