import { ORDER_GAP, readRuleWith } from '../fixtures/read-rule-with.js';
import { KAIROS, workspaceWith } from '../fixtures/valid-workspace.js';
import type { Step } from '../model.js';
import { readWorkspace } from '../read-workspace.js';

const DAY = 86_400_000;
const stepsOf = (...lines: readonly string[]): readonly Step[] =>
  readRuleWith({ steps: `steps:\n${lines.map((line) => `  - ${line}\n`).join('')}` }, ORDER_GAP).rule.steps;
const step = (line: string): Step | undefined => stepsOf(line)[0];
const literal = (value: string | number | boolean) => ({ kind: 'literal', value });
const asPath = (root: string, ...names: readonly string[]) => ({
  kind: 'path',
  path: { root, names, text: root === 'as' ? names.join('.') : [root, ...names].join('.') },
});

describe('a step', () => {
  it('waits until a moment, with what is done then and what when it was past', () => {
    expect(step('{ wait: { until: monday, at: "10:00" }, then: [stop], on past: [{ send: reminder }] }')).toEqual({
      kind: 'wait until',
      moment: { kind: 'weekdays', days: ['monday'] },
      at: 600,
      then: [{ kind: 'stop' }],
      onPast: [expect.objectContaining({ kind: 'send' })],
    });
    expect(step('{ wait: { until: "10:00" } }')).toMatchObject({ at: null, then: [], onPast: [] });
  });

  it('waits for something until a moment', () => {
    expect(step('{ wait: { for: { opened: reminder }, until: friday, at: "18:00" } }')).toMatchObject({
      kind: 'wait for',
      occasions: [{ kind: 'opened', template: 'reminder' }],
      upTo: { moment: { kind: 'weekdays', days: ['friday'] }, at: 1080 },
      as: null,
    });
  });

  it('waits as long as a customer takes', () => {
    expect(step('{ wait: 0.9 x customer.order_gap or 30 days }')).toEqual({
      kind: 'wait',
      duration: {
        kind: 'of customer',
        factor: 0.9,
        path: { root: 'customer', names: ['order_gap'], text: 'customer.order_gap' },
        orMs: 30 * DAY,
      },
    });
    expect(step('{ wait: customer.order_gap }')).toMatchObject({ duration: { factor: 1, orMs: null } });
  });

  it('splits in the order written', () => {
    const read = step('{ split: { short: { share: 12.5%, steps: [stop] }, long: { share: 87.5% } } }');
    expect(read).toEqual({
      kind: 'split',
      branches: [
        { name: 'short', share: 0.125, steps: [{ kind: 'stop' }] },
        { name: 'long', share: 0.875, steps: [] },
      ],
    });
  });

  it('takes three thirds for the whole, although their sum loses the last bit', () => {
    expect(step('{ split: { a: { share: 33.3% }, b: { share: 33.3% }, c: { share: 33.4% } } }')).toBeDefined();
  });

  it('repeats, and knows its round', () => {
    expect(
      step('{ repeat: { at most: 4, while: { repeat.count: { at most: 2 } }, steps: [{ wait: 1 day }] } }'),
    ).toMatchObject({
      kind: 'repeat',
      atMost: 4,
      while: { kind: 'compare', path: { root: 'repeat', names: ['count'] } },
      steps: [{ kind: 'wait' }],
    });
    expect(step('{ repeat: { at most: 2, steps: [stop] } }')).toMatchObject({ while: null });
  });

  it('sets traits to values, paths, lists and maps', () => {
    expect(step('{ set: { customer.tier: gold, customer.last: start.id, customer.list: [1, start.x] } }')).toEqual({
      kind: 'set',
      traits: {
        tier: literal('gold'),
        last: asPath('start', 'id'),
        list: { kind: 'list', items: [literal(1), asPath('start', 'x')] },
      },
    });
  });

  it('emits an event with properties, or without', () => {
    expect(step('{ emit: { event: Win-back Finished, properties: { deep: { a: { text: customer.io } } } } }')).toEqual({
      kind: 'emit',
      event: 'Win-back Finished',
      properties: { deep: { kind: 'map', entries: { a: literal('customer.io') } } },
    });
    expect(step('{ emit: { event: Done } }')).toMatchObject({ properties: {} });
  });

  it('calls a webhook of kairos.yaml', () => {
    const { workspace } = readWorkspace(
      workspaceWith({
        'kairos.yaml': `${KAIROS}webhooks: { helpdesk: { url: "https://help.shop.test" } }\n`,
        'rules/cart.yaml':
          'rule: cart\ncategory: care\nstart: { event: A }\nsteps: [{ webhook: { to: helpdesk, body: { text: hi } } }, { webhook: { to: helpdesk } }]',
      }),
    );
    expect(workspace?.rules[0]?.steps).toEqual([
      { kind: 'webhook', to: 'helpdesk', body: { text: literal('hi') } },
      { kind: 'webhook', to: 'helpdesk', body: {} },
    ]);
  });

  it('pauses up to a duration or a moment, resumes, and unsubscribes', () => {
    expect(
      stepsOf(
        '{ pause: { category: promotional, up to: 14 days } }',
        '{ pause: { category: promotional, until: 2026-11-26 } }',
        '{ resume: promotional }',
        '{ unsubscribe: { category: promotional, channels: [email] } }',
        '{ unsubscribe: { category: care } }',
      ),
    ).toEqual([
      { kind: 'pause', category: 'promotional', upTo: { kind: 'fixed', ms: 14 * DAY, days: 14 } },
      { kind: 'pause', category: 'promotional', upTo: { moment: { kind: 'day', day: 20_783 }, at: null } },
      { kind: 'resume', category: 'promotional' },
      { kind: 'unsubscribe', category: 'promotional', channels: ['email'] },
      { kind: 'unsubscribe', category: 'care', channels: null },
    ]);
  });

  it('sends with everything that can be said', () => {
    expect(
      step(
        '{ send: { variants: { reminder: 40%, mail-only: 40%, nothing: 20% }, with: { discount: 10 }, channels: [start.channel, email], fallback: { after: 2 hours, unless: opened }, ignores quiet hours: true, style: formal } }',
      ),
    ).toEqual({
      kind: 'send',
      variants: [
        { name: 'reminder', template: 'reminder', share: 0.4 },
        { name: 'mail-only', template: 'mail-only', share: 0.4 },
        { name: 'nothing', template: null, share: 0.2 },
      ],
      drawn: true,
      with: { discount: literal(10) },
      channels: [{ root: 'start', names: ['channel'], text: 'start.channel' }, 'email'],
      fallback: { afterMs: DAY / 12, unless: 'opened' },
      category: 'promotional',
      priority: 50,
      onCapped: null,
      ignoresQuietHours: true,
      expiresMs: null,
      style: 'formal',
    });
  });
});

