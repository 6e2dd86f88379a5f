import type { OnCapped, SendStep, Step, WaitForStep } from '../rules/model.js';
import { compileOccasion } from './compile-occasion.js';
import { END, type StepNode, type WaitEnd } from './compiled-rule.js';
import { compileCondition } from './conditions/compile-condition.js';
import { compileDuration } from './conditions/compile-duration.js';
import { compileMoment } from './conditions/compile-moment.js';
import type { CounterPlans } from './conditions/history.js';

const DAY_MS = 86_400_000;

export interface StepSettings {
  readonly counters: CounterPlans;
  readonly tooLateAfterMs: number;
  /** The workspace's, for steps that say nothing. */
  readonly onCapped: OnCapped;
}

/**
 * Flattens nested steps into a list in which each names its followers by index, so that a run's place is one number.
 * The numbering depends on the steps only: a rule version that is compiled again means the same places.
 */
export function compileSteps(
  steps: readonly Step[],
  settings: StepSettings,
): { readonly nodes: readonly StepNode[]; readonly first: number } {
  const nodes: StepNode[] = [];
  const first = addList(nodes, steps, '', END, settings);
  return { nodes, first };
}

/** From the last to the first, since each must know its follower. Returns the index of the first. */
function addList(
  nodes: StepNode[],
  steps: readonly Step[],
  prefix: string,
  follower: number,
  settings: StepSettings,
): number {
  let next = follower;
  for (let i = steps.length - 1; i >= 0; i--) next = addStep(nodes, steps[i]!, `${prefix}${i + 1}`, next, settings);
  return next;
}

function addStep(nodes: StepNode[], step: Step, path: string, next: number, settings: StepSettings): number {
  const branch = (steps: readonly Step[], name: string): number =>
    addList(nodes, steps, `${path}.${name}.`, next, settings);
  const node = ((): StepNode => {
    switch (step.kind) {
      case 'wait':
        return { path, kind: 'wait', duration: compileDuration(step.duration, settings.counters), next };
      case 'wait until':
        return {
          path,
          kind: 'wait until',
          moment: compileMoment(step, settings.counters),
          then: branch(step.then, 'then'),
          onPast: branch(step.onPast, 'on past'),
        };
      case 'wait for': {
        const occasions = step.occasions.map((occasion) => compileOccasion(occasion, settings.counters));
        return {
          path,
          kind: 'wait for',
          end: compileEnd(step.upTo, settings.counters),
          occasions,
          then: branch(step.then, 'then'),
          onTimeout: branch(step.onTimeout, 'on timeout'),
        };
      }
      case 'if':
        return {
          path,
          kind: 'if',
          test: compileCondition(step.condition, settings.counters),
          then: branch(step.then, 'then'),
          else: branch(step.else, 'else'),
        };
      case 'send':
        return {
          path,
          kind: 'send',
          send: step,
          openForMs: openForMs(step, settings),
          longestHoldMs: longestHoldMs(step, settings),
          next,
        };
      case 'stop':
        return { path, kind: 'stop' };
      default:
        throw new RangeError(`not compiled yet: ${step.kind}`);
    }
  })();
  return nodes.push(node) - 1;
}

function compileEnd(upTo: WaitForStep['upTo'], counters: CounterPlans): WaitEnd {
  return 'moment' in upTo
    ? { kind: 'until', moment: compileMoment(upTo, counters) }
    : { kind: 'after', duration: compileDuration(upTo, counters) };
}

/**
 * How long after its planning a message can still be waiting to leave, at most, ms: too late at its first judgement,
 * deferred by caps, a day of retries (delivery.md), and a week for quiet hours, which end every day but may follow
 * upon each other. A run remembers its messages so long, and `stop` and `goal` withdraw them; to withdraw one that has
 * left does nothing.
 */
function openForMs(step: SendStep, settings: StepSettings): number {
  return settings.tooLateAfterMs + deferredForMs(step, settings) + 8 * DAY_MS;
}

/** From one look at a message to the next, at most: a night with a change of the clock and the spread of its end, or a deferral. */
function longestHoldMs(step: SendStep, settings: StepSettings): number {
  return Math.max(2 * DAY_MS, deferredForMs(step, settings));
}

function deferredForMs(step: SendStep, settings: StepSettings): number {
  const onCapped = step.onCapped ?? settings.onCapped;
  return onCapped.kind === 'defer' ? onCapped.upToMs : 0;
}
