import { newCustomerState } from '../customer/customer-state.js';
import type { Settings, Workspace } from '../rules/model.js';
import { compileRule } from './compile-rule.js';
import type { CompiledRule, SilencePlan } from './compiled-rule.js';
import { compileHistory, type CompiledHistory } from './computed/compile-history.js';
import { contextAt } from './computed/context-at.js';
import { itemStartsByName } from './computed/compile-item-start.js';
import { computedReader } from './computed/read-computed.js';
import type { SegmentPlan } from './computed/segment-plan.js';
import { compileRing, type RingPlan } from './identity/compile-ring.js';
import { changeName } from './occurrence.js';
import type { EventPlan, Ruleset, Rulesets } from './ruleset.js';

const NOTHING_WARMING: ReadonlySet<number> = new Set();

export interface RulesetOptions {
  /** Removed rules whose runs are not to go on. */
  readonly stopped?: readonly string[];
  /** Fingerprints of history that is still being filled (some of `Ruleset.history`). */
  readonly warming?: ReadonlySet<number>;
}

/**
 * @param versions of the rules, by name; a rule that is not named has version 1
 */
export function compileRuleset(
  workspace: Workspace,
  number: number,
  versions: { readonly [rule: string]: number },
  { stopped = [], warming = NOTHING_WARMING }: RulesetOptions = {},
): Ruleset {
  const rules = workspace.rules.map((rule) =>
    compileRule(rule, Object.hasOwn(versions, rule.name) ? versions[rule.name]! : 1, workspace),
  );
  const compiled = compileHistory(workspace, rules);
  const silences = rules.flatMap((rule) => rule.silences);
  const silenceByFingerprint = new Map(silences.map((silence) => [silence.fingerprint, silence]));
  const ruleByName = new Map(rules.map((rule) => [rule.name, rule]));
  const parts: Parts = { ...compiled, rules, silences, ring: compileRing(rules) };
  const plans = new Map(namesOf(parts).map((name) => [name, planFor(name, parts)]));
  const itemStarts = itemStartsByName(rules);
  const changePlans = new Map(changesOf(rules).map((change) => [change, planForChange(change, rules)]));
  const calendar = rules.flatMap((rule) => rule.calendar);
  const calendarByFingerprint = new Map(calendar.map((plan) => [plan.fingerprint, plan]));
  // Whoever is heard of has to be remembered for it, whatever was heard; she enters what holds of everybody with whatever
  // she does first; and with the next event, whatever it is, other rules see what a run has `set`.
  const concernsEverybody =
    calendar.some((plan) => plan.forEverybody) ||
    compiled.segments.some(holdsOfEverybody(workspace.settings)) ||
    rules.some(writesTraits);
  const anyEvent = silences.filter((silence) => silence.names === null);
  return {
    number,
    stopped: new Set(stopped),
    settings: workspace.settings,
    rules,
    concerns: concernsWhom(concernsEverybody, anyEvent.length > 0, (name) => plans.has(name) || itemStarts.has(name)),
    rule: (name) => ruleByName.get(name),
    planFor: (name) => plans.get(name),
    planForChange: (kind, segment) => (changePlans.size === 0 ? undefined : changePlans.get(changeName(kind, segment))),
    anyEvent,
    silence: (fingerprint) => silenceByFingerprint.get(fingerprint),
    silencesOfCustomer: silences.filter((silence) => silence.isOfCustomer),
    calendar,
    calendarPlan: (fingerprint) => calendarByFingerprint.get(fingerprint),
    ...historyFields(workspace, compiled, rules),
    itemStartsFor: (name) => itemStarts.get(name),
    warming,
  };
}

/** @param older rulesets that hold rule versions which runs still keep */
export function rulesetsOf(current: Ruleset, older: readonly Ruleset[] = []): Rulesets {
  const all = [current, ...older];
  const rules = new Map<string, CompiledRule>();
  for (const ruleset of all) {
    for (const rule of ruleset.rules) {
      const id = `${rule.name} ${rule.version}`;
      if (!rules.has(id)) rules.set(id, rule);
    }
  }
  return {
    current,
    rule(name, version) {
      const rule = current.rule(name);
      return rule !== undefined && rule.version === version ? rule : rules.get(`${name} ${version}`);
    },
    concerns: (type, name) => all.some((ruleset) => ruleset.concerns(type, name)),
  };
}