describe('a name given by `as`', () => {
  const ANSWER = '{ wait: { for: { event: Answered }, up to: 1 day, as: the_answer }';

  it('is known in `then`, behind the wait, and there as far in as one likes', () => {
    const read = stepsOf(
      `${ANSWER}, then: [{ set: { customer.a: the_answer.score } }] }`,
      '{ if: { the_answer.score: { at least: the_answer.least } }, then: [{ set: { customer.b: the_answer.x } }] }',
      '{ wait: { for: { event: B, where: { event.id: the_answer.id } }, until: 3 days before the_answer.date } }',
    );
    expect(read).toMatchObject([
      { then: [{ traits: { a: asPath('as', 'the_answer', 'score') } }] },
      { condition: { path: { root: 'as', names: ['the_answer', 'score'] } }, then: [{ kind: 'set' }] },
      { upTo: { moment: { kind: 'beside', path: { root: 'as' } } } },
    ]);
  });

  it('is known behind a branch that may have given it, and in the next round of a repeat', () => {
    expect(
      stepsOf(`{ if: { customer.a: 1 }, then: [${ANSWER} }] }`, '{ set: { customer.a: the_answer.score } }'),
    ).toHaveLength(2);
    const round = `{ if: { the_answer.score: 1 }, then: [stop] }, ${ANSWER} }`;
    expect(stepsOf(`{ repeat: { at most: 3, while: { the_answer.more: true }, steps: [${round}] } }`)).toHaveLength(1);
  });

  it('makes no path of a text where the rule gives no such name', () => {
    expect(step('{ set: { customer.a: the_answer.score } }')).toMatchObject({
      traits: { a: literal('the_answer.score') },
    });
  });
});
