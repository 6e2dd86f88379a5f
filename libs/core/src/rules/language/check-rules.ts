import { groupBy } from '../group-by.js';
import type { Condition, Occasion, Path, Rule, Step } from '../model.js';
import { findEntry, mapStart } from '../reading/fields.js';
import type { Span } from '../yaml/source-text.js';
import type { YamlNode } from '../yaml/yaml-node.js';
import { checkSelfTriggers } from './check-self-triggers.js';
import { checkSent } from './check-sent.js';
import { everyStep } from './products.js';
import type { RuleRead } from './rule-read.js';
import type { Segments } from './segments.js';

/** What only all rules together show. Reported into the reading of each. */
export function checkRules(rules: readonly RuleRead[], segments: Segments): void {
  checkNames(rules);
  checkSelfTriggers(rules, segments);
  checkSent(rules);
  const known = propertiesByEvent(rules.map((read) => read.rule));
  for (const read of rules) checkStops(read, known);
}

function checkNames(rules: readonly RuleRead[]): void {
  for (const [name, same] of groupBy(rules, (read) => read.rule.name)) {
    for (const read of same.length > 1 ? same : []) {
      const others = same.filter((other) => other !== read).map((other) => placeOf(other));
      read.reading.error(
        spanOf(read.root, 'rule'),
        'rule/duplicate-name',
        `two rules are called "${name}"; the other one: ${others.join(', ')}`,
      );
    }
  }
}

function placeOf({ root, reading }: RuleRead): string {
  const { line, column } = reading.source.position(spanOf(root, 'rule').start);
  return `${reading.source.path}:${line}:${column}`;
}

function spanOf(root: YamlNode, key: string): Span {
  if (root.kind !== 'map') return root.span;
  return findEntry(root, key)?.value.span ?? mapStart(root);
}

/**
 * A rule with a run per cart whose `stop` forgets the cart ends all of the customer's runs. Worth a warning where the
 * workspace itself shows that the stopping event has the key's property; without that the event may not know the cart.
 */
function checkStops({ rule, root, reading }: RuleRead, known: ReadonlyMap<string, ReadonlySet<string>>): void {
  const keys = rule.starts.flatMap((start) => (start.kind === 'event' ? start.key : []));
  rule.stop.forEach((stop, index) => {
    if (stop.kind !== 'event' || stop.where !== null) return;
    const key = keys.find((path) => stop.events.some((event) => known.get(event)?.has(path.names.join('.'))));
    if (key === undefined) return;
    const hint = `add where: { ${key.text}: start.${key.names.join('.')} } to end only the run it belongs to`;
    reading.warning(
      stopSpan(root, index),
      'rule/stop-every-key',
      `this ends all runs of the customer, whatever the ${key.text}; ${hint}`,
    );
  });
}

function stopSpan(root: YamlNode, index: number): Span {
  const value = root.kind === 'map' ? findEntry(root, 'stop')?.value : undefined;
  const node = value?.kind === 'list' ? value.items[index] : value;
  return node?.kind === 'map' ? mapStart(node) : (node?.span ?? root.span);
}

/** Event name → properties that some rule uses of it. */
function propertiesByEvent(rules: readonly Rule[]): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>();
  const learn = (events: readonly string[], paths: readonly Path[]) => {
    for (const event of events) {
      const properties = known.get(event) ?? new Set();
      for (const path of paths) if (path.root === 'event') properties.add(path.names.join('.'));
      known.set(event, properties);
    }
  };
  const learnOccasion = (occasion: Occasion) => {
    if (occasion.kind === 'event') learn(occasion.events, pathsOf(occasion.where));
  };
  for (const rule of rules) {
    for (const start of rule.starts)
      if (start.kind === 'event') learn(start.events, [...start.key, ...pathsOf(start.where)]);
    [...rule.stop, ...(rule.goal?.occasions ?? []), ...waitOccasions(rule.steps)].forEach(learnOccasion);
  }
  return known;
}

function waitOccasions(steps: readonly Step[]): readonly Occasion[] {
  return everyStep(steps).flatMap((step) => (step.kind === 'wait for' ? step.occasions : []));
}

/** Paths a condition asks of its own event; the events of a history condition are others. */
function pathsOf(condition: Condition | null): readonly Path[] {
  switch (condition?.kind) {
    case 'all':
    case 'any':
      return condition.conditions.flatMap(pathsOf);
    case 'not':
      return pathsOf(condition.condition);
    case 'compare':
      return [condition.path];
    case 'has done':
    case 'segment':
    case 'has received':
    case 'has opened':
    case 'has clicked':
    case undefined:
      return [];
  }
}