/** Whether a segment holds of a customer of whom nothing is known: she enters it with whatever she does first. */
function holdsOfEverybody(settings: Settings): (segment: SegmentPlan) => boolean {
  const context = contextAt(settings, newCustomerState(''), 0);
  return ({ test }) => test(context);
}

function concernsWhom(
  everybody: boolean,
  anyActivity: boolean,
  isKnown: (name: string) => boolean,
): Ruleset['concerns'] {
  return (type, name) => {
    if (everybody) return true;
    switch (type) {
      case 'identify':
        return true;
      case 'track':
        return anyActivity || (name !== null && isKnown(name));
      case 'page':
      case 'screen':
        return anyActivity;
      default:
        return false;
    }
  };
}

/** What is counted, kept and judged, as the rest of the core asks for it. */
function historyFields(workspace: Workspace, compiled: CompiledHistory, rules: readonly CompiledRule[]) {
  const { counters, computed, segments, segmentTests } = compiled;
  const segmentByFingerprint = new Map(segments.map((segment) => [segment.fingerprint, segment]));
  const attributes = Object.entries(workspace.computed).map(
    ([name, definition]) => [name, computedReader(definition, workspace)] as const,
  );
  return {
    counter: (fingerprint: number) => counters.get(fingerprint),
    definitions: workspace,
    computed: (fingerprint: number) => computed.get(fingerprint),
    segments,
    segment: (fingerprint: number) => segmentByFingerprint.get(fingerprint),
    watchedLists: new Set(rules.flatMap((rule) => rule.itemStarts.map(({ list }) => list))),
    items: workspace.events?.items ?? {},
    attributes: new Map(attributes),
    segmentTest: (name: string) => segmentTests.get(name),
    history: new Set([...counters.keys(), ...computed.keys()]),
  };
}

/** What a ruleset is made of, before it is sorted by the names of events. */
interface Parts extends CompiledHistory {
  readonly rules: readonly CompiledRule[];
  readonly silences: readonly SilencePlan[];
  readonly ring: ReadonlyMap<string, RingPlan>;
}

function namesOf({ rules, counters, computed }: Parts): string[] {
  const names = new Set<string>();
  for (const counter of counters.values()) for (const name of counter.names) names.add(name);
  for (const plan of computed.values()) for (const name of [...plan.of, ...plan.until]) names.add(name);
  for (const rule of rules) {
    for (const { names: started } of rule.eventStarts) for (const name of started) names.add(name);
    for (const silence of rule.silences) for (const name of silence.names ?? []) names.add(name);
    for (const name of rule.listensTo) names.add(name);
  }
  return [...names];
}

function planFor(name: string, { rules, counters, computed, segments, silences, ring }: Parts): EventPlan {
  return {
    starts: rules
      .map((rule) => ({ rule, occasions: rule.eventStarts.filter((start) => start.names.has(name)) }))
      .filter(({ occasions }) => occasions.length > 0),
    silences: silences.filter((silence) => silence.names?.has(name) ?? false),
    counters: [...counters.values()].filter((counter) => counter.names.includes(name)),
    computed: [...computed.values()].filter((plan) => plan.of.has(name) || plan.until.has(name)),
    segments: segments.filter(({ events }) => events.has(name)),
    listened: rules.some((rule) => rule.listensTo.has(name)),
    ring: ring.get(name) ?? null,
  };
}

function changesOf(rules: readonly CompiledRule[]): string[] {
  const changes = new Set<string>();
  for (const rule of rules) {
    for (const { changes: started } of rule.eventStarts) for (const change of started) changes.add(change);
    for (const change of rule.listensToChanges) changes.add(change);
  }
  return [...changes];
}

function planForChange(change: string, rules: readonly CompiledRule[]): EventPlan {
  return {
    starts: rules
      .map((rule) => ({ rule, occasions: rule.eventStarts.filter((start) => start.changes.has(change)) }))
      .filter(({ occasions }) => occasions.length > 0),
    silences: [],
    counters: [],
    computed: [],
    segments: [],
    listened: rules.some((rule) => rule.listensToChanges.has(change)),
    ring: null,
  };
}

function writesTraits({ steps }: CompiledRule): boolean {
  return steps.some(({ kind }) => kind === 'set');
}
