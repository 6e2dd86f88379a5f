import { compileRuleset, rulesetsOf } from './compile-ruleset.js';
import { Trial, workspaceOf } from './testing/trial.js';

const CART = `rule: cart
category: promotional
start: { event: Product Added }
stop: { event: Cart Cleared }
steps:
  - send: hello
  - wait: 1 hour
  - send: reminder`;
const OTHER = `rule: other
category: promotional
start: { event: Order Completed }
steps: [{ wait: 1 hour }, { send: thanks }]`;

function removed(fate: readonly string[]): Trial {
  const before = compileRuleset(workspaceOf([CART, OTHER]), 1, {});
  const trial = new Trial(rulesetsOf(before));
  trial.apply({ at: '+0m', event: 'Product Added' }, { at: '+1m', event: 'Order Completed' });
  trial.rulesets = rulesetsOf(compileRuleset(workspaceOf([OTHER]), 2, {}, { stopped: fate }), [before]);
  return trial;
}

describe('runs of a removed rule', () => {
  it('go on to their end where the publisher let them', () => {
    expect(removed([]).until('+2h').sent).toEqual(['+0m hello', '+1h reminder', '+1h1m thanks']);
  });

  it('end where the publisher said so, with what they had planned, at the next sign of the customer', () => {
    const trial = removed(['cart']);
    trial.apply({ at: '+10m', event: 'Order Completed' });
    expect(trial.effects.traces).toContainEqual(
      expect.objectContaining({ kind: 'ended', rule: 'cart', outcome: 'stopped' }),
    );
    const [hello] = trial.effects.planned;
    expect(trial.effects.cancelled).toMatchObject([{ messageId: hello!.id, reason: 'run_stopped' }]);
    expect(trial.until('+2h').sent).toEqual(['+0m hello', '+1h1m thanks']);
  });

  it('end before a timer of theirs would act', () => {
    const trial = removed(['cart']).until('+2h');
    expect(trial.sent).toEqual(['+0m hello', '+1h1m thanks']);
    expect(trial.outcomes).toEqual(['stopped', 'finished']);
  });
});
