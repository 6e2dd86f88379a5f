import { at, offsetOf, Trial, type TrialEvent } from './testing/trial.js';
import { rulesetsOf, compileRuleset } from './compile-ruleset.js';
import { workspaceOf } from './testing/trial.js';

const winBack = (more = '', days = 60): string => `
rule: win-back
category: promotional
start: { inactive: ${days} days, since: Order Completed }
${more}
steps: [{ send: we-miss-you }, { wait: 7 days }, { send: last-try }]
`;
const ordered = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Order Completed',
  ...more,
});

describe('inactive', () => {
  it('starts when the silence has lasted, with the last event as start and the instant as occurrence', () => {
    const shop = new Trial([winBack()]);
    shop.apply(ordered('+0m', { id: 'a', total: 10 }), ordered('+10d', { id: 'b', total: 20 }));
    shop.until('+100d');
    expect(shop.sent).toEqual(['+70d we-miss-you', '+77d last-try']);
    expect(shop.effects.planned[0]).toMatchObject({
      start: { id: 'b', properties: { total: 20 } },
      occurrence: String(at('+70d')),
      startedAt: at('+70d'),
      key: null,
    });
  });

  it('fires once for each silence', () => {
    const shop = new Trial([winBack()]);
    shop.apply(ordered('+0m'));
    shop.until('+300d');
    shop.apply(ordered('+301d'));
    expect(shop.until('+500d').sent).toEqual([
      '+60d we-miss-you',
      '+67d last-try',
      '+361d we-miss-you',
      '+368d last-try',
    ]);
  });

  it('lets the event go first at the very instant', () => {
    const shop = new Trial([winBack()]);
    shop.apply(ordered('+0m'), ordered('+60d'));
    expect(shop.until('+119d').sent).toEqual([]);
  });

  it('is never moved backwards by a late event', () => {
    const shop = new Trial([winBack()]);
    shop.apply(ordered('+10d', { id: 'new' }), ordered('+5d', { id: 'old', received: '+11d' }));
    shop.until('+100d');
    expect(shop.sent[0]).toBe('+70d we-miss-you');
    expect(shop.effects.planned[0]!.start.id).toBe('new');
  });

  it('is not begun again after it fired by a late event that is older than the last', () => {
    const shop = new Trial([winBack()]);
    shop.apply(ordered('+10d'), ordered('+5d', { received: '+71d' }));
    expect(shop.until('+200d').sent).toEqual(['+70d we-miss-you', '+77d last-try']);
  });

  it('with `any event` means any track, page or screen call, not identify', () => {
    const shop = new Trial([winBack().replace('since: Order Completed', 'since: any event')]);
    shop.apply(
      { at: '+0m', event: 'Anything' },
      { at: '+1d', type: 'page' },
      { at: '+2d', traits: { city: 'Berlin' } },
    );
    expect(shop.until('+62d').sent).toEqual(['+61d we-miss-you']);
  });

  it('narrows since by where', () => {
    const shop = new Trial([
      winBack().replace('since: Order Completed', 'since: Order Completed, where: { event.total: { at least: 50 } }'),
    ]);
    shop.apply(ordered('+0m', { total: 60 }), ordered('+30d', { total: 10 }));
    expect(shop.until('+61d').sent).toEqual(['+60d we-miss-you']);
  });

  it('judges who at that instant, and again by it', () => {
    const shop = new Trial([winBack('who: { customer.city: Berlin }\nagain: after 100 days')]);
    shop.apply(ordered('+0m'), { at: '+1d', traits: { city: 'Paris' } });
    shop.until('+61d');
    expect(shop.refusals).toMatchObject([
      { reason: 'who_false', detail: 'customer.city is "Paris", not "Berlin"', event: null },
    ]);
    shop.apply({ at: '+62d', traits: { city: 'Berlin' } }, ordered('+63d'));
    expect(shop.until('+124d').sent).toEqual(['+123d we-miss-you']);
    shop.apply(ordered('+125d'));
    shop.until('+200d');
    expect(shop.refusals.at(-1)).toMatchObject({ reason: 'again' });
  });

  it('does not restart a wait: only events do', () => {
    const shop = new Trial([
      `rule: r\ncategory: promotional\nstart: [{ event: A }, { inactive: 1 hour, since: A }]\nwhile running: restart wait\nsteps: [{ wait: 3 hours }, { send: x }]`,
    ]);
    shop.apply({ at: '+0m', event: 'A' });
    expect(shop.until('+4h').sent).toEqual(['+3h x']);
  });

  it('has the grace of ten seconds', () => {
    const shop = new Trial([winBack()], 'grace: 10 seconds');
    shop.apply(ordered('+0m'), ordered('+60d10s'));
    expect(shop.sent).toEqual([]);
  });

  it('that is over when a late event tells of it starts at once, unless it is too late', () => {
    const fresh = new Trial([winBack('', 1)]);
    fresh.apply(ordered('+0m', { received: '+1d2h' }));
    fresh.until('+1d2h');
    expect(fresh.effects.planned.map(({ due, plannedAt }) => [offsetOf(due), offsetOf(plannedAt)])).toEqual([
      ['+1d', '+1d2h'],
    ]);
    const stale = new Trial([winBack('', 1)]);
    stale.apply(ordered('+0m', { received: '+3d' }));
    stale.until('+3d');
    expect(stale.sent).toEqual([]);
    expect(stale.refusals).toMatchObject([{ reason: 'too_late' }]);
  });

  it('that was over before history was imported is not made up for; one that is not goes on', () => {
    const shop = new Trial([winBack()]);
    shop.apply(ordered('-90d', { received: '+0m', historical: true }));
    expect(shop.until('+1d').sent).toEqual([]);
    shop.apply(ordered('-10d', { received: '+1d1h', historical: true }));
    expect(shop.until('+51d').sent).toEqual(['+50d we-miss-you']);
  });

  it('is put off when a new version waits longer', () => {
    const shop = new Trial([winBack()]);
    shop.apply(ordered('+0m'));
    shop.rulesets = rulesetsOf(compileRuleset(workspaceOf([winBack('', 90)]), 2, { 'win-back': 2 }), [
      shop.rulesets.current,
    ]);
    expect(shop.until('+91d').sent).toEqual(['+90d we-miss-you']);
    expect(shop.effects.planned[0]!.version).toBe(2);
  });

  it('has as `start` the last in the stream of several events at the latest time', () => {
    const shop = new Trial([winBack()]);
    shop.apply(ordered('+0m', { id: 'first' }), ordered('+0m', { id: 'second' }));
    shop.until('+61d');
    expect(shop.effects.planned[0]!.start.id).toBe('second');
  });

  it('counts `since: start` and goals from the instant, not from the last event', () => {
    const shop = new Trial([
      winBack(
        'who: { has not done: { event: Order Completed, since: start } }\ngoal: { event: Order Completed, within: 3 days }',
      ),
    ]);
    shop.apply(ordered('+0m'));
    shop.apply(ordered('+62d'));
    expect(shop.sent).toEqual(['+60d we-miss-you']);
    expect(shop.outcomes).toEqual(['goal_reached']);
  });
});
