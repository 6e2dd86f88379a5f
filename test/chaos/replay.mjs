// What a log says has to be planned, by the rules of `chaos-workspace.ts`: a function of the log alone, which shares no code with the engine.
import kafkajs from 'kafkajs';

const placeOf = kafkajs.Partitioners.DefaultPartitioner();

/** Own records of Kairos in the log carry this header. */
export const KIND = 'kairos-kind';
const NO_EVENT = ['tick', 'ruleset', 'link', 'handover'];

/** The event of a record; null where it is none. */
export function readRecord({ headers, value }) {
  return NO_EVENT.includes(headers[KIND]) || value === null ? null : JSON.parse(value);
}

export const whoseIs = ({ userId, anonymousId }) => userId ?? anonymousId;

export const idOf = (rule, customer, occurrence) => `${rule} of ${customer} for ${occurrence}`;

export function homeOf(key, partitions) {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0 }));
  return placeOf({ topic: '', partitionMetadata, message: { key, value: null } });
}

/** Every message that has to be planned, by its id. */
export function replay(log, shop) {
  // What a guest's partition gives away depends on that partition alone: once to know it, once more with what is given.
  const given = new Map();
  replayAll(log, shop, given, new Map());
  return replayAll(log, shop, new Map(), given);
}

function replayAll(log, shop, gives, given) {
  const planned = new Map();
  for (let partition = 0; partition < shop.partitions; partition++) {
    const records = log.filter((record) => record.partition === partition).sort((a, b) => a.offset - b.offset);
    const part = {
      ...shop,
      partition,
      planned,
      gives,
      given,
      carts: new Map(),
      orders: new Map(),
      seen: new Set(),
      logTime: 0,
    };
    for (const record of records) replayRecord(record, part);
  }
  return planned;
}

function replayRecord(record, part) {
  part.logTime = Math.max(part.logTime, record.appendTime);
  for (const [cart, run] of part.carts) {
    if (run.fireAt >= part.logTime) continue;
    plan(part, 'cart-reminder', run);
    part.carts.delete(cart);
  }
  if (record.headers[KIND] === 'link') return giveAway(JSON.parse(record.value).id, part);
  if (record.headers[KIND] === 'handover') return receive(record.headers, part);
  const event = readRecord(record);
  if (event === null || homeOf(whoseIs(event), part.partitions) !== part.partition) return undefined;
  // A guest who is known by now: it comes again as hers.
  if (part.gives.has(whoseIs(event)) || part.seen.has(event.messageId)) return undefined;
  part.seen.add(event.messageId);
  const { userId, anonymousId } = event;
  if (userId !== undefined && anonymousId !== undefined && homeOf(anonymousId, part.partitions) === part.partition) {
    const isNews = !part.gives.has(anonymousId);
    giveAway(anonymousId, part);
    if (isNews) join(part.gives.get(anonymousId), userId, part);
  }
  return applyEvent(event, part);
}

/** The first that asks gets all. */
function giveAway(device, { gives, carts, seen }) {
  if (gives.has(device)) return;
  const runs = [...carts.values()].filter(({ customer }) => customer === device);
  gives.set(device, { runs, seen: [...seen] });
  for (const { cart } of runs) carts.delete(cart);
}

/** Named after the event that said whose the device is. */
function receive(headers, part) {
  const customer = decodeURIComponent(headers['kairos-customer']);
  for (const [device, gift] of part.given) {
    if (part.owners.get(device) !== customer || part.received?.has(device)) continue;
    (part.received ??= new Set()).add(device);
    join(gift, customer, part);
  }
}

/** What she has bought meanwhile is not reminded of; what is overdue by now waits once more. */
function join({ runs, seen }, customer, part) {
  for (const id of seen) part.seen.add(id);
  for (const run of runs) {
    const cart = `${customer} ${run.name}`;
    if ((part.orders.get(cart) ?? -Infinity) >= run.startedAt) continue;
    part.carts.set(cart, { ...run, customer, cart, fireAt: dueAt(run.fireAt, part) });
  }
}

const dueAt = (fireAt, { logTime, rules }) => (fireAt > logTime ? fireAt : logTime + rules.waitMs);

function applyEvent(event, part) {
  const customer = whoseIs(event);
  const start = { customer, occurrence: event.messageId, latest: event.messageId };
  switch (event.event) {
    case 'Signed Up':
      return plan(part, 'welcome', start);
    case 'Coupon Shown':
      return plan(part, 'nudge', start);
    case 'Product Added':
      return addToCart(event, start, part);
    case 'Order Completed':
      return order(event, customer, part);
    default:
      return undefined;
  }
}

function addToCart(event, start, part) {
  const name = event.properties.cart_id;
  const cart = `${start.customer} ${name}`;
  const startedAt = Date.parse(event.timestamp);
  const run = part.carts.get(cart) ?? { ...start, cart, name, startedAt };
  if (startedAt < run.startedAt) return;
  const fireAt = dueAt(startedAt + part.rules.waitMs + part.rules.graceMs, part);
  part.carts.set(cart, { ...run, startedAt, latest: event.messageId, fireAt });
}

function order(event, customer, { carts, orders, planned }) {
  const cart = `${customer} ${event.properties.cart_id}`;
  carts.delete(cart);
  orders.set(cart, Math.max(orders.get(cart) ?? -Infinity, Date.parse(event.timestamp)));
  // What has not left yet may still be withdrawn.
  for (const message of planned.values()) if (message.cart === cart) message.mayBeWithdrawn = true;
}

function plan({ planned, owners }, rule, { customer, occurrence, latest, cart = null }) {
  const owner = owners.get(customer) ?? customer;
  const id = idOf(rule, owner, occurrence);
  planned.set(id, { id, rule, customer: owner, latest, cart, mayBeWithdrawn: false, ofGuest: owner !== customer });
}
