import { CAREFUL_DEPARTMENTS, CAREFUL_ORDERS, LARGE_PRICE, WIN_BACK_DAYS } from './fifty-rules.js';
import { nothingFound, type Found } from './found.js';
import type { Recording } from './recording.js';

interface Call {
  readonly event: string;
  readonly userId: string;
  readonly timestamp: string;
  readonly properties: { readonly cart_id: string; readonly department: string; readonly price: number };
}

interface CartRun {
  fireAt: number;
}

const HOUR_MS = 3_600_000;
const GRACE_MS = 10_000;
const SILENCE_MS = WIN_BACK_DAYS[0] * 24 * HOUR_MS;

/**
 * The fifty rules once more, written by hand for just these rules and this recording: shares nothing with the core.
 * Nothing is late, each step is judged at the place in the log where it happens.
 */
export function expectedOf({ values, appendTimes, measuredFrom }: Recording): Found {
  const found = nothingFound();
  const carts = new Map<string, Map<string, CartRun>>();
  const orders = new Map<string, number[]>();
  const cares: number[] = [];
  const begin = appendTimes[measuredFrom - 1]!;
  const end = appendTimes[appendTimes.length - 1]!;
  let logTime = 0;
  values.forEach((value, index) => {
    logTime = Math.max(logTime, appendTimes[index]!);
    const { event, userId, timestamp, properties } = JSON.parse(value.toString()) as Call;
    const time = Date.parse(timestamp);
    const measured = index >= measuredFrom;
    if (event === 'Product Added') addToCart(found, carts, properties, time, logTime);
    if (event !== 'Order Completed') return;
    const before = orders.get(userId) ?? [];
    const silentSince = before.at(-1);
    const careful = CAREFUL_DEPARTMENTS.some((name) => name === properties.department);
    if (!careful || before.length + 1 >= CAREFUL_ORDERS) {
      cares.push(time + 2 * HOUR_MS + GRACE_MS);
      if (measured) found.started.care++;
    }
    if (measured) buyCart(found, carts.get(properties.cart_id), logTime);
    // Only the first order of a customer lies far enough back; the message about the silence after it is taken back.
    if (before.length === 1 && silentSince! + SILENCE_MS + GRACE_MS < logTime) {
      winBack(found);
      found.cancelled++;
    }
    carts.delete(properties.cart_id);
    orders.set(userId, [...before, time]);
  });
  for (const cart of carts.values()) for (const run of cart.values()) if (run.fireAt < end) found.planned++;
  found.planned += cares.filter((fireAt) => fireAt >= begin && fireAt < end).length;
  for (const times of orders.values())
    if (times.length === 1 && times[0]! + SILENCE_MS + GRACE_MS < end) winBack(found);
  return found;
}

function winBack(found: Found): void {
  found.started['win-back']++;
  found.planned++;
}

function addToCart(
  found: Found,
  carts: Map<string, Map<string, CartRun>>,
  { cart_id, department, price }: Call['properties'],
  time: number,
  logTime: number,
): void {
  const rule = `${department} ${price >= LARGE_PRICE}`;
  const cart = carts.get(cart_id) ?? new Map<string, CartRun>();
  carts.set(cart_id, cart);
  const run = cart.get(rule);
  if (run === undefined) {
    cart.set(rule, { fireAt: time + HOUR_MS + GRACE_MS });
    found.started.cart++;
  } else if (run.fireAt >= logTime) {
    run.fireAt = time + HOUR_MS + GRACE_MS;
    found.restarted++;
  }
}

/** Runs that wait reach their goal; the message of one that has finished is taken back. */
function buyCart(found: Found, cart: ReadonlyMap<string, CartRun> | undefined, logTime: number): void {
  for (const { fireAt } of cart?.values() ?? []) {
    if (fireAt >= logTime) found.goals++;
    else {
      found.planned++;
      found.cancelled++;
    }
  }
}
