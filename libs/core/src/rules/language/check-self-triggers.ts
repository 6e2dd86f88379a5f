import type { Span } from '../yaml/source-text.js';
import type { YamlEntry, YamlNode } from '../yaml/yaml-node.js';
import { findEntry } from '../reading/fields.js';
import type { RuleRead } from './rule-read.js';
import { selfTriggers } from './check-triggers.js';
import { entriesOf, isText } from './entries.js';
import type { Product } from './products.js';
import type { Segments } from './segments.js';

/** Reports each rule that can start itself, over however many others, where it does what starts the next one. */
export function checkSelfTriggers(rules: readonly RuleRead[], segments: Segments): void {
  const cycles = selfTriggers(
    rules.map((read) => read.rule),
    segments,
  );
  for (const { rules: names, by } of cycles) {
    const [first = '', second] = names;
    const read = rules.find(({ rule }) => rule.name === first);
    if (read === undefined) continue;
    const way = second === undefined ? '' : ` (${[...names, first].join(' → ')})`;
    read.reading.error(
      spanOfProduct(read.root, by),
      'rule/triggers-itself',
      `${describe(by)} can start this rule again${way}, and so for ever; let its start or \`who\` exclude that`,
    );
  }
}

function describe(product: Product): string {
  switch (product.kind) {
    case 'event':
      return `the event "${product.event}"`;
    case 'trait':
      return `customer.${product.trait}, set here,`;
    case 'message':
      return `a message of "${product.template}"`;
  }
}

/** The place in the file where the rule does it. */
function spanOfProduct(root: YamlNode, product: Product): Span {
  const steps = root.kind === 'map' ? findEntry(root, 'steps') : undefined;
  const spans = steps === undefined ? [] : entriesOf(steps.value).flatMap((entry) => spanIn(entry, product) ?? []);
  return spans[0] ?? steps?.keySpan ?? root.span;
}

function spanIn({ key, value }: YamlEntry, product: Product): Span | undefined {
  const inner = (name: string) => (value.kind === 'map' ? findEntry(value, name) : undefined);
  switch (product.kind) {
    case 'event': {
      const event = key === 'emit' ? inner('event')?.value : undefined;
      return event && isText(event, product.event) ? event.span : undefined;
    }
    case 'trait':
      return key === 'set' ? inner(`customer.${product.trait}`)?.keySpan : undefined;
    case 'message': {
      if (key === 'variants') return inner(product.template)?.keySpan;
      const template = key === 'send' ? (inner('template')?.value ?? value) : undefined;
      return template && isText(template, product.template) ? template.span : undefined;
    }
  }
}
