import { readRuleWith } from '../fixtures/read-rule-with.js';
import { templateValues } from './template-values.js';

describe('what rules give to templates', () => {
  it('is everything that stands in `with` of their sends, and every name of an `as`', () => {
    const steps = `steps:
  - wait: { for: { event: Answered }, up to: 1 day, as: answer }
    then: [{ send: { template: reminder, with: { a: 1 } } }]
  - send: { variants: { reminder: 50%, nothing: 50% }, with: { b: 2 } }
  - send: mail-only`;
    expect(templateValues([readRuleWith({ steps }).rule])).toEqual(
      new Map([
        ['reminder', { with: new Set(['a', 'b']), named: new Set(['answer']) }],
        ['mail-only', { with: new Set(), named: new Set(['answer']) }],
      ]),
    );
  });
});
