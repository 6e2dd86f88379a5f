import type { Condition, HistoryCondition, MessageHistoryCondition, Path, Rule, Start, ValueTree } from '../model.js';
import { findCycles } from './find-cycle.js';
import { foresee, type Known } from './foresee.js';
import { type Product, productsOf } from './products.js';
import { type References, referencesOf } from './references.js';
import type { Segments } from './segments.js';

export interface Cycle {
  /** Names of rules, each of which can start the next, the last one the first. */
  readonly rules: readonly string[];
  /** What the first rule does that can start the second. */
  readonly by: Product;
}

/** What happens to a message without anybody's doing. That people open and click is not the rule's own work. */
const BY_ITSELF = ['Message Sent', 'Message Delivered', 'Message Failed', 'Message Bounced'];

/** Rules that can start themselves, over however many others: they would do so for ever. */
export function selfTriggers(rules: readonly Rule[], segments: Segments): readonly Cycle[] {
  const sorted = [...rules].sort((a, b) => (a.name < b.name ? -1 : 1));
  const listeners = new Listeners(sorted);
  const links = new Map(sorted.map((rule) => [rule.name, linksOf(rule, listeners, segments)]));
  const edges = new Map([...links].map(([name, found]) => [name, [...found.keys()]]));
  return findCycles(edges).flatMap((cycle) => {
    const [first = '', second = first] = cycle;
    const by = links.get(first)?.get(second);
    return by === undefined ? [] : [{ rules: cycle, by }];
  });
}

/** The rules that a rule can start, and by what. */
function linksOf(rule: Rule, listeners: Listeners, segments: Segments): ReadonlyMap<string, Product> {
  const links = new Map<string, Product>();
  const link = (names: Iterable<string>, product: Product) => {
    for (const name of names) if (!links.has(name)) links.set(name, product);
  };
  for (const product of productsOf(rule)) {
    if (product.kind === 'message') link(listeners.ofTemplates.get(product.template) ?? [], product);
    const events = product.kind === 'event' ? [product.event] : product.kind === 'message' ? BY_ITSELF : [];
    for (const event of events) {
      const heard = (listeners.ofEvents.get(event) ?? []).filter(({ where }) => canBe(product, event, where));
      link(
        heard.map(({ name }) => name),
        product,
      );
    }
    for (const { start, names } of listeners.ofSegments.values())
      if (canMove(product, start, segments)) link(names, product);
  }
  return links;
}

type SegmentStart = Extract<Start, { segment: string }>;

/** Who listens to what, so that many rules are not compared with each other one by one. */
class Listeners {
  readonly ofEvents = new Map<string, { readonly name: string; readonly where: Condition | null }[]>();
  readonly ofTemplates = new Map<string, string[]>();
  readonly ofSegments = new Map<string, { readonly start: SegmentStart; readonly names: string[] }>();

  constructor(rules: readonly Rule[]) {
    for (const rule of rules) if (!startsOnce(rule)) for (const start of rule.starts) this.add(rule.name, start);
  }

  private add(name: string, start: Start): void {
    switch (start.kind) {
      case 'event':
      case 'item event':
        return this.addEvents(name, start.events, start.where);
      case 'inactive':
        return this.addEvents(name, start.since === 'any event' ? [] : start.since, start.where);
      case 'enters':
      case 'leaves': {
        const key = `${start.kind} ${start.segment}`;
        const known = this.ofSegments.get(key);
        if (known === undefined) this.ofSegments.set(key, { start, names: [name] });
        else known.names.push(name);
        return;
      }
      case 'sent':
      case 'delivered':
      case 'failed':
        this.ofTemplates.set(start.template, [...(this.ofTemplates.get(start.template) ?? []), name]);
        return;
      case 'opened':
      case 'clicked':
      case 'replied':
      case 'date':
      case 'every':
        return;
    }
  }

  private addEvents(name: string, events: readonly string[], where: Condition | null): void {
    for (const event of events) this.ofEvents.set(event, [...(this.ofEvents.get(event) ?? []), { name, where }]);
  }
}

/** A rule that starts once for a customer ends every chain. */
function startsOnce(rule: Rule): boolean {
  const keyed = rule.starts.some(
    (start) => start.kind === 'item event' || (start.kind === 'event' && start.key.length > 0),
  );
  return rule.active === 'never' || (rule.again.kind === 'never' && !keyed);
}

function canBe(product: Product, event: string, where: Condition | null): boolean {
  const properties = propertiesOf(product, event);
  if (properties === null) return false;
  return where === null || foresee(where, knownOfEvent(properties)) !== false;
}

