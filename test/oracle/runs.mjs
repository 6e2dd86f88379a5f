// A run: its position in the steps, its one timer, and what it does when it goes on.
import { createHash } from 'node:crypto';
import { holds } from './conditions.mjs';
import { scopeOf } from './customer.mjs';

function isHeldOut(workspace, rule, customer) {
  const digest = createHash('sha256')
    .update(`${workspace.salt}\0holdout\0${rule.name}\0${customer.id}`, 'utf8')
    .digest();
  const first52Bits = digest.readBigUInt64BE(0) >> 12n;
  return Number(first52Bits) / 2 ** 52 < rule.holdout;
}

/** start: { time (of the start), event (what `start` means) }. The run begins at its first step, reached at start.time. */
export function beginRun(context, rule, key, start) {
  const { customer, workspace } = context;
  const run = {
    rule,
    key,
    start,
    occurrence: start.isEvent ? start.event.id : String(start.time),
    state: 'active',
    isAhead: false,
    heldOut: isHeldOut(workspace, rule, customer),
    timer: undefined,
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

function dropFinishedFrames(run) {
  while (run.frames.length > 0 && frameOf(run).at >= frameOf(run).steps.length) run.frames.pop();
}

function enterBranch(run, steps, prefix) {
  if (steps.length > 0) run.frames.push({ steps, at: 0, prefix });
}

/** Does the steps that are reached at `time`, up to the next wait, the end, or a step that is ahead of the clock. */
export function advance(context, run, time) {
  run.timer = undefined;
  run.isAhead = false;
  for (;;) {
    dropFinishedFrames(run);
    if (run.frames.length === 0) {
      run.state = 'finished';
      return;
    }
    const frame = frameOf(run);
    const step = frame.steps[frame.at];
    if (step.kind === 'wait') {
      arm(context, run, time + step.length);
      return;
    }
    if (time > context.clock) {
      run.isAhead = true;
      arm(context, run, time);
      return;
    }
    if (step.kind === 'wait for') {
      arm(context, run, time + step.length);
      return;
    }
    frame.at += 1;
    const place = `${frame.prefix}${frame.at}`;
    if (step.kind === 'stop') {
      run.state = 'finished';
      return;
    }
    if (step.kind === 'send') planMessage(context, run, step, place, time);
    if (step.kind === 'if') {
      const branch = holds(
        step.condition,
        scopeOf(context.customer, context.workspace, time, { start: run.start.event, startTime: run.start.time }),
      )
        ? 'then'
        : 'else';
      enterBranch(run, step[branch], `${place}.${branch}.`);
    }
  }
}

/** The wait the run is in, if it is in one (and not before a step that is ahead of the clock). */
export function waitOf(run) {
  if (run.state !== 'active' || run.isAhead) return undefined;
  const step = frameOf(run).steps[frameOf(run).at];
  return step.kind === 'wait' || step.kind === 'wait for' ? step : undefined;
}

export function restartWait(context, run, start) {
  run.start = start;
  const wait = waitOf(run);
  if (wait !== undefined) arm(context, run, start.time + wait.length);
}

function leaveWait(context, run, steps, branch, time) {
  const frame = frameOf(run);
  frame.at += 1;
  enterBranch(run, steps, `${frame.prefix}${frame.at}.${branch}.`);
  advance(context, run, time);
}

export function answerWait(context, run, time) {
  leaveWait(context, run, waitOf(run).then, 'then', time);
}

/** The run's timer acts: a wait is over, or the clock has come to a step that was ahead of it. */
export function fireRun(context, run) {
  const { due } = run.timer;
  const wait = waitOf(run);
  if (wait === undefined) advance(context, run, due);
  else leaveWait(context, run, wait.kind === 'wait for' ? wait.onTimeout : [], 'on timeout', due);
}

function planMessage(context, run, step, place, due) {
  const { rule, key } = run;
  context.customer.open.push({
    run,
    rule: rule.name,
    key,
    step: place,
    template: step.template,
    start: run.start.event,
    startTime: run.start.time,
    occurrence: run.occurrence,
    category: step.category ?? rule.category,
    priority: step.priority ?? rule.priority,
    channels: step.channels,
    onCapped: step.onCapped ?? context.workspace.onCapped,
    ignoresQuietHours: step.ignoresQuietHours,
    due,
    notBefore: context.clock,
    expiresAt: step.expires === undefined ? Infinity : due + step.expires,
    tooLateAfter: rule.tooLateAfter,
    who: rule.who,
    heldOut: run.heldOut,
    isFirstLook: true,
    withdrawn: undefined,
    channel: null,
  });
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
