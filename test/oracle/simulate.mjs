// Runs a workspace over a recording, customer by customer: customers share nothing but the stream's clock.
import { compareTexts } from './compare.mjs';
import { newCustomer, updateProfile } from './customer.mjs';
import { deliver } from './delivery.mjs';
import { nextLookAtSegments, noteSegments, planLooks } from './segments.mjs';
import { identify, joinCustomers } from './identities.mjs';
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

/** The state of each id; a customer of the file `--customers` is in her segments from the beginning, another enters hers with her first line. */
function contextsOf({ workspace, begin, assumeConsent }, profile) {
  const shared = { order: 0 };
  const contexts = new Map();
  const of = (id) => {
    if (!contexts.has(id))
      contexts.set(id, { workspace, customer: newCustomer(id), clock: begin, assumeConsent, shared });
    return contexts.get(id);
  };
  for (const record of profile) {
    join(contexts, of, record);
    updateProfile(of(record.customer).customer, record);
  }
  for (const context of contexts.values()) {
    context.customer.knownSince = begin;
    noteSegments(context, begin);
    planLooks(context);
  }
  return { contexts, of };
}

/** Takes over the state of the id that a record joins to its customer; its decisions so far stand under the old id. */
function join(contexts, of, { customer, joins }) {
  if (joins === undefined) return;
  const joined = of(joins).customer;
  contexts.delete(joins);
  joinCustomers(of(customer), joined);
  of(customer).customer.decisions.push(...joined.decisions);
}

function simulateCustomer(stretch, profile, records) {
  const { contexts, of } = contextsOf(stretch, profile);
  const actAll = (isReached) => {
    for (const context of contexts.values()) actWhile(context, isReached);
  };
  for (const record of records) {
    if (record.customer !== EVERYBODY) of(record.customer);
    actAll((instant) => instant < record.clock);
    for (const context of contexts.values()) context.clock = record.clock;
    if (record.customer === EVERYBODY) for (const context of contexts.values()) applyItem(context, record);
    else {
      join(contexts, of, record);
      of(record.customer).customer.knownSince ??= record.clock;
      applyLine(of(record.customer), record);
    }
  }
  actAll((instant) => instant <= stretch.end);
  return [...contexts.values()].flatMap(({ customer }) => customer.decisions);
}

/** Ids that turn out to be one customer, together. */
function byRoot(records) {
  const rootOf = new Map();
  for (const { customer, joins } of records) if (joins !== undefined) rootOf.set(joins, customer);
  const root = (id) => (rootOf.has(id) ? root(rootOf.get(id)) : id);
  return {
    root,
    roots: new Set(records.filter(({ customer }) => customer !== EVERYBODY).map(({ customer }) => root(customer))),
  };
}

/** All decisions, ordered by instant, then customer, then the order of that customer's decisions. */
export function simulate({ workspace, records, customers = [], from = -Infinity, to, assumeConsent = false }) {
  const read = to === undefined ? records : records.filter((record) => record.clock <= to);
  const end = to ?? (records.length === 0 ? -Infinity : records[records.length - 1].clock);
  const known = new Map();
  const profiles = identify(customers, known);
  const lines = identify(read, known);
  const stretch = { workspace, begin: records[0]?.clock ?? -Infinity, end, assumeConsent };
  const { root, roots } = byRoot([...profiles, ...lines]);
  const decisions = [...roots].flatMap((id) =>
    simulateCustomer(
      stretch,
      profiles.filter(({ customer }) => root(customer) === id),
      lines.filter(({ customer }) => customer === EVERYBODY || root(customer) === id),
    ),
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
