// Runs a workspace over a recording, customer by customer: customers share nothing but the stream's clock.
import { compareTexts } from './compare.mjs';
import { newCustomer, updateProfile } from './customer.mjs';
import { deliver } from './delivery.mjs';
import { nextLookAtSegments, noteSegments, planLooks } from './segments.mjs';
import { EVERYBODY } from './read-recording.mjs';
import { applyItem } from './item-events.mjs';
import { applyLine, fireTimers, hearOfDelivery, lookAtSegments, nextTimerAt } from './triggers.mjs';

function nextInstant(context) {
  const { customer } = context;
  const releases = customer.open.map((message) => message.notBefore);
  return Math.min(nextLookAtSegments(context), nextTimerAt(context), ...releases);
}

/** Everything that acts at instants for which `isReached` holds: at each instant segments, then timers, then delivery. */
function actWhile(context, isReached) {
  for (;;) {
    const instant = nextInstant(context);
    if (instant === Infinity || !isReached(instant)) return;
    context.clock = instant;
    if (nextLookAtSegments(context) <= instant) lookAtSegments(context);
    fireTimers(context);
    hearOfDelivery(context, deliver(context));
  }
}

/** A customer of the file `--customers` is in her segments from the beginning; another enters hers with her first line. */
function simulateCustomer(workspace, id, profile, records, { begin, end, assumeConsent }) {
  const customer = newCustomer(id);
  const context = { workspace, customer, clock: begin, assumeConsent };
  for (const record of profile) updateProfile(customer, record);
  if (profile.length > 0) {
    customer.knownSince = begin;
    noteSegments(context, begin);
    planLooks(context);
  }
  for (const record of records) {
    actWhile(context, (instant) => instant < record.clock);
    context.clock = record.clock;
    if (record.customer === EVERYBODY) applyItem(context, record);
    else {
      customer.knownSince ??= record.clock;
      applyLine(context, record);
    }
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
  const ids = new Set([...customers, ...read].map((record) => record.customer).filter((id) => id !== EVERYBODY));
  const recordsOf = (id) => read.filter(({ customer }) => customer === id || customer === EVERYBODY);
  const stretch = { begin: records[0]?.clock ?? -Infinity, end, assumeConsent };
  const decisions = [...ids].flatMap((id) =>
    simulateCustomer(workspace, id, profiles.get(id) ?? [], recordsOf(id), stretch),
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
