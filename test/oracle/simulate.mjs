// Runs a workspace over a recording, customer by customer: customers share nothing but the stream's clock.
import { compareTexts } from './compare.mjs';
import { newCustomer, updateProfile } from './customer.mjs';
import { deliver } from './delivery.mjs';
import { applyLine, fireTimers, nextTimerAt } from './triggers.mjs';

function nextInstant(customer) {
  return Math.min(nextTimerAt(customer), ...customer.open.map((message) => message.notBefore));
}

/** Everything that acts at instants for which `isReached` holds: at each instant timers, then delivery. */
function actWhile(context, isReached) {
  for (;;) {
    const instant = nextInstant(context.customer);
    if (instant === Infinity || !isReached(instant)) return;
    context.clock = instant;
    fireTimers(context);
    deliver(context);
  }
}

function simulateCustomer(workspace, id, profile, records, end, assumeConsent) {
  const customer = newCustomer(id);
  const context = { workspace, customer, clock: -Infinity, assumeConsent };
  for (const record of profile) updateProfile(customer, record);
  for (const record of records) {
    actWhile(context, (instant) => instant < record.clock);
    context.clock = record.clock;
    applyLine(context, record);
  }
  actWhile(context, (instant) => instant <= end);
  return customer.decisions;
}

function byCustomer(records) {
  const lists = new Map();
  for (const record of records) {
    if (!lists.has(record.customer)) lists.set(record.customer, []);
    lists.get(record.customer).push(record);
  }
  return lists;
}

/** All decisions, ordered by instant, then customer, then the order of that customer's decisions. */
export function simulate({ workspace, records, customers = [], from = -Infinity, to, assumeConsent = false }) {
  const read = to === undefined ? records : records.filter((record) => record.clock <= to);
  const end = to ?? (records.length === 0 ? -Infinity : records[records.length - 1].clock);
  const profiles = byCustomer(customers);
  const decisions = [...byCustomer(read)].flatMap(([id, own]) =>
    simulateCustomer(workspace, id, profiles.get(id) ?? [], own, end, assumeConsent),
  );
  return decisions
    .filter((decision) => decision.at >= from)
    .sort((a, b) => a.at - b.at || compareTexts(a.customer, b.customer));
}

/** One line of the output, without its line end. */
export function formatDecision({ at, customer, message, channel, outcome, reason, until }) {
  return JSON.stringify({
    at: new Date(at).toISOString(),
    customer,
    rule: message.rule,
    key: message.key,
    step: message.step,
    template: message.template,
    channel,
    outcome,
    reason,
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  });
}
