// One event meets the rules: goals, stops, waits, starts, in this order over all rules. And silences.
import { holds, valueAt } from './conditions.mjs';
import { compareKeys, compareTexts, isSameKey } from './compare.mjs';
import { mergePendingSets, scopeOf, scopeOfRun, updateProfile } from './customer.mjs';
import { lengthOf } from './durations.mjs';
import { answerWait, beginRun, endRun, fireRun, listensForItsEnd, restartWait, waitOf } from './runs.mjs';
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
function applyEmitted(context) {
  while (context.customer.emitted.length > 0) applyEvent(context, context.customer.emitted.shift());
}

function applyEvent(context, event) {
  const { customer } = context;
  if (event.id !== undefined) {
    if (customer.seenIds.has(event.id)) return;
    customer.seenIds.add(event.id);
  }
  mergePendingSets(customer);
  updateProfile(customer, event);
  customer.events.push({ ...event, traitsThen: new Map(customer.traits) });
  const isOccasion = (occasions, run) =>
    occasions.some(
      (occasion) =>
        occasion.kind === 'event' &&
        isNamed(occasion.names, event) &&
        holds(occasion.where, scopeOfRun(context, run, event.time, { event })),
    );

  for (const run of customer.runs.filter((each) => listensForItsEnd(customer, each))) {
    const { goal } = run.rule;
    if (goal && event.time < run.start.time + goal.within && isOccasion([goal], run))
      endRun(customer, run, 'goal_reached');
  }
  for (const run of customer.runs.filter((each) => listensForItsEnd(customer, each))) {
    if (isOccasion(run.rule.stops, run)) endRun(customer, run, 'run_stopped');
  }
  for (const run of [...customer.runs]) {
    const wait = waitOf(run);
    if (wait?.kind === 'wait for' && isOccasion(wait.occasions, run)) answerWait(context, run, event.time, event);
  }
  for (const rule of context.workspace.rules) startByEvent(context, rule, event);
  for (const rule of context.workspace.rules) noteActivity(context, rule, event);
}

function keyOf(occasion, event, scope) {
  if (occasion.key === undefined) return null;
  const paths = [occasion.key].flat();
  const values = paths.map((path) => valueAt(path, scope));
  if (values.some((value) => value === undefined)) return undefined;
  const texts = values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)));
  return texts.length === 1 ? texts[0] : texts;
}

function startByEvent(context, rule, event) {
  const scope = scopeOf(context.customer, context.workspace, event.time, { event });
  const occasion = rule.starts.find(
    (each) => each.kind === 'event' && isNamed(each.names, event) && holds(each.where, scope),
  );
  if (occasion === undefined) return;
  const key = keyOf(occasion, event, scope);
  if (key === undefined) return;
  const isTooLate = context.clock - event.time > rule.tooLateAfter;
  startOrMeet(context, rule, key, { time: event.time, event, isTooLate, isEvent: true });
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
function startOrMeet(context, rule, key, start) {
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
  const { customer, workspace, clock } = context;
  for (const occasion of rule.starts.filter((each) => each.kind === 'inactive' && isNamed(each.since, event))) {
    if (!holds(occasion.where, scopeOf(customer, workspace, event.time, { event }))) continue;
    const known = customer.silences.get(occasion);
    const isOver = known !== undefined && known.timer === undefined;
    if (known !== undefined && (event.time < known.event.time || (isOver && event.time === known.event.time))) continue;
    const due = event.time + lengthOf(occasion.silence);
    customer.silences.set(occasion, { rule, event, timer: { due, fireAt: Math.max(due, clock) } });
  }
}

function timersOf(customer) {
  const ofRuns = customer.runs
    .filter((run) => run.timer)
    .map((run) => ({ ...run.timer, rule: run.rule.name, key: run.key, rank: 0, run }));
  const ofSilences = [...customer.silences.values()]
    .filter((silence) => silence.timer)
    .map((silence) => ({ ...silence.timer, rule: silence.rule.name, key: null, rank: 1, silence }));
  return [...ofRuns, ...ofSilences];
}

export function nextTimerAt(customer) {
  return Math.min(...timersOf(customer).map((timer) => timer.fireAt));
}

/** All timers that act at context.clock, in the order (due, rule, key), with those that they arm for the same instant. */
export function fireTimers(context) {
  const { customer, clock } = context;
  for (;;) {
    const due = timersOf(customer).filter((timer) => timer.fireAt <= clock);
    if (due.length === 0) return;
    due.sort((a, b) => a.due - b.due || compareTexts(a.rule, b.rule) || compareKeys(a.key, b.key) || a.rank - b.rank);
    const [first] = due;
    if (first.run) fireRun(context, first.run);
    else fireSilence(context, first.silence);
    applyEmitted(context);
  }
}

function fireSilence(context, silence) {
  const { due } = silence.timer;
  silence.timer = undefined;
  startOrMeet(context, silence.rule, null, {
    time: due,
    event: silence.event,
    isTooLate: context.clock - due > silence.rule.tooLateAfter,
    isEvent: false,
  });
}
