import { oneTest, shop, textFile } from '../fixtures/shop.js';
import { formatJunit } from './formats/format-junit.js';
import { formatPretty } from './formats/format-pretty.js';
import { workspaceOf } from '../fixtures/workspace-of.js';
import { runRuleTests } from './run-rule-tests.js';

const workspace = shop();
const ADDED = 'events: [{ at: +0m, customer: ann, event: Product Added, price: 30 }]';

const run = (body: string) => runRuleTests(workspace, [oneTest(body)], { only: null });
const resultOf = (body: string) => {
  const { files } = run(body);
  expect(files[0]!.diagnostics).toEqual([]);
  return files[0]!.tests[0]!;
};
const why = (body: string) => resultOf(body).messages.flatMap((message) => message.why);

describe('a rule test', () => {
  it('passes when every message is expected at its instant', () => {
    expect(resultOf(`${ADDED}\nexpect: [{ at: +1h, send: remind, to: ann, channel: email }]`).passed).toBe(true);
    expect(resultOf(`${ADDED}\nexpect: [{ at: 2026-03-02T11:00:00+01:00, send: remind }]`).passed).toBe(true);
  });

  it('fails by a message that nobody expected, and says whose it is', () => {
    const result = resultOf(`${ADDED}\nexpect: []\nexplain: [{ rule: reminder, outcome: finished }]`);
    expect(result.passed).toBe(false);
    expect(result.messages).toMatchObject([
      { line: 6, column: 11, expected: null, actual: '+1h remind to ann by email', matches: false },
    ]);
    expect(result.messages[0]!.why).toEqual(
      expect.arrayContaining([
        'nothing was expected here',
        'it is step 2 of reminder',
        '+0m a run began with Product Added',
      ]),
    );
  });

  it('says by how much a message is off', () => {
    expect(why(`${ADDED}\nexpect: [{ at: +2h, send: remind, to: ann }]`)).toContain(
      'it was decided at +1h, not at +2h',
    );
    expect(why(`${ADDED}\nexpect: [{ at: +1h, send: remind, suppressed: holdout }]`)).toContain(
      'it was sent, not suppressed: holdout',
    );
  });

  it('gives the reason of what was suppressed, with what the check saw', () => {
    const sentences = why(
      'events: [{ at: +0m, customer: bob, event: Product Added, price: 30 }]\nexpect: [{ at: +1h, send: remind, to: bob }]',
    );
    expect(sentences).toEqual(
      expect.arrayContaining([
        'it was suppressed: no_consent, not sent',
        'email: no consent for this category (no_consent).',
      ]),
    );
  });

  it('gives the reason why a rule did not start', () => {
    const cheap =
      'events: [{ at: +0m, customer: ann, event: Product Added, price: 5 }]\nexpect: [{ at: +1h, send: remind, to: ann }]';
    expect(why(cheap)).toContain('+0m Product Added started nothing: where_false, event.price is 5, not at least 10');
  });

  it('knows a misspelt event', () => {
    const sentences = why(
      'events: [{ at: +0m, customer: ann, event: Product Aded, price: 30 }]\nexpect: [{ at: +1h, send: remind, to: ann }]',
    );
    expect(sentences.join()).toContain('("Product Aded" is written, did you mean "Product Added"?)');
  });

  it('expects a held message at its release, by its final line only', () => {
    const evening = 'events: [{ at: +11h, customer: ann, event: Product Added, price: 30 }]';
    expect(resultOf(`${evening}\nexpect: [{ at: +23h, send: remind, to: ann }]`).passed).toBe(true);
    expect(why(`${evening}\nuntil: +13h\nexpect: [{ at: +12h, send: remind, to: ann }]`)[0]).toBe(
      'it was still held when the clock stopped at +13h; it would be released at +23h',
    );
  });

  it('says where the clock stopped too early, for a message and for the end of a run', () => {
    const early = `${ADDED}\nuntil: +30m\nexpect: [{ at: +20m, send: remind, to: ann }]\nexplain: [{ rule: reminder, outcome: finished }]`;
    const hint = 'the test ends at +30m, and step 1 of reminder is due at +1h: write `until: +1h` or later to see it';
    const { messages, explanations } = resultOf(early);
    expect(messages[0]!.why.at(-1)).toBe(hint);
    expect(explanations[0]!.why.at(-1)).toBe(hint);
    expect(why(early.replace('customer: ann', 'customer: bob')).join()).not.toContain('the test ends');
  });

  it('says that nothing ends a test where a silence brings a message long after it', () => {
    const silent = workspaceOf(
      { back: 'category: care\nstart: { inactive: 30 days, since: Order Completed }\nsteps: [{ send: remind }]' },
      ['remind'],
    );
    const sentences = (body: string) =>
      runRuleTests(silent, [oneTest(body)], { only: null }).files[0]!.tests[0]!.messages.flatMap((each) => each.why);
    const body =
      'events: [{ at: +2h, customer: ann, event: Order Completed }]\nexpect: []\nexplain: [{ rule: back, outcome: finished }]';
    expect(sentences(body)).toContain(
      'the test has no `until`, so the clock goes on until nothing is pending (400 days at most) in all rules; where this is not its matter, add `until: +2h`',
    );
    expect(sentences(`${body}\nuntil: +40d`).join()).not.toContain('no `until`');
    // Of a rule that the test does not speak of, too; what its own rule does unexpectedly is a failure and nothing else.
    const delivered =
      'events: [{ at: +0m, customer: ann, event: Order Delivered, order_id: o1 }]\nexpect: []\nexplain: ';
    const hint = expect.stringContaining('add `until: +0m`') as string;
    expect(why(`${delivered}[{ rule: reminder, outcome: not_started }]`)).toContainEqual(hint);
    expect(why(`${delivered}[{ rule: thanks, outcome: stopped }]`)).not.toContainEqual(hint);
  });

  it('lets an event go first that comes at the instant of a timer', () => {
    const events =
      'events:\n  - { at: +0m, customer: ann, event: Product Added, price: 30 }\n  - { at: +1h, customer: ann, event: Order Completed }';
    const explain = 'explain: [{ rule: reminder, customer: ann, outcome: goal_reached, by: Order Completed }]';
    expect(resultOf(`${events}\nexpect: []\n${explain}`).passed).toBe(true);
  });

  it('has nobody in a holdout, unless it says so', () => {
    const body = 'events: [{ at: +0m, customer: ann, event: Order Delivered, order_id: o1 }]';
    expect(resultOf(`${body}\nexpect: [{ at: +1d, send: thank-you, to: ann }]`).passed).toBe(true);
    expect(
      resultOf(
        `${body}\nchance: { thanks: holdout }\nexpect: [{ at: +1d, send: thank-you, to: ann, suppressed: holdout }]`,
      ).passed,
    ).toBe(true);
  });

  it('knows the customers and their changes of traits', () => {
    const body =
      'events:\n  - { at: +0m, customer: bob, traits: { email: null } }\n  - { at: +0m, customer: bob, event: Order Delivered, order_id: o1 }';
    expect(resultOf(`${body}\nexpect: [{ at: +1d, send: thank-you, to: bob, suppressed: no_address }]`).passed).toBe(
      true,
    );
  });

  it('tells expectations of one instant apart, whichever leaves more open', () => {
    const both =
      'events:\n  - { at: +0m, customer: ann, event: Order Delivered, order_id: o1 }\n  - { at: +0m, customer: bob, event: Order Delivered, order_id: o2 }';
    expect(
      resultOf(`${both}\nexpect: [{ at: +1d, send: thank-you }, { at: +1d, send: thank-you, to: ann }]`).passed,
    ).toBe(true);
    expect(resultOf(`${both}\nexpect: [{ at: +1d, send: thank-you }]`).passed).toBe(false);
  });
});

