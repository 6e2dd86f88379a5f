// What a step does that does not wait.
import { branchAt, draw } from './draw.mjs';
import { holds, resolve, valueAt } from './conditions.mjs';
import { knownBy, scopeOfRun } from './customer.mjs';
import { lengthOf } from './durations.mjs';
import { momentAt } from './calendar.mjs';

function enterBranch(run, steps, prefix) {
  if (steps.length > 0) run.frames.push({ steps, at: 0, prefix });
}

/** Where a message stands when it is planned; `step.category` and the like instead of the rule's. */
function plan(context, run, step, place, due) {
  const { rule, key } = run;
  const message = {
    run,
    rule: rule.name,
    key,
    step: place,
    known: knownBy(run),
    occurrence: run.occurrence,
    category: step.category ?? rule.category,
    priority: step.priority ?? rule.priority,
    due,
    notBefore: context.clock,
    expiresAt: step.expires === undefined ? Infinity : due + step.expires,
    tooLateAfter: rule.tooLateAfter,
    isFirstLook: true,
    withdrawn: undefined,
    status: 'open',
    tried: [],
    waitsForFallback: false,
    channel: null,
  };
  context.customer.open.push(message);
  run.messages.push(message);
  return message;
}

function planMessage(context, run, step, place, due) {
  const template =
    step.variants === undefined
      ? step.template
      : branchAt(step.variants, draw(context.workspace, `variants:${place}`, run.rule.name, run.drawnFor)).name;
  if (template === 'nothing') return;
  Object.assign(plan(context, run, step, place, due), {
    template,
    with: resolve(step.with ?? {}, scopeOfRun(context, run, due)),
    channels: step.channels,
    onCapped: step.onCapped ?? context.workspace.onCapped,
    ignoresQuietHours: step.ignoresQuietHours,
    fallback: step.fallback,
    who: run.rule.who,
    heldOut: run.heldOut,
  });
}

function setTraits(context, run, step, time) {
  const scope = scopeOfRun(context, run, time);
  for (const [path, raw] of Object.entries(step.values)) {
    const value = resolve(raw, scope) ?? null;
    context.customer.pendingSets.push({ run, name: path.slice('customer.'.length), value, time });
  }
}

function emit(context, run, step, time) {
  const { customer } = context;
  customer.emittedCount += 1;
  customer.emitted.push({
    id: `emitted ${customer.id} ${customer.emittedCount}`,
    type: 'track',
    name: step.event,
    time,
    properties: resolve(step.properties, scopeOfRun(context, run, time)),
    traits: {},
  });
}

/** Each run has one pause of a category; a later one takes its place. */
function pause(context, run, step, time) {
  const scope = scopeOfRun(context, run, time);
  const until =
    step.until === undefined
      ? time + lengthOf(step.length, (path) => valueAt(path, scope))
      : momentAt(step.until, scope);
  resume(context, run, step);
  if (until > time) context.customer.pauses.push({ run, category: step.category, until });
}

function resume({ customer }, run, step) {
  customer.pauses = customer.pauses.filter((each) => each.run !== run || each.category !== step.category);
}

const DOERS = {
  send: planMessage,
  webhook: (context, run, step, place, time) =>
    Object.assign(plan(context, run, step, place, time), {
      template: `webhook:${step.to}`,
      channel: 'webhook',
      isWebhook: true,
    }),
  if: (context, run, step, place, time) => {
    const branch = holds(step.condition, scopeOfRun(context, run, time)) ? 'then' : 'else';
    enterBranch(run, step[branch], `${place}.${branch}.`);
  },
  split: (context, run, step, place) => {
    const { name, steps } = branchAt(
      step.branches,
      draw(context.workspace, `split:${place}`, run.rule.name, run.drawnFor),
    );
    enterBranch(run, steps, `${place}.${name}.`);
  },
  repeat: (context, run, step, place) => {
    run.frames.push({ steps: step.steps, at: step.steps.length, prefix: `${place}.steps.`, repeat: step, round: 0 });
  },
  set: (context, run, step, place, time) => setTraits(context, run, step, time),
  emit: (context, run, step, place, time) => emit(context, run, step, time),
  pause: (context, run, step, place, time) => pause(context, run, step, time),
  resume: (context, run, step) => resume(context, run, step),
  unsubscribe: ({ customer }, run, { category, channels }, place, time) =>
    customer.consents.push({ category, channels, value: false, time }),
  stop: (context, run) => {
    run.state = 'finished';
  },
};

/** Does a step of a run that is reached at `time`. */
export function doStep(context, run, step, place, time) {
  DOERS[step.kind](context, run, step, place, time);
}

/** At the end of a round: begins the next one, or leaves the loop. */
export function endRound(context, run, frame, time) {
  const { atMost, while: condition } = frame.repeat;
  frame.round += 1;
  if (frame.round <= atMost && holds(condition, scopeOfRun(context, run, time))) frame.at = 0;
  else run.frames.pop();
}
