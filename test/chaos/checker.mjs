/**
 * Says what Kairos did wrong, from what it was given and what came out. It knows the rules of `chaos-workspace.ts` by
 * heart and shares no code with the engine: the input as the test made it, the log as the broker kept it, the mails as
 * the server received them, the ledger as rows.
 *
 *   cart-reminder  start Product Added (key cart_id), restart wait, stop Order Completed of the cart, wait, send
 *   welcome        start Signed Up, send at once
 *   nudge          start Coupon Shown, send at once, at most one mail a day
 */
import { homeOf, idOf, KIND, readRecord, replay, whoseIs } from './replay.mjs';

export function check(world) {
  const violations = [];
  const owners = ownersOf(world.input);
  const planned = replay(world.log, { partitions: world.partitions, rules: world.rules, owners });
  checkInput(world, violations);
  checkOrder(world, violations);
  const rows = checkLedger(world, planned, owners, violations);
  checkMails(world, planned, rows, violations);
  checkCap(planned, rows, violations);
  const figures = countOutcomes(world, rows);
  checkSums(figures, planned.size, world.unknownBound, violations);
  return { violations, figures: { planned: planned.size, mails: world.mails.length, ...figures } };
}

/** Whose devices are: the first that names one has it. */
function ownersOf(input) {
  const owners = new Map();
  for (const { userId, anonymousId } of input)
    if (userId !== undefined && anonymousId !== undefined && !owners.has(anonymousId)) owners.set(anonymousId, userId);
  return owners;
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
    else if (!isTheSame(sent, event, record.headers[KIND]))
      violations.push(`the log holds ${event.messageId} otherwise than it was sent`);
  }
  for (const { messageId, acknowledged } of input)
    if (acknowledged && !found.has(messageId)) violations.push(`${messageId} was acknowledged and is not in the log`);
}

/** What Kairos forwards may have become somebody else's, who the guest turned out to be. */
function isTheSame(sent, event, kind) {
  const isWhole = kind === undefined ? sent.userId === event.userId && sent.anonymousId === event.anonymousId : true;
  return isWhole && Date.parse(sent.timestamp) === Date.parse(event.timestamp) && sent.event === event.event;
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
    if (homeOf(whoseIs(event), partitions) !== record.partition) continue;
    seen.add(event.messageId);
    const before = latest.get(whoseIs(event));
    if (before !== undefined && places.get(before) > places.get(event.messageId))
      violations.push(`the log holds ${before} before ${event.messageId}, which came first`);
    latest.set(whoseIs(event), event.messageId);
  }
}

/** Exactly one final row for each message that had to be planned, and none else. */
function checkLedger({ ledger, optOuts = [] }, planned, owners, violations) {
  const rows = new Map();
  for (const row of ledger) {
    const id = idOf(row.rule, owners.get(row.customer) ?? row.customer, row.occurrence);
    if (rows.has(id)) violations.push(`${id} was planned twice`);
    if (!planned.has(id)) violations.push(`${id} was planned and had no reason to be`);
    rows.set(id, row);
  }
  for (const [id, message] of planned) {
    const row = rows.get(id);
    if (row === undefined) violations.push(`${id} was never planned`);
    else checkOutcome(row, message, optOuts, violations);
  }
  return rows;
}

function checkOutcome({ outcome, reason }, { id, rule, customer, mayBeWithdrawn, ofGuest }, optOuts, violations) {
  switch (outcome) {
    case 'sent':
    case 'unknown':
      return;
    case 'suppressed':
      if (reason === 'run_stopped' && mayBeWithdrawn) return;
      // Who she is was not known when it was due; it may have found out since.
      if (ofGuest && ['no_address', 'no_channel', 'run_stopped'].includes(reason)) return;
      if (reason === 'frequency_cap' && rule === 'nudge') return;
      if (reason === 'no_consent' && rule === 'nudge' && optOuts.includes(customer)) return;
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
  const kinds = { ticks: 0, forwarded: 0, joined: 0 };
  for (const { headers } of log) {
    if (headers[KIND] === 'tick') kinds.ticks++;
    if (headers[KIND] === 'forward') kinds.forwarded++;
    if (headers[KIND] === 'handover') kinds.joined++;
  }
  return { ...figures, ...kinds };
}

function checkSums({ sent, suppressed, failed, unknown, open }, planned, unknownBound, violations) {
  const sum = sent + suppressed + failed + unknown + open;
  if (sum !== planned) violations.push(`${planned} planned, but the outcomes sum up to ${sum}`);
  if (unknown > unknownBound) violations.push(`${unknown} outcomes are unknown, ${unknownBound} can be explained`);
}