describe('an explanation', () => {
  const twice =
    'events:\n  - { at: +0m, customer: ann, event: Product Added, price: 30 }\n  - { at: +1d, customer: ann, event: Product Added, price: 30 }\nexpect: [{ at: +1h, send: remind }]';

  it('holds for a start that came to nothing, with its reason', () => {
    expect(
      resultOf(`${twice}\nexplain: [{ rule: reminder, customer: ann, outcome: not_started, by: again }]`).passed,
    ).toBe(true);
  });

  it('shows what happened instead', () => {
    const result = resultOf(`${twice}\nexplain: [{ rule: reminder, customer: ann, outcome: stopped }]`);
    expect(result.passed).toBe(false);
    expect(result.explanations[0]!.why).toContain('+1h the run ended: finished');
  });
});

describe('the results', () => {
  const failing = `${ADDED}\nexpect: [{ at: +2h, send: remind, to: ann }]`;

  it('count a file that cannot be read as a failure', () => {
    expect(runRuleTests(workspace, [textFile('rules/x.test.yaml', 'clock: now')], { only: null })).toMatchObject({
      passed: 0,
      failed: 1,
    });
  });

  it('leave out tests whose name does not match', () => {
    expect(runRuleTests(workspace, [oneTest(failing)], { only: /another/u })).toMatchObject({
      passed: 0,
      failed: 0,
      skipped: 1,
    });
    expect(formatPretty(runRuleTests(workspace, [oneTest(failing)], { only: /another/u }))).toBe(
      '0 passed, 0 failed, 1 left out',
    );
  });

  it('stand side by side for people, with the place of the expectation', () => {
    const text = formatPretty(run(failing));
    expect(text).toContain('✗ +2h remind to ann  │ +1h remind to ann by email');
    expect(text).toContain('rules/reminder.test.yaml:8:14 +2h remind to ann');
    expect(text.endsWith('0 passed, 1 failed')).toBe(true);
  });

  it('stay readable for people where every day of a year brings something unexpected', () => {
    const daily = workspaceOf({ daily: 'category: care\nstart: { every: day }\nsteps: [{ send: remind }]' }, [
      'remind',
    ]);
    const body = 'events: [{ at: +0m, customer: ann, event: Seen }]\nexpect: [{ at: +1h, send: remind, to: ann }]';
    const lines = formatPretty(runRuleTests(daily, [oneTest(body)], { only: null })).split('\n');
    expect(lines.length).toBeLessThan(120);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/… and 7\d\d more lines/),
        expect.stringMatching(/… and 7\d\d more differences/),
        expect.stringMatching(/… \(\d+ more after\)/),
      ]),
    );
  });

  it('are XML that survives any name', () => {
    const name = `<&"\u0001>`;
    const file = oneTest(failing.replace('+2h', '+3h'));
    const text = formatJunit({ ...runRuleTests(workspace, [{ ...file, path: name }], { only: null }) });
    expect(text).toContain('<testsuites name="kairos rules test" tests="1" failures="1">');
    expect(text).toContain('classname="&lt;&amp;&quot;\ufffd&gt;"');
  });
});