type Properties = { readonly [name: string]: ValueTree | 'unknown' };

/** The properties of the event that this would be; null: it is no such event. */
function propertiesOf(product: Product, event: string): Properties | null {
  if (product.kind === 'event') return product.event === event ? product.properties : null;
  if (product.kind !== 'message' || !BY_ITSELF.includes(event)) return null;
  const text = (value: string): ValueTree => ({ kind: 'literal', value });
  const { template, rule, category } = product;
  const unknown = { channel: 'unknown', run: 'unknown', message_id: 'unknown', machine: 'unknown' } as const;
  return { ...unknown, template: text(template), rule: text(rule), category: text(category) };
}

function knownOfEvent(properties: Properties): Known {
  return {
    ...NOTHING_KNOWN,
    value: ({ root, names }) => {
      if (root !== 'event' || names[0] === 'timestamp') return null;
      return walk(properties[names[0] ?? ''], names.slice(1));
    },
  };
}

const NOTHING_KNOWN: Known = { value: () => null, segment: () => null, history: () => null };

function walk(tree: ValueTree | 'unknown' | undefined, names: readonly string[]): ReturnType<Known['value']> {
  if (tree === undefined) return 'missing';
  if (tree === 'unknown' || tree.kind === 'path') return null;
  const [first, ...rest] = names;
  if (first === undefined) return tree.kind === 'literal' ? { value: tree.value } : null;
  if (tree.kind === 'map') return walk(tree.entries[first], rest);
  return tree.kind === 'list' ? null : 'missing';
}

/** Whether a customer can come into, or leave, a segment by what a rule did. */
function canMove(product: Product, start: SegmentStart, segments: Segments): boolean {
  const condition = segments.segments[start.segment];
  if (condition === undefined || !concerns(product, referencesOf(condition), condition, segments)) return false;
  const after = foresee(condition, knownAfter(product, segments));
  return start.kind === 'enters' ? after !== false : after !== true;
}

/** Whether a condition can change by this at all. */
function concerns(product: Product, references: References, condition: Condition, segments: Segments): boolean {
  const ofPaths = references.paths.some((path) => touches(product, path, segments));
  const ofSegments = references.segments.some((name) => {
    const inner = segments.segments[name];
    return inner !== undefined && concerns(product, referencesOf(inner), inner, segments);
  });
  return ofPaths || ofSegments || histories(condition).some((history) => adds(product, history));
}

function touches(product: Product, { root, names: [name = ''] }: Path, segments: Segments): boolean {
  if (root !== 'customer') return false;
  if (product.kind === 'trait') return product.trait === name;
  const computed = segments.computed[name];
  if (computed === undefined) return false;
  const events = computed.kind === 'list' ? [...computed.events, ...computed.until] : computed.events;
  return events.some((event) => propertiesOf(product, event) !== null);
}

function histories(condition: Condition): readonly (HistoryCondition | MessageHistoryCondition)[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.conditions.flatMap(histories);
    case 'not':
      return histories(condition.condition);
    case 'has done':
    case 'has received':
    case 'has opened':
    case 'has clicked':
      return [condition];
    case 'compare':
    case 'segment':
      return [];
  }
}

function adds(product: Product, history: HistoryCondition | MessageHistoryCondition): boolean {
  if (history.kind === 'has done') return history.events.some((event) => canBe(product, event, history.where));
  if (history.kind !== 'has received' || product.kind !== 'message') return false;
  return (['template', 'rule', 'category'] as const).every(
    (name) => history[name] === null || history[name] === product[name],
  );
}

function knownAfter(product: Product, segments: Segments): Known {
  const known: Known = {
    value: ({ root, names }) => {
      if (root !== 'customer' || product.kind !== 'trait' || product.trait !== names[0]) return null;
      return walk(product.value, names.slice(1));
    },
    segment: (name) => {
      const condition = segments.segments[name];
      return condition === undefined ? null : foresee(condition, known);
    },
    history: (history) => (surelyAdds(product, history) ? !history.negated : null),
  };
  return known;
}

/** Once is enough, and this is once. */
function surelyAdds(product: Product, history: HistoryCondition | MessageHistoryCondition): boolean {
  if (!adds(product, history) || (history.atLeast ?? 1) > 1 || history.atMost !== null) return false;
  if (history.kind !== 'has done') return history.channel === null && !history.sinceStart;
  return history.where === null && !history.sinceStart;
}
