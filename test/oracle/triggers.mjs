// One event meets the rules: goals, stops, waits, starts, in this order over all rules. And silences.
import { nextOccurrence, valueOf } from './calendar.mjs';
import { holds, valueAt } from './conditions.mjs';
import { compareKeys, compareTexts, isSameKey } from './compare.mjs';
import { mergePendingSets, scopeOf, scopeOfRun, updateProfile } from './customer.mjs';
import { lengthOf } from './durations.mjs';
import {
  answerWait,
  beginRun,
  endRun,
  fireRun,
  leaveVainWaits,
  listensForItsEnd,
  moveWait,
  restartWait,
  waitOf,
} from './runs.mjs';
import { feedbackOfSending, isFeedback, noteFeedback, readFeedback } from './messages.mjs';
import { noteSegments, planLooks } from './segments.mjs';
import { instantOf } from './wall-clock.mjs';

const CALLS = ['track', 'page', 'screen'];

function isNamed(names, event) {
  if (names.includes('any event') && CALLS.includes(event.type)) return true;
  return event.type === 'track' && names.includes(event.name);
}

/** Applies one line to its customer at context.clock, and then what rules emitted. */
export function applyLine(context, event) {
  applyEvent(context, event);
  applyEmitted(context);
}

/** An emitted event is processed after the present one, at the same place of the clock. */
export function applyEmitted(context) {
  while (context.customer.emitted.length > 0) applyEvent(context, context.customer.emitted.shift());
}

/** Counts what happens to all ids of a customer. */
function next({ shared }) {
  shared.order += 1;
  return shared.order;
}

function applyEvent(context, event) {
  const { customer } = context;
  if (event.id !== undefined) {
    if (customer.seenIds.has(event.id)) return;
    customer.seenIds.add(event.id);
  }
  mergePendingSets(customer);
  updateProfile(customer, event);
  customer.events.push({ ...event, traitsThen: new Map(customer.traits), judged: new Map(), order: next(context) });
  const feedback = readFeedback(customer, event);
  happen(context, { time: event.time, event, feedback });
  for (const rule of context.workspace.rules) noteActivity(context, rule, event);
}

/** What happened is counted, changes segments, and meets the rules. */
function happen(context, happening) {
  const { customer } = context;
  if (happening.feedback) noteFeedback(customer, { ...happening.feedback, order: next(context) });
  const changed = noteSegments(context, context.clock);
  planLooks(context);
  for (const run of customer.runs) moveWait(context, run);
  meetRules(context, { ...happening, ...changed });
}

/** After the delivery of an instant: what was sent is something that happens; what was suppressed is waited for in vain. */
export function hearOfDelivery(context, closed) {
  const { customer, clock } = context;
  for (const { message, channel, outcome } of closed) {
    if (message.isWebhook) continue;
    if (outcome === 'sent') {
      const feedback = feedbackOfSending(message, clock);
      const properties = { template: message.template, rule: message.rule, channel, category: message.category };
      customer.sentCount += 1;
      const event = { id: `sent ${customer.sentCount}`, type: 'message', time: clock, properties };
      happen(context, { time: clock, event, feedback });
    } else leaveVainWaits(context, clock);
    applyEmitted(context);
  }
}

/** Segments that change by themselves at context.clock. */
export function lookAtSegments(context) {
  const changed = noteSegments(context, context.clock);
  if (changed.entered.length === 0 && changed.left.length === 0) return;
  meetRules(context, { time: context.clock, event: undefined, ...changed });
  applyEmitted(context);
}

/** Whether an occasion is what happens: { time, event (if any), feedback (if any), entered, left }; `run` is undefined for a start. */
function isOccasion(occasion, happening, scope, run) {
  const { event, feedback, entered, left } = happening;
  if (occasion.kind === 'message') return feedback !== undefined && isFeedback(occasion, feedback, run);
  if (occasion.kind === 'enters') return occasion.segments.some((name) => entered.includes(name));
  if (occasion.kind === 'leaves') return occasion.segments.some((name) => left.includes(name));
  if (occasion.kind !== 'event' || event === undefined) return false;
  return isNamed(occasion.names, event) && holds(occasion.where, scope);
}

/** What stands for `start` or a name given by `as` when no event stands behind what happened. */
const eventOf = ({ event, time }) => event ?? { time, properties: {} };

