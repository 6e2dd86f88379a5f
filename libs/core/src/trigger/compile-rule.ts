import type {
  Condition,
  Duration,
  EventStart,
  InactiveStart,
  MessageOccasion,
  Occasion,
  Rule,
  SegmentOccasion,
  Start,
  Step,
  Workspace,
} from '../rules/model.js';
import { textFingerprint } from '../customer/text-hash.js';
import { compileOccasion } from './compile-occasion.js';
import { compileSteps } from './compile-steps.js';
import type { CompiledOccasion, CompiledRule, CompiledStart, SilencePlan, StepNode } from './compiled-rule.js';
import { compileComputed } from './computed/compile-computed.js';
import { historyNeeded } from './computed/compile-history.js';
import { compileItemStart } from './computed/compile-item-start.js';
import { compileOptional } from './conditions/compile-condition.js';
import { compilePath } from './conditions/compile-path.js';
import { dependsOnEventOnly, pathsOf } from './conditions/condition-needs.js';
import { CounterPlans } from './conditions/history.js';

export function compileRule(rule: Rule, version: number, workspace: Workspace): CompiledRule {
  const counters = new CounterPlans(workspace);
  const stop = rule.stop.map((occasion) => compileOccasion(occasion, counters));
  const goal = (rule.goal?.occasions ?? []).map((occasion) => compileOccasion(occasion, counters));
  const { tooLateAfterMs } = rule;
  const { nodes, first } = compileSteps(rule.steps, {
    counters,
    tooLateAfterMs,
    onCapped: workspace.settings.onCapped,
  });
  const listened = [...stop, ...goal, ...occasionsOf(nodes)];
  const compiled = {
    name: rule.name,
    version,
    source: rule,
    eventStarts: rule.starts.filter(isOccasion).map((start) => compileStart(start, counters)),
    silences: rule.starts
      .filter((start) => start.kind === 'inactive')
      .map((start) => compileSilence(start, rule.name, counters)),
    who: compileOptional(rule.who, counters),
    stop,
    goal,
    goalWithinMs: rule.goal?.withinMs ?? 0,
    again: rule.again,
    steps: nodes,
    first,
    listensTo: new Set(listened.flatMap(({ names }) => [...names])),
    listensToChanges: new Set(listened.flatMap(({ changes }) => [...changes])),
    withdraws: stop.length > 0 || goal.length > 0,
    keepsStarts: mentionsStarts(rule, workspace),
    itemStarts: rule.starts
      .filter((start) => start.kind === 'item event')
      .map((start) => compileItemStart(start, counters)),
  };
  // Last: until here conditions and values add to what must be kept.
  const computed = compileComputed(counters);
  return { ...compiled, computed, counters: counters.all(), needs: historyNeeded(rule, counters, computed) };
}

function isOccasion(start: Start): start is EventStart | SegmentOccasion | MessageOccasion {
  switch (start.kind) {
    case 'inactive':
    case 'date':
    case 'every':
    case 'item event':
      return false;
    default:
      return true;
  }
}

function compileStart(start: EventStart | SegmentOccasion | MessageOccasion, counters: CounterPlans): CompiledStart {
  const occasion = compileOccasion(start, counters);
  if (start.kind !== 'event') return { ...occasion, whereIsFinal: true, key: [], condition: null };
  return {
    ...occasion,
    whereIsFinal: start.where === null || dependsOnEventOnly(start.where),
    key: start.key.map((path) => ({ text: path.text, read: compilePath(path, counters) })),
    condition: start.where,
  };
}

function compileSilence(start: InactiveStart, rule: string, counters: CounterPlans): SilencePlan {
  const since = start.since === 'any event' ? null : [...start.since].sort();
  return {
    fingerprint: textFingerprint(JSON.stringify([rule, since, start.where])),
    rule,
    durationMs: fixedMs(start.duration),
    names: since === null ? null : new Set(since),
    where: compileOptional(start.where, counters),
  };
}

export function fixedMs(duration: Duration): number {
  if (duration.kind !== 'fixed') throw new RangeError('a duration of a customer is not compiled yet');
  return duration.ms;
}

function whereOf(occasion: Occasion): Condition | null {
  return occasion.kind === 'event' ? occasion.where : null;
}

function occasionsOf(nodes: readonly StepNode[]): CompiledOccasion[] {
  return nodes.flatMap((node) => (node.kind === 'wait for' ? node.occasions : []));
}

/** Templates are only searched for the word: one that means something else costs some bytes of state. */
function mentionsStarts(rule: Rule, workspace: Workspace): boolean {
  const conditions = [
    rule.who,
    ...[...rule.stop, ...(rule.goal?.occasions ?? [])].map(whereOf),
    ...conditionsOf(rule.steps),
  ];
  if (conditions.some((condition) => condition !== null && pathsOf(condition).some((path) => path.root === 'starts')))
    return true;
  return templatesOf(rule.steps).some((name) => {
    const template = Object.hasOwn(workspace.templates, name) ? workspace.templates[name] : undefined;
    return template?.files.some((file) => /\bstarts\b/.test(file.source)) ?? false;
  });
}

function conditionsOf(steps: readonly Step[]): Rule['who'][] {
  return steps.flatMap((step) => {
    switch (step.kind) {
      case 'if':
        return [step.condition, ...conditionsOf(step.then), ...conditionsOf(step.else)];
      case 'wait for':
        return [...step.occasions.map(whereOf), ...conditionsOf(step.then), ...conditionsOf(step.onTimeout)];
      default:
        return [];
    }
  });
}

function templatesOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => {
    switch (step.kind) {
      case 'send':
        return step.variants.flatMap(({ template }) => template ?? []);
      case 'if':
        return [...templatesOf(step.then), ...templatesOf(step.else)];
      case 'wait for':
        return [...templatesOf(step.then), ...templatesOf(step.onTimeout)];
      default:
        return [];
    }
  });
}
