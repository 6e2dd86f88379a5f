/**
 * Says what Kairos did wrong, from what it was given and what came out. It knows the rules of `chaos-workspace.ts` by
 * heart and shares no code with the engine: the input as the test made it, the log as the broker kept it, the mails as
 * the server received them, the ledger as rows.
 *
 *   cart-reminder  start Product Added (key cart_id), restart wait, stop Order Completed of the cart, wait, send
 *   welcome        start Signed Up, send at once
 *   nudge          start Coupon Shown, send at once, at most one mail a day
 */
import kafkajs from 'kafkajs';

const placeOf = kafkajs.Partitioners.DefaultPartitioner();

/** Own records of Kairos in the log carry this header. */
const KIND = 'kairos-kind';

export function check(world) {
  const violations = [];
  const planned = replay(world.log, world.partitions, world.rules);
  checkInput(world, violations);
  checkOrder(world, violations);
  const rows = checkLedger(world, planned, violations);
  checkMails(world, planned, rows, violations);
  checkCap(planned, rows, violations);
  const figures = countOutcomes(world, rows);
  checkSums(figures, planned.size, world.unknownBound, violations);
  return { violations, figures: { planned: planned.size, mails: world.mails.length, ...figures } };
}

/** All that was to be sent was; what was acknowledged is in the log as it was sent, and nothing else is, but ticks and forwarded records. */
function checkInput({ scheduled, input, log }, violations) {
  const known = new Map(input.map((event) => [event.messageId, event]));
  for (const id of new Set(scheduled)) if (!known.has(id)) violations.push(`${id} was to be sent and never was`);
  const found = new Set();
  for (const record of log) {
    const event = readRecord(record);
    if (event === null) continue;
    found.add(event.messageId);
    const sent = known.get(event.messageId);
    if (sent === undefined) violations.push(`the log holds ${event.messageId}, which nobody sent`);
    else if (sent.userId !== event.userId || sent.timestamp !== event.timestamp || sent.event !== event.event)
      violations.push(`the log holds ${event.messageId} otherwise than it was sent`);
  }
  for (const { messageId, acknowledged } of input)
    if (acknowledged && !found.has(messageId)) violations.push(`${messageId} was acknowledged and is not in the log`);
}

/**
 * A customer's events lie in the log as they were scheduled, but those that had to be forwarded. What the sender says it
 * sent is no measure: it once sent a sign-up before the address, and the welcome rightly went nowhere.
 */
function checkOrder({ scheduled, log, partitions }, violations) {
  const places = new Map();
  for (const id of scheduled) if (!places.has(id)) places.set(id, places.size);
  const seen = new Set();
  const latest = new Map();
  for (const record of [...log].sort((a, b) => a.partition - b.partition || a.offset - b.offset)) {
    const event = readRecord(record);
    if (event === null || record.headers[KIND] !== undefined || seen.has(event.messageId)) continue;
    if (homeOf(event.userId, partitions) !== record.partition) continue;
    seen.add(event.messageId);
    const before = latest.get(event.userId);
    if (before !== undefined && places.get(before) > places.get(event.messageId))
      violations.push(`the log holds ${before} before ${event.messageId}, which came first`);
    latest.set(event.userId, event.messageId);
  }
}

function readRecord({ headers, value }) {
  const own = headers[KIND] === 'tick' || headers[KIND] === 'ruleset';
  return own || value === null ? null : JSON.parse(value);
}

/** Every message that has to be planned: a function of the log alone. */
function replay(log, partitions, rules) {
  const planned = new Map();
  for (let partition = 0; partition < partitions; partition++) {
    const records = log.filter((record) => record.partition === partition).sort((a, b) => a.offset - b.offset);
    replayPartition(records, partition, partitions, rules, planned);
  }
  return planned;
}

function replayPartition(records, partition, partitions, rules, planned) {
  const carts = new Map();
  const seen = new Set();
  let logTime = 0;
  for (const record of records) {
    logTime = Math.max(logTime, record.appendTime);
    for (const [cart, run] of carts) {
      if (run.fireAt >= logTime) continue;
      plan(planned, 'cart-reminder', run);
      carts.delete(cart);
    }
    const event = readRecord(record);
    if (event === null || homeOf(event.userId, partitions) !== partition) continue;
    const id = `${event.userId} ${event.messageId}`;
    if (seen.has(id)) continue;
    seen.add(id);
    applyEvent(event, logTime, carts, rules, planned);
  }
}

