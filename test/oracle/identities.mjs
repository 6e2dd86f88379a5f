// Who is who: ids that turn out to be one customer, and what becomes of two states then.
import { consentOf } from './customer.mjs';
import { compareTexts, isSameKey } from './compare.mjs';
import { EVERYBODY } from './read-recording.mjs';
import { meetsAfterwards } from './triggers.mjs';
import { DAY } from './wall-clock.mjs';

/** The id that a line joins to its customer: an anonymousId beside a userId, or what an `alias` names. */
function joinedBy({ type, userId, anonymousId, previousId }) {
  if (type === 'alias') return userId === undefined ? undefined : previousId;
  return userId === undefined ? undefined : anonymousId;
}

/**
 * Gives every record its customer: the userId, or the anonymousId as long as no userId came with it; the first that came with it wins.
 * `joins` is the id whose state is taken over before the record is applied.
 */
export function identify(records, known = new Map()) {
  const rootOf = (id) => (known.has(id) ? rootOf(known.get(id)) : id);
  return records.map((record) => {
    if (record.customer === EVERYBODY) return record;
    const customer = rootOf(record.customer);
    const joined = joinedBy(record);
    if (joined === undefined || known.has(joined) || rootOf(joined) === customer) return { ...record, customer };
    known.set(joined, customer);
    return { ...record, customer, joins: joined };
  });
}

function joinMaps(into, from, wins) {
  for (const [name, value] of from) if (!into.has(name) || wins(value, into.get(name))) into.set(name, value);
}

/** Nobody can say which of two words at one instant under two ids came later: the greater stays. */
const isLaterWord = (a, b) =>
  a.time > b.time || (a.time === b.time && compareTexts(JSON.stringify(a.value), JSON.stringify(b.value)) > 0);

const byOrder = (a, b) => a.order - b.order;

/** Consent to the more restrictive: where both have said something and one refuses, it is refused. */
function joinConsents(into, from, { categories, channels }) {
  const refused = [];
  for (const category of Object.keys(categories)) {
    for (const channel of channels) {
      const said = [into, from].map((each) => consentOf(each, category, channel));
      if (said.includes(undefined)) continue;
      const isGiven = (value) => value === true || (Array.isArray(value) && value.includes(channel));
      if (said.every(isGiven)) continue;
      const time = Math.max(...[...into.consents, ...from.consents].map((each) => each.time));
      refused.push({ category, channels: [channel], value: false, time });
    }
  }
  into.consents = [...into.consents, ...from.consents].sort((a, b) => a.time - b.time).concat(refused);
}

/** Everything below a rule's steps that is a wait for something. */
function waitsIn(part) {
  if (part === null || typeof part !== 'object') return [];
  const below = Object.values(part).flatMap(waitsIn);
  return part.kind === 'wait for' ? [part, ...below] : below;
}

/** The last 32 events of 7 days that a rule uses in stop, goal or wait-for, in the order of their times. */
function ringOf({ rules }, events, clock) {
  const occasions = rules.flatMap(({ stops, goal, steps }) => [
    ...stops,
    ...(goal ? [goal] : []),
    ...waitsIn(steps).flatMap((wait) => wait.occasions),
  ]);
  const names = new Set(occasions.flatMap((occasion) => (occasion.kind === 'event' ? occasion.names : [])));
  return events
    .filter(({ type, name, time }) => type === 'track' && names.has(name) && time > clock - 7 * DAY)
    .sort((a, b) => a.time - b.time)
    .slice(-32);
}

/** Later by the start, at one instant by its occurrence, then by the id under which it began. */
function isLaterRun(run, other) {
  const order =
    run.start.time - other.start.time ||
    compareTexts(run.occurrence, other.occurrence) ||
    compareTexts(run.drawnFor, other.drawnFor);
  return order > 0;
}

/** Of two runs of one rule and key the later start stays with `restart`, else the earlier. */
function settleRuns(own, incoming) {
  const active = own.filter((run) => run.state === 'active');
  for (const run of incoming.filter((each) => each.state === 'active')) {
    const other = active.find((each) => each.rule === run.rule && isSameKey(each.key, run.key));
    if (other === undefined) continue;
    const loser = isLaterRun(run, other) === (run.rule.whileRunning === 'restart') ? other : run;
    loser.state = 'ended';
    loser.timer = undefined;
  }
}

/** Moves everything of one customer to another at context.clock (of the one who stays). */
export function joinCustomers(context, from) {
  const { customer: into, workspace } = context;
  const rings = [into, from].map(({ events }) => ringOf(workspace, events, context.clock));
  const own = [...into.runs];
  into.formerIds.push(from.id, ...from.formerIds);
  joinMaps(into.traits, from.traits, isLaterWord);
  joinConsents(into, from, workspace);
  joinMaps(into.silences, from.silences, (a, b) => a.event.time > b.event.time);
  joinMaps(into.calendar, from.calendar, (a, b) => a.latest > b.latest);
  for (const name of ['pauses', 'pendingSets', 'latestStarts', 'sent', 'open']) into[name].push(...from[name]);
  for (const name of ['received', 'feedback']) into[name] = [...into[name], ...from[name]].sort(byOrder);
  const ids = new Set(into.events.map((event) => event.id));
  into.events = [...into.events, ...from.events.filter((event) => !ids.has(event.id))].sort(byOrder);
  for (const id of from.seenIds) into.seenIds.add(id);
  for (const name of from.segments) into.segments.add(name);
  into.hasToken ||= from.hasToken;
  into.knownSince = Math.min(into.knownSince ?? Infinity, from.knownSince ?? Infinity);
  into.segmentsLookedAt = Math.max(into.segmentsLookedAt, from.segmentsLookedAt);
  const incoming = from.runs;
  into.runs.push(...incoming);
  for (const run of incoming) meetsAfterwards(context, run, rings[0]);
  for (const run of own) meetsAfterwards(context, run, rings[1]);
  settleRuns(own, incoming);
}
