import { textFile } from '../fixtures/shop.js';
import { workspaceOf } from '../fixtures/workspace-of.js';
import { runRuleTests } from './run-rule-tests.js';

const workspace = workspaceOf(
  {
    nurture: `
category: promotional
start: { event: Signed Up }
stop: { event: Account Closed }
goal: { event: Order Completed }
holdout: 10%
steps:
  - send: { variants: { formal: 50%, plain: 50% }, with: { discount: 10, name: start.name }, channels: [email] }
  - wait: { for: { opened: formal }, up to: 1 day }
    then:
      - set: { customer.lifecycle: engaged, customer.first_seen: start.source }
      - emit: { event: Nurture Finished, properties: { by: start.source } }
    on timeout:
      - split:
          short: { share: 50%, steps: [{ webhook: { to: helpdesk, body: { who: start.name, urgent: true } } }] }
          long: { share: 50%, steps: [{ wait: 1 day }, { send: formal }] }
`,
    chained: `
category: care
start: { event: Nurture Finished, where: { event.by: ad } }
steps:
  - send: { template: plain, fallback: { after: 2 hours, unless: opened } }
`,
    drop: `
category: promotional
start: { item event: Product Updated, in: customer.wishes, where: { event.price: { dropped by: 10% } } }
steps:
  - send: formal
`,
  },
  ['formal', 'plain'],
  {
    'segments.yaml': `
computed:
  customer.wishes: { list: event.product_id, of: Wished, keep: [event.price] }
`,
    'events.yaml': 'events: {}\nitems: { Product Updated: product_id }\n',
  },
);

const HEAD = `clock: 2026-03-02T09:00:00Z
customers: { ann: { email: ann@shop.test, $push_tokens: [t] }, bob: { email: bob@shop.test } }
tests:
`;
const run = (body: string, coverage = false) =>
  runRuleTests(
    workspace,
    [textFile('rules/a.test.yaml', `${HEAD}  - name: the test\n${body.replace(/^/gm, '    ')}\n`)],
    { only: null, coverage },
  );
const resultOf = (body: string) => {
  const { files } = run(body);
  expect(files[0]!.diagnostics).toEqual([]);
  return files[0]!.tests[0]!;
};
const failures = (body: string) => resultOf(body).messages.filter(({ matches }) => !matches);

const SIGNED_UP = '{ at: +0m, customer: ann, event: Signed Up, name: Ann, source: ad }';
const FIRST = '{ at: +0m, send: formal, to: ann }';
const OPENED = `events: [${SIGNED_UP}, { at: +2h, customer: ann, opens: formal }]`;
const CHAIN = '{ at: +2h, send: plain, to: ann, channel: email }, { at: +4h, send: plain, to: ann, channel: push }';

