import { at, Trial, type TrialEvent } from './testing/trial.js';

const survey = (more = ''): string =>
  `
rule: survey
category: promotional
start: { event: Order Delivered, key: event.order_id }
${more}
steps:
  - send: ask
  - wait: { for: { event: Review Written, where: { event.order_id: start.order_id } }, up to: 2 days }
    then:
      - if: { event.rating: { at least: 4 } }
        then: [{ send: never-sent }]
      - if: { has done: { event: Review Written, where: { event.rating: { at least: 4 }, event.order_id: start.order_id } } }
        then:
          - send: thanks
        else:
          - send: sorry
          - stop
      - wait: 1 day
    on timeout:
      - send: ask-again
  - send: goodbye
`.replace(/ {6}- if: \{ event\.rating.*\n.*\n/, '');

const delivered = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Order Delivered',
  order_id: 'o1',
  ...more,
});
const reviewed = (time: string, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Review Written',
  order_id: 'o1',
  rating: 5,
  ...more,
});

describe('wait for', () => {
  it('does `then` at the time of the event, and the next wait counts from there', () => {
    const shop = new Trial([survey()]);
    shop.apply(delivered('+0m'), reviewed('+5h'));
    expect(shop.until('+30d').sent).toEqual(['+0m ask', '+5h thanks', '+1d5h goodbye']);
    expect(shop.effects.planned.map(({ step }) => step)).toEqual(['1', '2.then.1.then.1', '3']);
  });

  it('does `on timeout` at the end of the wait', () => {
    const shop = new Trial([survey()]);
    shop.apply(delivered('+0m'));
    expect(shop.until('+30d').sent).toEqual(['+0m ask', '+2d ask-again', '+2d goodbye']);
    expect(shop.effects.planned.map(({ step }) => step)).toEqual(['1', '2.on timeout.1', '3']);
    expect(shop.effects.traces.filter(({ kind }) => kind === 'branch')).toMatchObject([
      { step: '2', branch: 'on timeout' },
    ]);
  });

  it('lets the event win at the instant of its timeout', () => {
    const shop = new Trial([survey()]);
    shop.apply(delivered('+0m'), reviewed('+2d'));
    expect(shop.until('+30d').sent).toEqual(['+0m ask', '+2d thanks', '+3d goodbye']);
  });

  it('does not count what came before it was reached, nor what is about something else', () => {
    const shop = new Trial([survey()]);
    shop.apply(reviewed('-1m'), delivered('+0m'), reviewed('+1h', { order_id: 'o2' }));
    expect(shop.until('+1d').sent).toEqual(['+0m ask']);
  });

  it('ends the run by the step `stop`, after which its messages can still be withdrawn', () => {
    const shop = new Trial([survey('stop: { event: Order Returned }')]);
    shop.apply(delivered('+0m'), reviewed('+1h', { rating: 1 }));
    expect(shop.sent).toEqual(['+0m ask', '+1h sorry']);
    expect(shop.outcomes).toEqual(['stopped']);
    shop.apply({ at: '+2h', event: 'Order Returned' });
    expect(shop.effects.cancelled.map(({ messageId }) => messageId)).toEqual(shop.effects.planned.map(({ id }) => id));
  });
});

describe('a send', () => {
  it('plans what the rule says, or what the step says instead', () => {
    const shop = new Trial([
      `rule: r\ncategory: promotional\npriority: 60\nstart: { event: A }\nsteps:\n  - send: { template: offer, channels: [push, email], priority: 70, expires: 6 hours, on capped: defer up to 2 hours }\n  - send: plain`,
    ]);
    shop.apply({ at: '+0m', event: 'A', id: 'e' });
    expect(shop.effects.planned).toMatchObject([
      {
        template: 'offer',
        channels: ['push', 'email'],
        priority: 70,
        expiresAt: at('+6h'),
        onCapped: { kind: 'defer', upToMs: 7_200_000 },
        step: '1',
      },
      {
        template: 'plain',
        channels: null,
        priority: 60,
        expiresAt: null,
        onCapped: null,
        category: 'promotional',
        tooLateAfterMs: 86_400_000,
        step: '2',
      },
    ]);
    expect(new Set(shop.effects.planned.map(({ id }) => id)).size).toBe(2);
  });

  it('has an id that follows from customer, rule, key, occurrence and step, and begins with the day', () => {
    const plan = (): string[] => {
      const shop = new Trial([survey()]);
      shop.apply(delivered('+0m', { id: 'e' }));
      return shop.effects.planned.map(({ id }) => id);
    };
    expect(plan()).toEqual(plan());
    expect(plan()[0]).toMatch(/^00005022-/);
    expect(0x5022).toBe(Math.floor(at('+0m') / 86_400_000));
  });

  it('is planned for those who are held out too, marked as such', () => {
    const shop = new Trial([survey('holdout: 100%')]);
    shop.apply(delivered('+0m'));
    expect(shop.effects.planned).toMatchObject([{ heldOut: true }]);
  });
});

describe('starts', () => {
  it('are all start events of the run where a rule asks for them', () => {
    const shop = new Trial([
      `rule: r\ncategory: promotional\nstart: { event: A }\nwhile running: restart wait\nsteps: [{ wait: 1 hour }, { if: { starts.count: { at least: 2 } }, then: [{ send: many }], else: [{ send: one }] }]`,
    ]);
    shop.apply({ at: '+0m', event: 'A', id: 'a' }, { at: '+10m', event: 'A', id: 'b' });
    shop.until('+2h');
    expect(shop.sent).toEqual(['+1h10m many']);
    expect(shop.effects.planned[0]!.starts!.map(({ id }) => id)).toEqual(['a', 'b']);
    shop.apply({ at: '+1d', event: 'A' });
    expect(shop.until('+2d').sent.at(-1)).toBe('+1d1h one');
  });

  it('are the latest fifty', () => {
    const shop = new Trial([
      `rule: r\ncategory: promotional\nstart: { event: A }\nwhile running: restart wait\nsteps: [{ wait: 1 hour }, { if: { starts.count: 50 }, then: [{ send: fifty }] }]`,
    ]);
    for (let minute = 0; minute < 60; minute++) shop.apply({ at: `+${minute}m`, event: 'A', id: `e${minute}` });
    expect(shop.until('+1d').sent).toEqual(['+1h59m fifty']);
    expect(shop.effects.planned[0]!.starts!.map(({ id }) => id).slice(0, 1)).toEqual(['e10']);
  });
});
