import { readRuleWith } from '../fixtures/read-rule-with.js';
import { templateValues } from './template-values.js';

describe('what rules give to templates', () => {
  it('is what stands in `with`, for every send by itself, and every name of an `as`', () => {
    const steps = `steps:
  - wait: { for: { event: Answered }, up to: 1 day, as: answer }
    then: [{ send: { template: reminder, with: { a: 1 } } }]
  - send: { variants: { reminder: 50%, nothing: 50% }, with: { b: 2 } }
  - send: mail-only`;
    const send = (step: string, ...names: readonly string[]) => ({
      rule: 'cart',
      step,
      with: new Set(names),
      named: new Set(['answer']),
    });
    expect(templateValues([readRuleWith({ steps }).rule])).toEqual(
      new Map([
        ['reminder', [send('1.then.1', 'a'), send('2', 'b')]],
        ['mail-only', [send('3')]],
      ]),
    );
  });
});