function applyEvent(event, logTime, carts, { waitMs, graceMs }, planned) {
  const customer = event.userId;
  const start = { customer, occurrence: event.messageId, latest: event.messageId };
  switch (event.event) {
    case 'Signed Up':
      return plan(planned, 'welcome', start);
    case 'Coupon Shown':
      return plan(planned, 'nudge', start);
    case 'Product Added': {
      const cart = `${customer} ${event.properties.cart_id}`;
      const time = Date.parse(event.timestamp);
      const run = carts.get(cart) ?? { ...start, cart, startedAt: time };
      if (time < run.startedAt) return undefined;
      const fireAt = time + waitMs + graceMs;
      Object.assign(run, {
        startedAt: time,
        latest: event.messageId,
        fireAt: fireAt > logTime ? fireAt : logTime + waitMs,
      });
      carts.set(cart, run);
      return undefined;
    }
    case 'Order Completed': {
      const cart = `${customer} ${event.properties.cart_id}`;
      carts.delete(cart);
      // What has not left yet may still be withdrawn.
      for (const message of planned.values()) if (message.cart === cart) message.mayBeWithdrawn = true;
      return undefined;
    }
    default:
      return undefined;
  }
}

function plan(planned, rule, { customer, occurrence, latest, cart = null }) {
  const id = idOf(rule, customer, occurrence);
  planned.set(id, { id, rule, customer, latest, cart, mayBeWithdrawn: false });
}

const idOf = (rule, customer, occurrence) => `${rule} of ${customer} for ${occurrence}`;

function homeOf(key, partitions) {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 0 }));
  return placeOf({ topic: '', partitionMetadata, message: { key, value: null } });
}

/** Exactly one final row for each message that had to be planned, and none else. */
function checkLedger({ ledger }, planned, violations) {
  const rows = new Map();
  for (const row of ledger) {
    const id = idOf(row.rule, row.customer, row.occurrence);
    if (rows.has(id)) violations.push(`${id} was planned twice`);
    if (!planned.has(id)) violations.push(`${id} was planned and had no reason to be`);
    rows.set(id, row);
  }
  for (const [id, message] of planned) {
    const row = rows.get(id);
    if (row === undefined) violations.push(`${id} was never planned`);
    else checkOutcome(row, message, violations);
  }
  return rows;
}

function checkOutcome({ outcome, reason }, { id, rule, mayBeWithdrawn }, violations) {
  switch (outcome) {
    case 'sent':
    case 'unknown':
      return;
    case 'suppressed':
      if (reason === 'run_stopped' && mayBeWithdrawn) return;
      if (reason === 'frequency_cap' && rule === 'nudge') return;
      violations.push(`${id} was suppressed as ${reason} without a cause`);
      return;
    default:
      violations.push(`${id} ended as ${outcome} (${reason})`);
  }
}

/** What the server has is what the ledger says was sent, once, to the right address, about the latest start event. */
function checkMails({ mails, domain }, planned, rows, violations) {
  const copies = new Map();
  for (const { to, subject } of mails) {
    const mail = `${subject} to ${to}`;
    copies.set(mail, (copies.get(mail) ?? 0) + 1);
  }
  for (const { id, rule, customer, latest } of planned.values()) {
    const mail = `${rule} ${latest} to ${customer}${domain}`;
    const count = copies.get(mail) ?? 0;
    copies.delete(mail);
    const outcome = rows.get(id)?.outcome;
    const allowed = outcome === 'sent' ? count === 1 : outcome === 'unknown' ? count <= 1 : count === 0;
    if (!allowed) violations.push(`${count} mails arrived for ${id}, which the ledger calls ${outcome}`);
  }
  for (const mail of copies.keys()) violations.push(`a mail arrived that had no reason to be sent: ${mail}`);
}

/** One nudge a day for each customer, and not none. */
function checkCap(planned, rows, violations) {
  const left = new Map();
  for (const { id, rule, customer } of planned.values()) {
    if (rule !== 'nudge') continue;
    const counts = ['sent', 'unknown'].includes(rows.get(id)?.outcome) ? 1 : 0;
    left.set(customer, (left.get(customer) ?? 0) + counts);
  }
  for (const [customer, count] of left)
    if (count !== 1) violations.push(`${count} nudges left for ${customer}, the cap allows 1`);
}

function countOutcomes({ log }, rows) {
  const figures = { sent: 0, suppressed: 0, failed: 0, unknown: 0, open: 0 };
  for (const { outcome } of rows.values()) figures[outcome in figures ? outcome : 'open']++;
  const kinds = { ticks: 0, forwarded: 0 };
  for (const { headers } of log) {
    if (headers[KIND] === 'tick') kinds.ticks++;
    if (headers[KIND] === 'forward') kinds.forwarded++;
  }
  return { ...figures, ...kinds };
}

function checkSums({ sent, suppressed, failed, unknown, open }, planned, unknownBound, violations) {
  const sum = sent + suppressed + failed + unknown + open;
  if (sum !== planned) violations.push(`${planned} planned, but the outcomes sum up to ${sum}`);
  if (unknown > unknownBound) violations.push(`${unknown} outcomes are unknown, ${unknownBound} can be explained`);
}
