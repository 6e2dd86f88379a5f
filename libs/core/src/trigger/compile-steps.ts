import {
  CHANNELS,
  type Channel,
  type OnCapped,
  type Path,
  type SendStep,
  type Step,
  type ValueTree,
  type WaitForStep,
} from '../rules/model.js';
import { compileOccasion } from './compile-occasion.js';
import { END, type Draw, type StepNode, type WaitEnd } from './compiled-rule.js';
import { compileCondition, compileOptional } from './conditions/compile-condition.js';
import { compileDeadline } from './conditions/compile-deadline.js';
import { compileDuration } from './conditions/compile-duration.js';
import { compileMoment } from './conditions/compile-moment.js';
import { compilePath } from './conditions/compile-path.js';
import { compileValueMap, compileValueTree } from './conditions/compile-value-tree.js';
import type { ConditionContext, Read } from './conditions/condition-context.js';
import type { CounterPlans } from './conditions/history.js';

const DAY_MS = 86_400_000;
/** A day of retries, and a week for quiet hours. */
const LEEWAY_MS = 8 * DAY_MS;

export interface StepSettings {
  readonly counters: CounterPlans;
  readonly tooLateAfterMs: number;
  /** The workspace's, for steps that say nothing. */
  readonly onCapped: OnCapped;
}

export interface CompiledSteps {
  readonly nodes: readonly StepNode[];
  readonly first: number;
  readonly draws: readonly Draw[];
}

/** Where steps stand: each list of them begins one. */
interface Place {
  /** `4.then.`; empty at the top. */
  readonly prefix: string;
  /** Index of the step after the list. */
  readonly follower: number;
  /** `at most` of the repeats around them, the outermost first. */
  readonly roundsOf: readonly number[];
}

/**
 * Flattens nested steps into a list in which each names its followers by index, so that a run's place is one number.
 * The numbering depends on the steps only: a rule version that is compiled again means the same places and draws.
 */
export function compileSteps(steps: readonly Step[], settings: StepSettings): CompiledSteps {
  const flattening = new Flattening(settings);
  const first = flattening.list(steps, { prefix: '', follower: END, roundsOf: [] });
  return { nodes: flattening.nodes, first, draws: flattening.draws };
}

class Flattening {
  readonly nodes: StepNode[] = [];
  readonly draws: Draw[] = [];

  constructor(private readonly settings: StepSettings) {}

  /** From the last to the first, since each must know its follower. Returns the index of the first. */
  list(steps: readonly Step[], place: Place): number {
    let next = place.follower;
    for (let i = steps.length - 1; i >= 0; i--)
      next = this.#add(steps[i]!, `${place.prefix}${i + 1}`, { ...place, follower: next });
    return next;
  }

  #add(step: Step, path: string, place: Place): number {
    if (step.kind === 'repeat') return this.#addRepeat(step, path, place);
    return this.nodes.push({ path, ...this.#nodeOf(step, path, place) }) - 1;
  }

  #nodeOf(step: Exclude<Step, { kind: 'repeat' }>, path: string, place: Place): NodeWithoutPath {
    const { counters } = this.settings;
    const next = place.follower;
    const branch = (steps: readonly Step[], name: string): number =>
      this.list(steps, { ...place, prefix: `${path}.${name}.` });
    switch (step.kind) {
      case 'wait':
        return { kind: 'wait', duration: compileDuration(step.duration, counters), next };
      case 'wait until': {
        const moment = compileMoment(step, counters);
        return { kind: 'wait until', moment, then: branch(step.then, 'then'), onPast: branch(step.onPast, 'on past') };
      }
      case 'wait for':
        return waitFor(step, branch(step.then, 'then'), branch(step.onTimeout, 'on timeout'), counters);
      case 'if': {
        const test = compileCondition(step.condition, counters);
        const { condition } = step;
        return { kind: 'if', test, condition, then: branch(step.then, 'then'), else: branch(step.else, 'else') };
      }
      case 'split': {
        const draw = this.#draw(`split:${path}`, step.branches);
        const branches = step.branches.map(({ name, steps }) => branch(steps, name));
        return { kind: 'split', draw, names: step.branches.map(({ name }) => name), branches };
      }
      case 'send':
        return this.#send(step, path, place);
      case 'webhook':
        return this.#webhook(step, place);
      case 'set':
        return { kind: 'set', traits: compileTraits(step.traits, counters), next };
      case 'emit':
        return { kind: 'emit', event: step.event, properties: compileValueMap(step.properties, counters), next };
      case 'pause':
        return { kind: 'pause', category: step.category, until: compileDeadline(step.upTo, counters), next };
      case 'resume':
        return { kind: 'resume', category: step.category, next };
      case 'unsubscribe':
        return { kind: 'unsubscribe', category: step.category, channels: step.channels, next };
      case 'stop':
        return { kind: 'stop' };
    }
  }

