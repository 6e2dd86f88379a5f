import { compileRuleset, readWorkspace, rulesetsOf, type Ruleset, type Rulesets } from '#core';

const SETTINGS = `time zone: Europe/Berlin
locale: en
channels: [email]
categories: { promotional: { consent: none } }
`;
const template = (name: string) => ({ [`templates/${name}/email.hbs`]: name, [`templates/${name}/subject.hbs`]: name });

/** One rule for each way in which the engine can be wrong; `judge` knows `pong` and `cart` by heart. */
const FIRST: { readonly [path: string]: string } = {
  'kairos.yaml': SETTINGS,
  'events.yaml': 'items: { Restocked: thing }\n',
  'segments.yaml': `computed:
  customer.wishes: { list: event.thing, of: Wished, until: [Unwished], within: 3 hours }
  customer.pings: { count: Ping }
segments: { busy: { customer.pings: { at least: 3 } } }
`,
  'rules/pong.yaml': `rule: pong
category: promotional
start: { event: Ping, key: event.id }
steps: [{ send: pong }]
`,
  'rules/cart.yaml': `rule: cart
category: promotional
start: { event: Cart, key: event.cart }
again: never
stop: { event: Order, where: { event.cart: start.cart } }
steps: [{ wait: 10 minutes }, { send: cart }]
`,
  'rules/debounce.yaml': `rule: debounce
category: promotional
start: { event: [Cart, View] }
while running: restart wait
goal: { event: Order, within: 2 hours }
steps:
  - wait: 5 minutes
  - send: nudge
  - wait: { for: { event: View }, up to: 20 minutes }
    on timeout: [{ send: last-call }]
`,
  'rules/silence.yaml': `rule: silence
category: promotional
start: { inactive: 30 minutes, since: Ping }
steps: [{ send: silence }]
`,
  'rules/busy.yaml': `rule: busy
category: promotional
start: { enters: busy }
steps: [{ emit: { event: Grew Busy, properties: { level: 1 } } }]
`,
  'rules/chain.yaml': `rule: chain
category: promotional
start: { event: Grew Busy }
steps: [{ wait: 1 minute }, { send: chain }]
`,
  'rules/restocked.yaml': `rule: restocked
category: promotional
start: { item event: Restocked, in: customer.wishes }
steps: [{ send: restocked }]
`,
  ...template('pong'),
  ...template('cart'),
  ...template('nudge'),
  ...template('last-call'),
  ...template('silence'),
  ...template('chain'),
  ...template('restocked'),
};

const SECOND = {
  ...Object.fromEntries(Object.entries(FIRST).filter(([path]) => path !== 'rules/silence.yaml')),
  'rules/debounce.yaml': FIRST['rules/debounce.yaml']!.replace('5 minutes', '7 minutes'),
  'rules/anew.yaml': `rule: anew
category: promotional
start: { item event: Restocked, in: customer.likes }
steps: [{ wait: 2 minutes }, { send: pong }]
`,
  'segments.yaml': FIRST['segments.yaml']!.replace(
    'computed:\n',
    'computed:\n  customer.likes: { list: event.thing, of: Liked }\n',
  ),
};

/** What was taken away stays away: memory of a rule that is gone is dropped when somebody comes by. */
const THIRD = {
  ...Object.fromEntries(Object.entries(SECOND).filter(([path]) => path !== 'rules/anew.yaml')),
  'rules/debounce.yaml': FIRST['rules/debounce.yaml']!,
};

const files = (texts: { readonly [path: string]: string }) =>
  Object.entries(texts).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) }));

function compiled(
  texts: { readonly [path: string]: string },
  number: number,
  versions: Record<string, number>,
): Ruleset {
  const { workspace, diagnostics } = readWorkspace(files(texts));
  if (workspace === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return compileRuleset(workspace, number, versions);
}

/** Versions published one after the other; number 1 is in force from the beginning. */
export function shopRulesets(): readonly Rulesets[] {
  const first = compiled(FIRST, 1, {});
  const second = compiled(SECOND, 2, { debounce: 2 });
  const third = compiled(THIRD, 3, { debounce: 3 });
  return [rulesetsOf(first), rulesetsOf(second, [first]), rulesetsOf(third, [first, second])];
}
