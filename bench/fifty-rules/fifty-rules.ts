import { DEPARTMENTS } from '../traffic/shop-traffic.js';

/** Days of silence after an order; the first is what the recording's customers reach within it. */
export const WIN_BACK_DAYS = [20, 45, 60, 90] as const;
/** From this price on the other one of two cart rules of a department holds. */
export const LARGE_PRICE = 100;
/** Departments that care only for customers with so many orders. */
export const CAREFUL_DEPARTMENTS = DEPARTMENTS.slice(0, 5);
export const CAREFUL_ORDERS = 3;

/** Events that rules of this shop wait for and that are rare enough to be missing in the recording. */
const OTHER_EVENTS = [
  'Order Delivered',
  'Order Refunded',
  'Review Written',
  'Subscription Renewed',
  'Subscription Paused',
];
const MORE_EVENTS = [
  'Return Requested',
  'Ticket Opened',
  'Store Visited',
  'Gift Card Bought',
  'Points Redeemed',
  'Wishlist Shared',
];

const abandonedCart = (department: string, size: 'small' | 'large'): string => `
category: promotional
start:
  event: Product Added
  where: { event.department: ${department}, event.price: { ${size === 'large' ? 'at least' : 'less than'}: ${LARGE_PRICE} } }
  key: event.cart_id
while running: restart wait
again: after 1 day
goal: { event: Order Completed, where: { event.cart_id: start.cart_id } }
steps:
  - wait: 1 hour
  - send: hello
`;

const winBack = (event: string, days: number): string => `
category: promotional
start: { inactive: ${days} days, since: ${event} }
again: after 180 days
stop: { event: ${event} }
steps:
  - send: hello
`;

const care = (event: string, department: string | null, orders: number): string => `
category: care
start:
  event: ${event}${department === null ? '' : `\n  where: { event.department: ${department} }`}
  key: event.order_id${orders === 0 ? '' : `\nwho: { has done: { event: ${event}, at least: ${orders}, within: 365 days } }`}
steps:
  - wait: 2 hours
  - send: hello
`;

/** Fifty rules as a shop with ten departments would have them: 20 abandoned carts, 10 win-backs, 20 cares. */
export function fiftyRules(): { readonly [name: string]: string } {
  const rules: Record<string, string> = {};
  for (const department of DEPARTMENTS) {
    rules[`cart-${department}-small`] = abandonedCart(department, 'small');
    rules[`cart-${department}-large`] = abandonedCart(department, 'large');
    rules[`care-${department}`] = care(
      'Order Completed',
      department,
      CAREFUL_DEPARTMENTS.includes(department) ? CAREFUL_ORDERS : 0,
    );
  }
  for (const days of WIN_BACK_DAYS) rules[`win-back-${days}`] = winBack('Order Completed', days);
  MORE_EVENTS.forEach((event, k) => (rules[`win-back-other-${k}`] = winBack(event, 30)));
  [...OTHER_EVENTS, ...MORE_EVENTS.slice(0, 5)].forEach(
    (event, k) => (rules[`care-other-${k}`] = care(event, null, 0)),
  );
  return rules;
}