  /** The last step of a round comes back to the `repeat`, whose index it must know before. */
  #addRepeat(step: Step & { kind: 'repeat' }, path: string, place: Place): number {
    const { atMost } = step;
    const index = this.nodes.push({ path, kind: 'stop' }) - 1;
    const body = this.list(step.steps, {
      prefix: `${path}.steps.`,
      follower: index,
      roundsOf: [...place.roundsOf, atMost],
    });
    this.nodes[index] = {
      path,
      kind: 'repeat',
      depth: place.roundsOf.length,
      atMost,
      while: compileOptional(step.while, this.settings.counters),
      body,
      next: place.follower,
    };
    return index;
  }

  #send(step: SendStep, path: string, { follower: next, roundsOf }: Place): NodeWithoutPath {
    const { counters } = this.settings;
    return {
      kind: 'send',
      send: step,
      draw: step.drawn ? this.#draw(`variants:${path}`, step.variants) : null,
      with: step.with === null ? null : compileValueMap(step.with, counters),
      channels: step.channels === null ? null : compileChannels(step.channels, counters),
      openForMs: openForMs(step, this.settings),
      longestHoldMs: longestHoldMs(step, this.settings),
      roundsOf,
      next,
    };
  }

  #webhook(step: Step & { kind: 'webhook' }, { follower: next, roundsOf }: Place): NodeWithoutPath {
    return {
      kind: 'webhook',
      to: step.to,
      body: compileValueMap(step.body, this.settings.counters),
      openForMs: this.settings.tooLateAfterMs + LEEWAY_MS,
      longestHoldMs: 0,
      roundsOf,
      next,
    };
  }

  #draw(purpose: string, branches: Draw['branches']): number {
    return this.draws.push({ purpose, branches: branches.map(({ name, share }) => ({ name, share })) }) - 1;
  }
}

type WithoutPath<T> = T extends unknown ? Omit<T, 'path'> : never;
type NodeWithoutPath = WithoutPath<StepNode>;

function waitFor(step: WaitForStep, then: number, onTimeout: number, counters: CounterPlans): NodeWithoutPath {
  const occasions = step.occasions.map((occasion) => compileOccasion(occasion, counters));
  const engagement = step.occasions.flatMap((occasion) =>
    'template' in occasion && occasion.kind !== 'failed' ? occasion.template : [],
  );
  return {
    kind: 'wait for',
    end: compileEnd(step.upTo, counters),
    occasions,
    engagement: engagement.length === occasions.length ? engagement : [],
    as: step.as,
    then,
    onTimeout,
  };
}

function compileTraits(
  traits: { readonly [name: string]: ValueTree },
  counters: CounterPlans,
): readonly { readonly name: string; readonly read: Read }[] {
  return Object.entries(traits).map(([name, tree]) => ({ name, read: compileValueTree(tree, counters) }));
}

function compileEnd(upTo: WaitForStep['upTo'], counters: CounterPlans): WaitEnd {
  return 'moment' in upTo
    ? { kind: 'until', moment: compileMoment(upTo, counters) }
    : { kind: 'after', duration: compileDuration(upTo, counters) };
}

/** A path may lead to a channel or to a list of them; what is none is left out. */
function compileChannels(
  channels: readonly (Channel | Path)[],
  counters: CounterPlans,
): (context: ConditionContext) => Channel[] {
  const reads = channels.map((channel) =>
    typeof channel === 'string' ? () => [channel] : compileChannelPath(channel, counters),
  );
  return (context) => [...new Set(reads.flatMap((read) => read(context)))];
}

function compileChannelPath(path: Path, counters: CounterPlans): (context: ConditionContext) => Channel[] {
  const read = compilePath(path, counters);
  return (context) => {
    const value = read(context);
    const said: readonly unknown[] = Array.isArray(value) ? value : [value];
    return CHANNELS.filter((channel) => said.includes(channel));
  };
}

/**
 * How long after its planning a message can still be waiting to leave, at most, ms: too late at its first judgement,
 * deferred by caps, waiting for its fallbacks, a day of retries (delivery.md), and a week for quiet hours, which end every day but may follow
 * upon each other. A run remembers its messages so long, and `stop` and `goal` withdraw them; to withdraw one that has
 * left does nothing.
 */
function openForMs(step: SendStep, settings: StepSettings): number {
  return settings.tooLateAfterMs + deferredForMs(step, settings) + fallbackForMs(step) + LEEWAY_MS;
}

/** From one look at a message to the next, at most: a night with a change of the clock and the spread of its end, or a deferral. */
function longestHoldMs(step: SendStep, settings: StepSettings): number {
  return Math.max(2 * DAY_MS, deferredForMs(step, settings), step.fallback?.afterMs ?? 0);
}

/** From one channel to the next, as many as there may be. */
function fallbackForMs({ fallback, channels }: SendStep): number {
  return fallback === null ? 0 : fallback.afterMs * Math.max(channels?.length ?? 0, CHANNELS.length);
}

function deferredForMs(step: SendStep, settings: StepSettings): number {
  const onCapped = step.onCapped ?? settings.onCapped;
  return onCapped.kind === 'defer' ? onCapped.upToMs : 0;
}
