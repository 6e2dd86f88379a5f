import { oneTest, shop, textFile } from '../../fixtures/shop.js';
import { formatMoment, parseOffset } from '../moment.js';
import { readTestFile } from './read-test-file.js';

const workspace = shop();
const codes = (body: string) =>
  readTestFile(oneTest(body), workspace).diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`);
const EVENTS = 'events: [{ at: +0m, customer: ann, event: Product Added }]';
const EXPECT = 'expect: [{ at: +1h, send: remind }]';

it('suggests the plus that an offset lacks', () => {
  const { diagnostics } = readTestFile(
    oneTest(`events: [{ at: 1h 30m, customer: ann, event: E }]\n${EXPECT}`),
    workspace,
  );
  expect(diagnostics[0]!.suggestion).toBe('+1h30m');
});

describe('a file of rule tests', () => {
  it('is read with properties, traits and consents as they stand', () => {
    const text = `
clock: 2026-03-02T09:00:00Z
customers: { ann: { tags: [a, 1], traits: { consents: own }, consents: { care: false } } }
tests:
  - name: a
    events: [{ at: +1d2h, customer: ann, event: E, price: 3, nested: { a: [true, null] }, properties: { at: noon } }]
    expect: [{ at: +2d, send: remind }]
`;
    const { file, diagnostics } = readTestFile(textFile('rules/a.test.yaml', text), workspace);
    expect(diagnostics).toEqual([]);
    expect(file!.customers).toEqual([
      { name: 'ann', traits: { tags: ['a', 1], consents: 'own' }, consents: { care: false } },
    ]);
    expect(file!.tests[0]!.events).toEqual([
      {
        at: Date.parse('2026-03-03T11:00:00Z'),
        place: { line: 6, column: 14, endLine: 6, endColumn: 117 },
        call: {
          kind: 'event',
          customer: 'ann',
          name: 'E',
          properties: { price: 3, nested: { a: [true, null] }, at: 'noon' },
        },
      },
    ]);
  });

  it.each([
    ['an unknown key', `${EVENTS}\n${EXPECT}\nutil: +1d`, '9:5 test/unknown-field'],
    ['a clock that stops before what is expected', `${EVENTS}\nuntil: +30m\n${EXPECT}`, '8:12 test/moment'],
    [
      'an expectation that no clock reaches by itself',
      `${EVENTS}\nexpect: [{ at: +1h, send: remind }, { at: +401d, send: remind }]`,
      '8:41 test/moment',
    ],
    ['an unknown customer', `events: [{ at: +0m, customer: anne, event: E }]\n${EXPECT}`, '7:35 test/unknown-customer'],
    [
      'an unknown rule',
      `${EVENTS}\n${EXPECT}\nexplain: [{ rule: remainder, outcome: finished }]`,
      '9:23 test/unknown-rule',
    ],
    ['an unknown template', `${EVENTS}\nexpect: [{ at: +1h, send: remnd }]`, '8:31 rule/unknown-template'],
    [
      'a reason that does not exist',
      `${EVENTS}\nexpect: [{ at: +1h, send: remind, suppressed: tired }]`,
      '8:51 value/not-allowed',
    ],
    ['an event that says nothing', `events: [{ at: +0m, customer: ann }]\n${EXPECT}`, '7:16 test/one-of'],
    [
      'an event about a thing that events.yaml does not list',
      `events: [{ at: +0m, item: p1, event: E }]\n${EXPECT}`,
      '7:42 test/item-event',
    ],
    ['a webhook that nobody named', `${EVENTS}\nexpect: [{ at: +1h, webhook: help }]`, '8:34 rule/unknown-webhook'],
    [
      'a channel of an emitted event',
      `${EVENTS}\nexpect: [{ at: +1h, emit: E, channel: email }]`,
      '8:34 test/unknown-field',
    ],
    ['a trait without its root', `${EVENTS}\nexpect: [{ at: +1h, set: vip }]`, '8:30 path/syntax'],
    [
      'two names of the customer',
      `${EVENTS}\nexpect: [{ at: +1h, send: remind, to: ann, customer: ann }]`,
      '8:48 test/one-of',
    ],
    [
      'chance for a branch that there is not',
      `${EVENTS}\n${EXPECT}\nchance: { thanks: holdot }`,
      '9:23 test/unknown-branch',
    ],
    ['a moment without a unit', `events: [{ at: +30, customer: ann, event: E }]\n${EXPECT}`, '7:20 test/moment'],
    [
      'an instant without a zone',
      `events: [{ at: 2026-03-02T09:00:00, customer: ann, event: E }]\n${EXPECT}`,
      '7:20 test/moment',
    ],
    [
      'a clock that stops before the last event',
      `events: [{ at: +1h, customer: ann, event: E }]\nuntil: +30m\n${EXPECT}`,
      '8:12 test/moment',
    ],
    [
      'expectations out of order',
      `${EVENTS}\nexpect: [{ at: +2h, send: remind }, { at: +1h, send: remind }]`,
      '8:41 test/order',
    ],
    ['no events and no end', `events: []\n${EXPECT}`, '7:13 value/list-length'],
    ['an empty expect alone', `${EVENTS}\nexpect: []`, '8:5 test/empty-expect'],
    [
      'chance for a rule without a holdout',
      `${EVENTS}\n${EXPECT}\nchance: { reminder: holdout }`,
      '9:25 test/no-holdout',
    ],
    [
      'a reason not to start that does not exist',
      `${EVENTS}\n${EXPECT}\nexplain: [{ rule: reminder, outcome: not_started, by: laziness }]`,
      '9:59 value/not-allowed',
    ],
  ])('is refused with %s, at its place', (_, body, finding) => {
    expect(codes(body)).toEqual([finding]);
  });

  it('is refused with a customer in a time zone that does not exist', () => {
    const body = `  - name: it\n    ${EVENTS}\n    ${EXPECT}`;
    const { diagnostics } = readTestFile(
      textFile(
        'rules/a.test.yaml',
        `clock: 2026-03-02T09:00:00Z\ncustomers: { ann: { timezone: Mars/Phobos } }\ntests:\n${body}\n`,
      ),
      workspace,
    );
    expect(diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual(['2:31 value/time-zone']);
  });

  it('is refused without tests', () => {
    const { diagnostics } = readTestFile(
      textFile('rules/a.test.yaml', 'clock: 2026-03-02T09:00:00Z\ntests: []\n'),
      workspace,
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['value/list-length']);
  });

  it('is checked for its shape where the workspace itself has errors', () => {
    const body = `${EVENTS}\nexpect: [{ at: +1h, send: anything }]\nexplain: [{ rule: any, outcom: finished }]`;
    expect(readTestFile(oneTest(body), null).diagnostics.map(({ code }) => code)).toEqual([
      'test/missing-field',
      'test/unknown-field',
    ]);
  });
});

describe('moments', () => {
  it('are days, hours, minutes and seconds after the clock', () => {
    expect(parseOffset('+1d2h30m')).toBe(95_400_000);
    expect(parseOffset('+90m')).toBe(5_400_000);
    for (const other of ['+', '1h', '+1h2d', '+1.5h', '-1h']) expect(parseOffset(other)).toBeNull();
  });

  it('are shown as they are written', () => {
    expect(formatMoment(95_400_000, 0)).toBe('+1d2h30m');
    expect(formatMoment(500, 500)).toBe('+0m');
    expect(formatMoment(1_500, 0)).toBe('+1.5s');
    expect(formatMoment(0, 1_000)).toBe('1970-01-01T00:00:00.000Z');
  });
});