function meetRules(context, happening) {
  const { customer, workspace } = context;
  const { time, event } = happening;
  const isFor = (run, occasions) =>
    occasions.some((occasion) => isOccasion(occasion, happening, scopeOfRun(context, run, time, { event }), run));

  for (const run of customer.runs.filter((each) => listensForItsEnd(customer, each))) {
    const { goal } = run.rule;
    if (goal && time < run.start.time + goal.within && isFor(run, [goal])) endRun(customer, run, 'goal_reached');
  }
  for (const run of customer.runs.filter((each) => listensForItsEnd(customer, each))) {
    if (isFor(run, run.rule.stops)) endRun(customer, run, 'run_stopped');
  }
  for (const run of [...customer.runs]) {
    const wait = waitOf(run);
    if (wait?.kind === 'wait for' && isFor(run, wait.occasions)) answerWait(context, run, time, eventOf(happening));
  }
  if (happening.feedback?.verb === 'failed') leaveVainWaits(context, time);
  for (const rule of workspace.rules) startBy(context, rule, happening);
}

/**
 * A run that meets what another id of its customer did: ended by what is not older than its start; a wait for it, that had been reached by
 * then, is answered.
 */
export function meetsAfterwards(context, run, events) {
  const { customer } = context;
  for (const event of events.filter(({ time }) => time >= run.start.time)) {
    if (run.state !== 'active' && !customer.open.some((message) => message.run === run)) return;
    const { goal, stops } = run.rule;
    const scope = scopeOfRun(context, run, event.time, { event });
    const happening = { time: event.time, event, entered: [], left: [] };
    const isFor = (occasion) => isOccasion(occasion, happening, scope, run);
    if (goal && event.time < run.start.time + goal.within && isFor(goal)) return endRun(customer, run, 'goal_reached');
    if (stops.some(isFor)) return endRun(customer, run, 'run_stopped');
    const wait = waitOf(run);
    if (wait?.kind === 'wait for' && event.time >= run.reachedAt && wait.occasions.some(isFor))
      answerWait(context, run, event.time, event);
  }
}

function keyOf(occasion, event, scope) {
  if (occasion.key === undefined) return null;
  const paths = [occasion.key].flat();
  const values = paths.map((path) => valueAt(path, scope));
  if (values.some((value) => value === undefined)) return undefined;
  const texts = values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)));
  return texts.length === 1 ? texts[0] : texts;
}

function startBy(context, rule, happening) {
  const { time, event } = happening;
  const scope = scopeOf(context.customer, context.workspace, time, { event });
  const occasion = rule.starts.find((each) => isOccasion(each, happening, scope));
  if (occasion === undefined) return;
  const key = keyOf(occasion, event, scope);
  if (key === undefined) return;
  const isTooLate = context.clock - time > rule.tooLateAfter;
  const isEvent = occasion.kind === 'event' || occasion.kind === 'message';
  startOrMeet(context, rule, key, { time, event: eventOf(happening), isTooLate, isEvent });
}

function againAllows({ customer }, rule, key, time) {
  const { again } = rule;
  const earlier = customer.latestStarts
    .filter((start) => start.rule === rule && (again.perCustomer || isSameKey(start.key, key)))
    .map((start) => start.time);
  if (again.kind === 'always' || earlier.length === 0) return true;
  return again.kind === 'after' && time >= Math.max(...earlier) + again.length;
}

/** Whole days of the workspace's zone, `from` included, `until` not. */
function isActive({ active }, time, zone) {
  if (active === undefined) return true;
  if (active === 'never') return false;
  const midnight = (day) => instantOf(Date.parse(day), zone);
  return (
    (active.from === undefined || time >= midnight(active.from)) &&
    (active.until === undefined || time < midnight(active.until))
  );
}

/** A start meets the active run of its key, or begins a run where there is none. */
export function startOrMeet(context, rule, key, start) {
  const { customer, workspace } = context;
  const known = { start: start.event, startTime: start.time, starts: [start.event] };
  const isAllowed = () =>
    !start.isTooLate &&
    isActive(rule, start.time, workspace.zone) &&
    holds(rule.who, scopeOf(customer, workspace, start.time, known));
  const running = customer.runs.find((run) => run.rule === rule && run.state === 'active' && isSameKey(run.key, key));
  if (running === undefined) {
    if (isAllowed() && againAllows(context, rule, key, start.time)) beginRun(context, rule, key, start);
    return;
  }
  if (start.time < running.start.time) return;
  if (rule.whileRunning === 'restart wait' && start.isEvent) restartWait(context, running, start);
  if (rule.whileRunning === 'collect' && start.isEvent) running.starts.push(start.event);
  if (rule.whileRunning === 'restart' && isAllowed()) {
    running.state = 'ended';
    running.timer = undefined;
    beginRun(context, rule, key, start);
  }
}

