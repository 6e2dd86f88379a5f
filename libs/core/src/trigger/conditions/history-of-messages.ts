import type { Condition, HistoryCondition, MessageHistoryCondition } from '../../rules/model.js';

const EVENT_NAMES: { readonly [kind in MessageHistoryCondition['kind']]: string } = {
  'has received': 'Message Sent',
  'has opened': 'Message Opened',
  'has clicked': 'Message Clicked',
};

/**
 * `has received`, `has opened` and `has clicked` as what they count: Kairos' own events of messages. Received means
 * accepted by the provider; machine opens and bot clicks never count.
 */
export function historyOfMessages(condition: MessageHistoryCondition): HistoryCondition {
  const { kind, negated, template, category, channel, rule, atLeast, atMost, withinMs, sinceStart } = condition;
  const said = { template, category, channel, rule };
  const parts = Object.entries(said).flatMap(([name, value]) => (value === null ? [] : [isEqual(name, value)]));
  const where: Condition = {
    kind: 'all',
    conditions: [...parts, { kind: 'not', condition: isEqual('machine', true) }],
  };
  return { kind: 'has done', negated, events: [EVENT_NAMES[kind]], where, atLeast, atMost, withinMs, sinceStart };
}

function isEqual(name: string, value: string | boolean): Condition {
  return {
    kind: 'compare',
    path: { root: 'event', names: [name], text: `event.${name}` },
    comparison: { operator: 'equals', value: { kind: 'literal', value } },
  };
}
