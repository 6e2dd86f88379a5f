import { MESSAGE_EVENTS, type Rule } from '../model.js';
import { findEntry } from '../reading/fields.js';
import type { YamlEntry, YamlNode } from '../yaml/yaml-node.js';
import { entriesOf } from './entries.js';
import { productsOf } from './products.js';
import type { RuleRead } from './rule-read.js';

/** Whoever waits for a message that nobody sends waits in vain: in a start of any rule, elsewhere of the rule itself. */
export function checkSent(rules: readonly RuleRead[]): void {
  const all = new Set(rules.flatMap(({ rule }) => templatesOf(rule)));
  for (const { rule, root, reading } of rules) {
    const own = new Set(templatesOf(rule));
    const check = (expected: YamlEntry, sent: ReadonlySet<string>, who: string) => {
      const template = expected.value.kind === 'scalar' ? String(expected.value.value) : '';
      if (sent.has(template)) return;
      reading.warning(expected.value.span, 'rule/never-sent', `${who} "${template}", so this never happens`);
    };
    for (const entry of messagesIn(valueOf(root, 'start'))) check(entry, all, 'no rule sends');
    const inside = [valueOf(root, 'stop'), valueOf(root, 'goal'), ...waitedFor(valueOf(root, 'steps'))];
    for (const entry of inside.flatMap(messagesIn)) check(entry, own, 'this rule does not send');
  }
}

function templatesOf(rule: Rule): readonly string[] {
  return productsOf(rule).flatMap((product) => (product.kind === 'message' ? [product.template] : []));
}

function valueOf(node: YamlNode, key: string): YamlNode | undefined {
  return node.kind === 'map' ? findEntry(node, key)?.value : undefined;
}

function waitedFor(steps: YamlNode | undefined): readonly (YamlNode | undefined)[] {
  const waits = steps === undefined ? [] : entriesOf(steps).filter(({ key }) => key === 'wait');
  return waits.map(({ value }) => valueOf(value, 'for'));
}

/** `opened: TEMPLATE` and the like, of one occasion or a list of them. */
function messagesIn(node: YamlNode | undefined): readonly YamlEntry[] {
  if (node?.kind === 'list') return node.items.flatMap(messagesIn);
  return node?.kind === 'map' ? node.entries.filter(({ key }) => MESSAGE_EVENTS.some((word) => word === key)) : [];
}