/** Activity moves the one silence of each `inactive` of a rule, never backwards; of equal times the later in the stream is the last. */
function noteActivity(context, rule, event) {
  const { customer, workspace } = context;
  for (const occasion of rule.starts.filter((each) => each.kind === 'inactive' && isNamed(each.since, event))) {
    if (!holds(occasion.where, scopeOf(customer, workspace, event.time, { event }))) continue;
    const known = customer.silences.get(occasion);
    if (known !== undefined && event.time < known.event.time) continue;
    if (known?.isOver && event.time === known.event.time) continue;
    customer.silences.set(occasion, { rule, occasion, event, isOver: false });
  }
}

function timersOfRuns({ customer }) {
  return customer.runs
    .filter((run) => run.timer)
    .map((run) => ({ ...run.timer, rule: run.rule, key: run.key, rank: 0, fire: (context) => fireRun(context, run) }));
}

/** A silence is as long as it is now; one of a length that nobody knows does not end. */
function timersOfSilences({ customer, workspace, clock }) {
  const scope = scopeOf(customer, workspace, clock);
  return [...customer.silences.values()]
    .filter((silence) => !silence.isOver)
    .map((silence) => ({ silence, length: lengthOf(silence.occasion.silence, (path) => valueAt(path, scope)) }))
    .filter(({ length }) => length !== undefined)
    .map(({ silence, length }) => {
      const due = silence.event.time + length;
      const fire = (context) => fireSilence(context, silence, due);
      return { due, fireAt: Math.max(due, clock), rule: silence.rule, key: null, rank: 1, fire };
    });
}

/** Occurrences after she became known, and after the last one; none is made up for. */
function timersOfCalendar({ customer, workspace, clock }) {
  if (customer.knownSince === undefined) return [];
  const scope = scopeOf(customer, workspace, clock);
  return workspace.rules.flatMap((rule) =>
    rule.starts
      .filter((occasion) => occasion.kind === 'date' || occasion.kind === 'every')
      .map((occasion) => {
        const { latest, fired } = customer.calendar.get(occasion) ?? { latest: customer.knownSince, fired: new Set() };
        const due = nextOccurrence(occasion, scope, Math.max(latest + 1, clock), fired);
        return {
          due,
          fireAt: due,
          rule,
          key: null,
          rank: 1,
          fire: (context) => fireDate(context, rule, occasion, due),
        };
      }),
  );
}

const timersOf = (context) => [...timersOfRuns(context), ...timersOfSilences(context), ...timersOfCalendar(context)];

export function nextTimerAt(context) {
  return Math.min(...timersOf(context).map((timer) => timer.fireAt));
}

/** All timers that act at context.clock, in the order (due, rule, key), with those that they arm for the same instant. */
export function fireTimers(context) {
  for (;;) {
    const due = timersOf(context).filter((timer) => timer.fireAt <= context.clock);
    if (due.length === 0) return;
    due.sort(
      (a, b) => a.due - b.due || compareTexts(a.rule.name, b.rule.name) || compareKeys(a.key, b.key) || a.rank - b.rank,
    );
    due[0].fire(context);
    applyEmitted(context);
  }
}

function fireSilence(context, silence, due) {
  silence.isOver = true;
  const isTooLate = context.clock - due > silence.rule.tooLateAfter;
  startOrMeet(context, silence.rule, null, { time: due, event: silence.event, isTooLate, isEvent: false });
}

function fireDate(context, rule, occasion, due) {
  const { customer, workspace } = context;
  const fired = customer.calendar.get(occasion)?.fired ?? new Set();
  if (occasion.kind === 'date') fired.add(valueOf(occasion.moment, scopeOf(customer, workspace, due)));
  customer.calendar.set(occasion, { latest: due, fired });
  const event = { time: due, properties: {} };
  startOrMeet(context, rule, null, { time: due, event, isTooLate: false, isEvent: false });
}
