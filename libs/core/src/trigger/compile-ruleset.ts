import type { Workspace } from '../rules/model.js';
import { compileRule } from './compile-rule.js';
import type { CompiledRule, SilencePlan } from './compiled-rule.js';
import type { CounterPlan } from './conditions/history.js';
import type { EventPlan, Ruleset, Rulesets } from './ruleset.js';

/**
 * @param versions of the rules, by name; a rule that is not named has version 1
 * @param stopped removed rules whose runs are not to go on
 */
export function compileRuleset(
  workspace: Workspace,
  number: number,
  versions: { readonly [rule: string]: number },
  stopped: readonly string[] = [],
): Ruleset {
  const rules = workspace.rules.map((rule) =>
    compileRule(rule, Object.hasOwn(versions, rule.name) ? versions[rule.name]! : 1, workspace),
  );
  const counters = mergedCounters(rules);
  const silences = rules.flatMap((rule) => rule.silences);
  const silenceByFingerprint = new Map(silences.map((silence) => [silence.fingerprint, silence]));
  const ruleByName = new Map(rules.map((rule) => [rule.name, rule]));
  const plans = new Map(namesOf(rules, counters).map((name) => [name, planFor(name, rules, counters, silences)]));
  const anyEvent = silences.filter((silence) => silence.names === null);
  return {
    number,
    stopped: new Set(stopped),
    settings: workspace.settings,
    rules,
    concerns(type, name) {
      switch (type) {
        case 'identify':
          return true;
        case 'track':
          return anyEvent.length > 0 || (name !== null && plans.has(name));
        case 'page':
        case 'screen':
          return anyEvent.length > 0;
        default:
          return false;
      }
    },
    rule: (name) => ruleByName.get(name),
    planFor: (name) => plans.get(name),
    anyEvent,
    silence: (fingerprint) => silenceByFingerprint.get(fingerprint),
    counter: (fingerprint) => counters.get(fingerprint),
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

/** Conditions of several rules that count the same share a counter, which keeps what the most demanding of them needs. */
function mergedCounters(rules: readonly CompiledRule[]): Map<number, CounterPlan> {
  const merged = new Map<number, CounterPlan>();
  for (const counter of rules.flatMap((rule) => rule.counters)) {
    const known = merged.get(counter.fingerprint);
    if (known === undefined || known.keptTimes < counter.keptTimes) merged.set(counter.fingerprint, counter);
  }
  return merged;
}

function namesOf(rules: readonly CompiledRule[], counters: ReadonlyMap<number, CounterPlan>): string[] {
  const names = new Set<string>();
  for (const counter of counters.values()) for (const name of counter.names) names.add(name);
  for (const rule of rules) {
    for (const { names: started } of rule.eventStarts) for (const name of started) names.add(name);
    for (const silence of rule.silences) for (const name of silence.names ?? []) names.add(name);
    for (const name of rule.listensTo) names.add(name);
  }
  return [...names];
}

function planFor(
  name: string,
  rules: readonly CompiledRule[],
  counters: ReadonlyMap<number, CounterPlan>,
  silences: readonly SilencePlan[],
): EventPlan {
  return {
    starts: rules
      .map((rule) => ({ rule, occasions: rule.eventStarts.filter((start) => start.names.has(name)) }))
      .filter(({ occasions }) => occasions.length > 0),
    silences: silences.filter((silence) => silence.names?.has(name) ?? false),
    counters: [...counters.values()].filter((counter) => counter.names.includes(name)),
    listened: rules.some((rule) => rule.listensTo.has(name)),
  };
}
