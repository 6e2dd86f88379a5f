// A run: its position in the steps, its one timer, and what it does when it goes on.
import { valueAt } from './conditions.mjs';
import { scopeOfRun } from './customer.mjs';
import { draw } from './draw.mjs';
import { lengthOf } from './durations.mjs';
import { momentAt, valueOf } from './calendar.mjs';
import { isInVain } from './messages.mjs';
import { doStep, endRound } from './steps.mjs';

/** start: { time (of the start), event (what `start` means) }. The run begins at its first step, reached at start.time. */
export function beginRun(context, rule, key, start) {
  const { customer, workspace } = context;
  const run = {
    rule,
    key,
    start,
    starts: [start.event],
    names: Object.fromEntries(rule.names.map((name) => [name, undefined])),
    occurrence: start.isEvent ? start.event.id : String(start.time),
    state: 'active',
    isAhead: false,
    drawnFor: customer.id,
    heldOut: [customer.id, ...customer.formerIds].some(
      (id) => draw(workspace, 'holdout', rule.name, id) < rule.holdout,
    ),
    timer: undefined,
    messages: [],
    frames: [{ steps: rule.steps, at: 0, prefix: '' }],
  };
  customer.runs.push(run);
  customer.latestStarts.push({ rule, key, time: start.time });
  advance(context, run, start.time);
}

const frameOf = (run) => run.frames[run.frames.length - 1];

/** What is already due when it is armed acts at the present instant of the clock. */
function arm(context, run, due) {
  run.timer = { due, fireAt: Math.max(due, context.clock) };
}

function finish(run) {
  run.state = 'finished';
  run.timer = undefined;
}

function waitAhead(context, run, time) {
  run.isAhead = true;
  arm(context, run, time);
}

/** A run that reaches a wait of a length that nobody knows ends there. */
function armLength(context, run, length, time) {
  const scope = scopeOfRun(context, run, time);
  const known = lengthOf(length, (path) => valueAt(path, scope));
  if (known === undefined) finish(run);
  else arm(context, run, time + known);
}

/** Arms a wait that is reached at `time`; false when the run does not wait but has gone on. */
function enterWait(context, run, step, time) {
  if (step.kind === 'wait for' && isInVain(run, step)) {
    stepOver(run, step.onTimeout, 'on timeout');
    return false;
  }
  run.reachedAt = time;
  if (step.until === undefined) {
    armLength(context, run, step.length, time);
    return true;
  }
  const scope = scopeOfRun(context, run, time);
  const moment = momentAt(step.until, scope);
  const isPast = moment === undefined || moment < time;
  run.watched = valueOf(step.until, scope);
  if (step.kind === 'wait until' && isPast) {
    stepOver(run, step.onPast, 'on past');
    return false;
  }
  arm(context, run, isPast ? time : moment);
  return true;
}

/** When the path's value changes during the wait, the wait moves with it, though not to before it was reached. */
export function moveWait(context, run) {
  const until = waitOf(run)?.until;
  if (until?.path === undefined) return;
  const scope = scopeOfRun(context, run, context.clock);
  const value = valueOf(until, scope);
  const moment = momentAt(until, scope);
  if (moment === undefined || value === run.watched) return;
  run.watched = value;
  arm(context, run, Math.max(moment, run.reachedAt));
}

/** Does the steps that are reached at `time`, up to the next wait, the end, or a step that is ahead of the clock. */
export function advance(context, run, time) {
  run.timer = undefined;
  run.isAhead = false;
  while (run.state === 'active') {
    const frame = frameOf(run);
    if (frame === undefined) return finish(run);
    const step = frame.steps[frame.at];
    if (step === undefined && frame.repeat === undefined) {
      run.frames.pop();
      continue;
    }
    if (step?.kind === 'wait') return armLength(context, run, step.length, time);
    if (time > context.clock) return waitAhead(context, run, time);
    if (step === undefined) endRound(context, run, frame, time);
    else if (isWait(step)) {
      if (enterWait(context, run, step, time)) return undefined;
    } else {
      frame.at += 1;
      doStep(context, run, step, `${frame.prefix}${frame.at}`, time);
    }
  }
  return undefined;
}

const isWait = (step) => step?.kind === 'wait' || step?.kind === 'wait for' || step?.kind === 'wait until';

/** The wait the run is in, if it is in one (and not before a step that is ahead of the clock). */
export function waitOf(run) {
  if (run.state !== 'active' || run.isAhead) return undefined;
  const step = frameOf(run).steps[frameOf(run).at];
  return isWait(step) ? step : undefined;
}

/** A further start event of a run that restarts its wait. */
export function restartWait(context, run, start) {
  run.start = start;
  run.starts.push(start.event);
  const wait = waitOf(run);
  if (wait === undefined) return;
  if (wait.kind === 'wait until' || !enterWait(context, run, wait, start.time)) advance(context, run, start.time);
}

function stepOver(run, steps, branch) {
  const frame = frameOf(run);
  frame.at += 1;
  if (steps.length > 0) run.frames.push({ steps, at: 0, prefix: `${frame.prefix}${frame.at}.${branch}.` });
}

/** `event` is what is seen under the name given by `as`. */
export function answerWait(context, run, time, event) {
  const wait = waitOf(run);
  if (wait.as !== undefined) run.names[wait.as] = event;
  stepOver(run, wait.then, 'then');
  advance(context, run, time);
}

/** A wait for engagement with a message that was suppressed or failed takes its time-out branch at once. */
export function leaveVainWaits(context, time) {
  for (const run of [...context.customer.runs]) {
    const wait = waitOf(run);
    if (wait?.kind !== 'wait for' || !isInVain(run, wait)) continue;
    stepOver(run, wait.onTimeout, 'on timeout');
    advance(context, run, time);
  }
}

/** The run's timer acts: a wait is over, or the clock has come to a step that was ahead of it. */
export function fireRun(context, run) {
  const { due } = run.timer;
  const wait = waitOf(run);
  if (wait?.kind === 'wait') stepOver(run, [], '');
  if (wait?.kind === 'wait for') stepOver(run, wait.onTimeout, 'on timeout');
  if (wait?.kind === 'wait until') stepOver(run, wait.then, 'then');
  advance(context, run, due);
}

/** Ends a run by stop or goal: what has not left yet is withdrawn. */
export function endRun(customer, run, reason) {
  run.state = 'ended';
  run.timer = undefined;
  for (const message of customer.open) {
    if (message.run === run) message.withdrawn ??= reason;
  }
}

/** Stop and goal count for active runs, and for others while a message of theirs has not left. */
export function listensForItsEnd(customer, run) {
  return (
    run.state === 'active' || customer.open.some((message) => message.run === run && message.withdrawn === undefined)
  );
}
