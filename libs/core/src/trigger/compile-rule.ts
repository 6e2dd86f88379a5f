import type {
  Condition,
  EventStart,
  InactiveStart,
  MessageOccasion,
  Occasion,
  Path,
  Rule,
  SegmentOccasion,
  Start,
  Step,
  ValueTree,
  Workspace,
} from '../rules/model.js';
import { textFingerprint } from '../customer/text-hash.js';
import { compileCalendar } from './calendar/compile-calendar.js';
import { compileOccasion } from './compile-occasion.js';
import { compileSteps } from './compile-steps.js';
import { nestedSteps } from '../rules/nested-steps.js';
import { GONE_EVENTS } from './latest-messages.js';
import { findZone } from '../time/zone.js';
import type { CompiledOccasion, CompiledRule, CompiledStart, SilencePlan, StepNode } from './compiled-rule.js';
import { compileComputed } from './computed/compile-computed.js';
import { historyNeeded } from './computed/compile-history.js';
import { compileItemStart } from './computed/compile-item-start.js';
import { compileOptional } from './conditions/compile-condition.js';
import { compileDuration } from './conditions/compile-duration.js';
import { compilePath } from './conditions/compile-path.js';
import { dependsOnEventOnly, pathsOf } from './conditions/condition-needs.js';
import { CounterPlans } from './conditions/history.js';

export function compileRule(rule: Rule, version: number, workspace: Workspace): CompiledRule {
  const counters = new CounterPlans(workspace);
  const stop = rule.stop.map((occasion) => compileOccasion(occasion, counters));
  const goal = (rule.goal?.occasions ?? []).map((occasion) => compileOccasion(occasion, counters));
  const { tooLateAfterMs } = rule;
  const { nodes, first, draws } = compileSteps(rule.steps, {
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
    silences: rule.starts.flatMap((start, place) =>
      start.kind === 'inactive' ? [compileSilence(start, place, rule.name, counters)] : [],
    ),
    calendar: compileCalendar(rule.name, rule.starts, counters),
    who: compileOptional(rule.who, counters),
    stop,
    goal,
    goalWithinMs: rule.goal?.withinMs ?? 0,
    again: rule.again,
    steps: nodes,
    first,
    draws,
    followed: new Set(listened.flatMap(({ template }) => template ?? [])),
    ...activeSpan(rule.active, workspace.settings.timeZone),
    listensTo: new Set([...listened.flatMap(({ names }) => [...names]), ...(engages(nodes) ? GONE_EVENTS : [])]),
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

function compileSilence(start: InactiveStart, place: number, rule: string, counters: CounterPlans): SilencePlan {
  const since = start.since === 'any event' ? null : [...start.since].sort();
  return {
    fingerprint: textFingerprint(JSON.stringify([rule, since, start.where])),
    rule,
    place,
    duration: compileDuration(start.duration, counters),
    isOfCustomer: start.duration.kind === 'of customer',
    names: since === null ? null : new Set(since),
    where: compileOptional(start.where, counters),
  };
}

function whereOf(occasion: Occasion): Condition | null {
  return occasion.kind === 'event' ? occasion.where : null;
}

function occasionsOf(nodes: readonly StepNode[]): CompiledOccasion[] {
  return nodes.flatMap((node) => (node.kind === 'wait for' ? node.occasions : []));
}

/** Whether it waits somewhere for nothing but what becomes of messages. */
function engages(nodes: readonly StepNode[]): boolean {
  return nodes.some((node) => node.kind === 'wait for' && node.engagement.length > 0);
}

/** Days of the workspace's calendar as instants. */
function activeSpan(active: Rule['active'], timeZone: string): { activeFrom: number; activeUntil: number } {
  if (active === 'never') return { activeFrom: Infinity, activeUntil: Infinity };
  const { from, until } = active === 'always' ? { from: null, until: null } : active;
  const zone = findZone(timeZone);
  if (zone === null) throw new RangeError(`the workspace's time zone ${timeZone} is unknown`);
  return {
    activeFrom: from === null ? -Infinity : zone.instantOf(from, 0),
    activeUntil: until === null ? Infinity : zone.instantOf(until, 0),
  };
}

/** Templates are only searched for the word: one that means something else costs some bytes of state. */
function mentionsStarts(rule: Rule, workspace: Workspace): boolean {
  const conditions = [
    rule.who,
    ...[...rule.stop, ...(rule.goal?.occasions ?? [])].map(whereOf),
    ...conditionsOf(rule.steps),
  ];
  const paths = [
    ...conditions.flatMap((condition) => (condition === null ? [] : pathsOf(condition))),
    ...valuePathsOf(rule.steps),
  ];
  if (paths.some((path) => path.root === 'starts')) return true;
  return templatesOf(rule.steps).some((name) => {
    const template = Object.hasOwn(workspace.templates, name) ? workspace.templates[name] : undefined;
    return template?.files.some((file) => /\bstarts\b/.test(file.source)) ?? false;
  });
}

function conditionsOf(steps: readonly Step[]): Rule['who'][] {
  return steps.flatMap((step) => {
    const nested = conditionsOf(nestedSteps(step));
    switch (step.kind) {
      case 'if':
        return [step.condition, ...nested];
      case 'repeat':
        return [step.while, ...nested];
      case 'wait for':
        return [...step.occasions.map(whereOf), ...nested];
      default:
        return nested;
    }
  });
}

function templatesOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => {
    const own = step.kind === 'send' ? step.variants.flatMap(({ template }) => template ?? []) : [];
    return [...own, ...templatesOf(nestedSteps(step))];
  });
}

/** Paths that stand in values: `with`, `channels`, `set`, `emit`, `webhook`. */
function valuePathsOf(steps: readonly Step[]): Path[] {
  return steps.flatMap((step) => {
    const nested = valuePathsOf(nestedSteps(step));
    switch (step.kind) {
      case 'send':
        return [
          ...nested,
          ...treePaths(step.with),
          ...(step.channels ?? []).filter((each) => typeof each !== 'string'),
        ];
      case 'set':
        return [...nested, ...treePaths(step.traits)];
      case 'emit':
        return [...nested, ...treePaths(step.properties)];
      case 'webhook':
        return [...nested, ...treePaths(step.body)];
      default:
        return nested;
    }
  });
}

function treePaths(entries: { readonly [name: string]: ValueTree } | null): Path[] {
  return Object.values(entries ?? {}).flatMap(pathsOfTree);
}

function pathsOfTree(tree: ValueTree): Path[] {
  switch (tree.kind) {
    case 'literal':
      return [];
    case 'path':
      return [tree.path];
    case 'list':
      return tree.items.flatMap(pathsOfTree);
    case 'map':
      return treePaths(tree.entries);
  }
}