describe('a rule test of what customers and rules do', () => {
  it('lets a customer open what was sent to her, with all that follows', () => {
    expect(failures(`${OPENED}\nexpect: [${FIRST}, ${CHAIN}]`)).toEqual([]);
  });

  it.each([
    ['opens plain', '{ at: +2h, customer: ann, opens: plain }'],
    ['clicks formal', '{ at: +0m, customer: ann, clicks: formal }'],
  ])('fails when somebody answers what was not sent: %s', (what, answer) => {
    const result = resultOf(`events: [${SIGNED_UP}, ${answer}]\nuntil: +3h\nexpect: [${FIRST}]`);
    expect(result.passed).toBe(false);
    expect(result.problems).toMatchObject([{ line: 5, message: expect.stringContaining(`ann ${what}, but none`) }]);
    expect(result.problems[0]!.frame.join('\n')).toContain('^^^');
  });

  it('ends a wait for engagement at once with a bounce', () => {
    const events = `events: [${SIGNED_UP}, { at: +2h, customer: ann, bounces: formal }]`;
    const call = '{ at: +2h, webhook: helpdesk, to: ann, with: { who: Ann } }';
    expect(failures(`${events}\nexpect: [${FIRST}, ${call}]`)).toEqual([]);
  });

  it('compares the values that are written, of messages, calls, events and traits', () => {
    const all = (discount: number, by: string, traits: string) =>
      `${OPENED}\nexpect: [{ at: +0m, send: formal, with: { discount: ${discount} } }, { at: +2h, set: ${traits}, customer: ann }, { at: +2h, emit: Nurture Finished, with: { by: ${by} } }, ${CHAIN}]`;
    const set = '{ customer.lifecycle: engaged, customer.first_seen: ad }';
    expect(failures(all(10, 'ad', set))).toEqual([]);
    expect(failures(all(10, 'ad', '[customer.lifecycle, customer.first_seen]'))).toEqual([]);
    const why = (body: string) => failures(body).flatMap((failure) => failure.why.slice(0, 1));
    expect(why(all(20, 'ad', set))).toEqual(['discount is 10, not 20']);
    expect(why(all(10, 'friend', set))).toEqual(['by is "ad", not "friend"']);
    expect(why(all(10, 'ad', 'customer.lifecycle'))).toEqual([
      'it writes customer.first_seen too, which is not among what is expected',
    ]);
    expect(why(all(10, 'ad', '{ customer.lifecycle: asleep, customer.first_seen: ad }'))).toEqual([
      'customer.lifecycle is "engaged", not "asleep"',
    ]);
  });

  it('is complete in set and emit lines as soon as there is one of that kind', () => {
    expect(failures(`${OPENED}\nexpect: [${FIRST}, { at: +2h, emit: Nurture Finished }, ${CHAIN}]`)).toEqual([]);
    const two = `events: [${SIGNED_UP}, { at: +2h, customer: ann, opens: formal }, { at: +3h, customer: bob, event: Signed Up, source: tv }, { at: +4h, customer: bob, opens: formal }]`;
    const [failure, ...others] = failures(
      `${two}\nexpect: [${FIRST}, { at: +2h, set: [customer.lifecycle, customer.first_seen], customer: ann }, { at: +2h, send: plain }, { at: +3h, send: formal, to: bob }, { at: +4h, send: plain }]`,
    );
    expect(others).toEqual([]);
    expect(failure).toMatchObject({ expected: null, actual: '+4h set customer.lifecycle, customer.first_seen to bob' });
  });

  it.each([
    ['takes first branches and holds nobody out', '', '{ at: +1d, webhook: helpdesk }'],
    ['takes the branch that is chosen', 'chance: { nurture: long }', '{ at: +2d, send: formal }'],
  ])('%s', (_, chance, then) => {
    expect(failures(`events: [${SIGNED_UP}]\n${chance}\nexpect: [${FIRST}, ${then}]`)).toEqual([]);
  });

  it('takes several chances of one rule', () => {
    const body = `events: [${SIGNED_UP}]\nchance: { nurture: [holdout, plain, long] }`;
    const sent = '{ at: +0m, send: plain, suppressed: holdout }, { at: +2d, send: formal, suppressed: holdout }';
    // Nobody waits for formal, which was never sent: its wait lasts its day.
    expect(failures(`${body}\nexpect: [${sent}]`)).toEqual([]);
  });

  it('brings events about things to those whose lists hold them', () => {
    const events = [
      '{ at: +0m, customer: ann, event: Wished, product_id: p1, price: 100 }',
      '{ at: +0m, customer: bob, event: Wished, product_id: p2, price: 100 }',
      '{ at: +1h, item: p1, event: Product Updated, price: 90 }',
      '{ at: +1h, item: p2, event: Product Updated, price: 95 }',
    ].join(', ');
    const explain = 'explain: [{ rule: drop, customer: bob, outcome: not_started, by: where_false }]';
    expect(resultOf(`events: [${events}]\nexpect: [{ at: +1h, send: formal, to: ann }]\n${explain}`).passed).toBe(true);
    const why = resultOf(
      `events: [${events}]\nexpect: [{ at: +1h, send: formal, to: ann }, { at: +1h, send: formal, to: bob }]`,
    ).messages.flatMap((message) => message.why);
    expect(why.join('\n')).toContain('event.price is 95, not dropped by 10% from 100');
  });

  it('knows the events that rules emit by their names', () => {
    const explain = 'explain: [{ rule: chained, customer: ann, outcome: finished }]';
    expect(resultOf(`${OPENED}\nexpect: [${FIRST}, ${CHAIN}]\n${explain}`).passed).toBe(true);
    const why = failures(`${OPENED}\nexpect: [${FIRST}]`).flatMap((failure) => failure.why);
    expect(why).toContain('+2h a run began with Nurture Finished');
  });
});

describe('coverage', () => {
  const missed = (body: string) => {
    const { coverage } = run(body, true);
    return Object.fromEntries(
      coverage!.rules.map(({ rule, missed: parts }) => [rule, parts.map(({ kind, place }) => `${kind} ${place}`)]),
    );
  };

  it('names starts, stops, goals, steps and branches that no test reaches', () => {
    expect(missed(`${OPENED}\nexpect: [${FIRST}]`)).toEqual({
      nurture: [
        'stop 1',
        'goal 1',
        'branch 2.on timeout',
        'step 2.on timeout.1',
        'branch 2.on timeout.1.short',
        'branch 2.on timeout.1.long',
        'step 2.on timeout.1.short.1',
        'step 2.on timeout.1.long.1',
        'step 2.on timeout.1.long.2',
      ],
      chained: [],
      drop: ['start 1', 'step 1'],
    });
  });

  it('sees goals and stops by the event that ended the run', () => {
    const ends = (name: string) =>
      missed(`events: [${SIGNED_UP}, { at: +1h, customer: ann, event: ${name} }]\nexpect: [${FIRST}]`)['nurture'];
    expect(ends('Order Completed')).toContain('stop 1');
    expect(ends('Order Completed')).not.toContain('goal 1');
    expect(ends('Account Closed')).not.toContain('stop 1');
  });
});
