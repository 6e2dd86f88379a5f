import fc from 'fast-check';
import { decodeState, encodeState } from '../../customer/state-codec.js';
import { compileRuleset, rulesetsOf } from '../compile-ruleset.js';
import { at, Trial, workspaceOf, type TrialEvent } from '../testing/trial.js';
import { contextAt } from './context-at.js';
import { isInSegment } from './customer-values.js';

const ordered = (time: string, total = 100, more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  event: 'Order Completed',
  total,
  ...more,
});
const traits = (time: string, values: TrialEvent['traits'], more: Partial<TrialEvent> = {}): TrialEvent => ({
  at: time,
  traits: values,
  ...more,
});
const rule = (name: string, rest: string): string => `rule: ${name}\ncategory: promotional\n${rest}\n`;
const SPENT =
  'computed: { customer.spent: { sum: event.total, of: Order Completed } }\nsegments: { vip: { customer.spent: { at least: 100 } } }';
const ACTIVE = 'segments: { active: { has done: { event: Order Completed, within: 7 days } } }';
const comes = (segment: string): string => rule('comes', `start: { enters: ${segment} }\nsteps: [{ send: welcome }]`);
const goes = (segment: string): string => rule('goes', `start: { leaves: ${segment} }\nsteps: [{ send: farewell }]`);

describe('a condition `segment`', () => {
  const files = [
    SPENT.replace(
      'segments: {',
      'segments: { berlin: { customer.city: Berlin }, both: { all: [{ segment: vip }, { segment: berlin }] },',
    ),
    rule('any', 'start: { event: A, where: { segment: [vip, berlin] } }\nsteps: [{ send: any-of-them }]'),
    rule('both', 'start: { event: A }\nwho: { segment: both }\nsteps: [{ send: both-of-them }]'),
    rule('none', 'start: { event: A }\nwho: { not: { segment: vip } }\nsteps: [{ send: not-vip }]'),
  ];

  it('holds in any of them, is judged when it is asked, and segments may lean on each other', () => {
    const shop = new Trial(files);
    shop.apply(
      { at: '+0m', event: 'A' },
      traits('+1m', { city: 'Berlin' }),
      { at: '+2m', event: 'A' },
      ordered('+3m'),
      { at: '+4m', event: 'A' },
    );
    expect(shop.sent).toEqual(['+0m not-vip', '+2m any-of-them', '+2m not-vip', '+4m any-of-them', '+4m both-of-them']);
    expect(shop.refusals.find(({ reason }) => reason === 'who_false')?.detail).toContain('the customer is not in both');
  });

  it('nothing is remembered of segments that nobody listens to', () => {
    const shop = new Trial(files);
    shop.apply(ordered('+0m'));
    expect(shop.state.computed.memberships.size).toBe(0);
  });
});

describe('`enters` and `leaves` start runs', () => {
  it('when an event changes it, at the time of that event', () => {
    const shop = new Trial([SPENT, comes('vip')]);
    shop.apply(ordered('+0m', 60));
    expect(shop.sent).toEqual([]);
    shop.apply(ordered('+1h', 60, { received: '+1h2m' }), ordered('+2h', 60));
    expect(shop.sent).toEqual(['+1h2m welcome']);
    expect(shop.effects.planned[0]).toMatchObject({
      due: at('+1h'),
      occurrence: String(at('+1h')),
      startedAt: at('+1h'),
    });
  });

  it('already with the first event of a customer', () => {
    const shop = new Trial([SPENT, comes('vip')]);
    shop.apply(ordered('+0m', 500));
    expect(shop.sent).toEqual(['+0m welcome']);
  });

  it('with her first event a customer enters also what holds of everybody', () => {
    const files = ['segments: { new: { has not done: { event: Order Completed } } }', comes('new'), goes('new')];
    const shop = new Trial(files);
    expect(shop.rulesets.concerns('track', 'A')).toBe(true);
    shop.apply({ at: '+0m', event: 'A' }, traits('+1m', { city: 'Berlin' }), ordered('+1h'));
    expect(shop.sent).toEqual(['+0m welcome', '+1h farewell']);
    const known = new Trial(files);
    known.apply(traits('-1d', { city: 'Berlin' }, { historical: true, received: '+0m' }), { at: '+1m', event: 'A' });
    expect(known.sent).toEqual([]);
  });

  it('once, when several starts of the rule come to it together', () => {
    const shop = new Trial([
      SPENT,
      rule(
        'r',
        'start: [{ event: Order Completed, where: { event.gift: true } }, { enters: vip }]\nsteps: [{ send: welcome }]',
      ),
    ]);
    shop.apply(ordered('+0m', 500, { gift: true }));
    expect(shop.effects.planned.map(({ occurrence }) => occurrence)).toEqual(['event-1']);
  });

  it('when a trait changes it', () => {
    const shop = new Trial(['segments: { berlin: { customer.city: Berlin } }', comes('berlin'), goes('berlin')]);
    shop.apply(
      traits('+0m', { city: 'Berlin' }),
      traits('+1h', { city: 'Berlin' }),
      traits('+2h', { city: 'Paris' }),
      traits('+3h', { city: 'Berlin' }),
    );
    expect(shop.sent).toEqual(['+0m welcome', '+2h farewell', '+3h welcome']);
  });

  it('once for each time', () => {
    const shop = new Trial([ACTIVE, comes('active'), goes('active')]);
    shop.apply(ordered('+0m'), ordered('+1d'));
    expect(shop.until('+30d').sent).toEqual(['+0m welcome', '+8d farewell']);
    shop.apply(ordered('+31d'));
    expect(shop.sent).toEqual(['+0m welcome', '+8d farewell', '+31d welcome']);
  });
});

describe('a condition with a window changes by itself when something grows too old: segments notice it at that time', () => {
  const left = (definition: string, ...events: TrialEvent[]): string[] => {
    const shop = new Trial([`${definition}`, comes('s'), goes('s')]);
    shop.apply(...events);
    return shop.until('+400d').sent;
  };

  it.each([
    ['segments: { s: { has done: { event: Order Completed, within: 7 days } } }', ['+0m welcome', '+8d farewell']],
    [
      'segments: { s: { has done: { event: Order Completed, at least: 2, within: 7 days } } }',
      ['+1d welcome', '+7d farewell'],
    ],
    ['segments: { s: { has not done: { event: Order Completed, within: 7 days } } }', ['+8d welcome']],
    [
      'computed: { customer.n: { count: Order Completed, within: 3 days } }\nsegments: { s: { customer.n: { at least: 1 } } }',
      ['+0m welcome', '+4d farewell'],
    ],
    [
      'computed: { customer.n: { sum: event.total, of: Order Completed, within: 3 days } }\nsegments: { s: { customer.n: { at least: 150 } } }',
      ['+1d welcome', '+3d farewell'],
    ],
    [
      'computed: { customer.n: { sum: event.total, of: Order Completed, within: 10 days } }\nsegments: { s: { customer.n: { at least: 150 } } }',
      ['+1d welcome', '+10d15h farewell'],
    ],
    [
      'computed: { customer.n: { list: event.id, of: Order Completed, within: 3 days } }\nsegments: { s: { customer.n.count: { at least: 1 } } }',
      [],
    ],
    [
      'computed: { customer.n: { max: event.total, of: Order Completed, within: 3 days } }\nsegments: { s: { customer.n: 100 } }',
      ['+0m welcome', '+4d farewell'],
    ],
    [
      'computed: { customer.n: { last time: Order Completed } }\nsegments: { s: { customer.n: { within last: 2 days } } }',
      ['+0m welcome', '+3d farewell'],
    ],
  ])('%s', (definition, expected) => {
    expect(left(definition, ordered('+0m'), ordered('+1d'))).toEqual(expected);
  });

  it('a date that comes and goes: within last, within next, before, after', () => {
    const ends = traits('+0m', { ends: '2026-03-12T09:00:00Z' });
    expect(left('segments: { s: { customer.ends: { within next: 3 days } } }', ends)).toEqual([
      '+7d1ms welcome',
      '+10d1ms farewell',
    ]);
    expect(left('segments: { s: { customer.ends: { within last: 3 days } } }', ends)).toEqual([
      '+10d welcome',
      '+13d farewell',
    ]);
  });

  it('the instant is its occurrence, and what happens at that instant goes first', () => {
    const shop = new Trial([ACTIVE, goes('active')]);
    shop.apply(ordered('+0m'), ordered('+7d'));
    expect(shop.until('+14d').effects.planned.map(({ occurrence }) => occurrence)).toEqual([String(at('+14d'))]);
  });

  it('what lapses at the instant of an event comes with it, whatever the event is', () => {
    const shop = new Trial([
      ACTIVE,
      rule('r', 'start: { event: A }\nstop: { leaves: active }\nsteps: [{ wait: 1 hour }, { send: r-sent }]'),
    ]);
    shop.apply(ordered('+0m'), { at: '+7d', event: 'A' });
    expect(shop.until('+8d').sent).toEqual(['+7d1h r-sent']);
  });

  it('live there is the grace of a timer without a wait: 10 seconds', () => {
    const saved = new Trial([ACTIVE, goes('active')], 'grace: 10 seconds');
    saved.apply(ordered('+0m'), ordered('+7d9s'));
    expect(saved.until('+8d').sent).toEqual([]);
    const lost = new Trial([ACTIVE, goes('active'), comes('active')], 'grace: 10 seconds');
    lost.apply(ordered('+0m'), ordered('+7d11s'));
    expect(lost.until('+8d').sent).toEqual(['+0m welcome', '+7d farewell', '+7d11s welcome']);
  });
});

describe('`enters` and `leaves` elsewhere', () => {
  const run = (more: string): string =>
    rule('r', `start: { event: A }\n${more}\nsteps: [{ wait: 20 days }, { send: at-last }]`);

  it('stop a run, reach its goal, end a wait, by an event or by the time', () => {
    for (const [occasion, outcome] of [
      ['stop: { leaves: active }', 'stopped'],
      ['goal: { leaves: active, within: 30 days }', 'goal_reached'],
      ['stop: [{ event: B }, { leaves: active }]', 'stopped'],
    ] as const) {
      const shop = new Trial([ACTIVE, run(occasion)]);
      shop.apply(ordered('+0m'), { at: '+1d', event: 'A' });
      expect(shop.until('+30d').outcomes).toEqual([outcome]);
      expect(shop.effects.traces.find(({ kind }) => kind === 'ended')?.at).toBe(at('+7d'));
    }
    const waits = rule(
      'w',
      'start: { event: A }\nsteps: [{ wait: { for: { enters: active }, up to: 3 days }, then: [{ send: came }], on timeout: [{ send: did-not }] }]',
    );
    const shop = new Trial([ACTIVE, waits]);
    shop.apply({ at: '+0m', event: 'A' }, ordered('+2d'), { at: '+30d', event: 'A' });
    expect(shop.until('+40d').sent).toEqual(['+2d came', '+33d did-not']);
  });

  it('for one event segments come first, then goal, stop, waits and starts', () => {
    const shop = new Trial([
      SPENT,
      rule(
        'r',
        'start: { enters: vip }\nwho: { customer.spent: { at least: 100 } }\nstop: { event: Order Completed }\nsteps: [{ wait: 1 hour }, { send: r-sent }]',
      ),
    ]);
    shop.apply(ordered('+0m'));
    expect(shop.outcomes).toEqual([]);
    expect(shop.until('+2h').sent).toEqual(['+1h r-sent']);
  });

  it('a change that comes with the event that woke a run does not answer its next wait', () => {
    const shop = new Trial([
      SPENT,
      rule(
        'r',
        'start: { event: A }\nsteps: [{ wait: { for: { event: Order Completed }, up to: 1 day } }, { wait: { for: { enters: vip }, up to: 1 day }, then: [{ send: became }], on timeout: [{ send: was-it }] }]',
      ),
    ]);
    shop.apply({ at: '+0m', event: 'A' }, ordered('+1h'));
    expect(shop.until('+3d').sent).toEqual(['+1d1h was-it']);
  });
});

describe('publishing starts nobody', () => {
  const publish = (shop: Trial, number: number, ...files: string[]): void => {
    shop.rulesets = rulesetsOf(compileRuleset(workspaceOf(files), number, {}));
  };

  it('who is in a new segment has not entered it', () => {
    const shop = new Trial([SPENT.split('\n')[0]!]);
    shop.apply(ordered('+0m', 500));
    publish(shop, 2, SPENT, comes('vip'), goes('vip'));
    shop.apply(ordered('+1h'));
    expect(shop.until('+1d').sent).toEqual([]);
  });

  it('nor in one that is defined anew; who comes in afterwards has', () => {
    const shop = new Trial([SPENT, comes('vip')]);
    shop.apply(ordered('+0m', 60));
    publish(shop, 2, SPENT.replace('100', '50'), comes('vip'));
    shop.apply(ordered('+1h', 1));
    expect(shop.sent).toEqual([]);
    publish(shop, 3, SPENT.replace('100', '80'), comes('vip'));
    shop.apply(ordered('+2h', 30));
    expect(shop.sent).toEqual(['+2h welcome']);
    expect(shop.state.computed.memberships.size).toBe(1);
  });

  it('what nobody listens to any more is forgotten, its timer too', () => {
    const shop = new Trial([ACTIVE, goes('active')]);
    shop.apply(ordered('+0m'));
    publish(shop, 2, ACTIVE);
    expect(shop.until('+8d').sent).toEqual([]);
    shop.apply(ordered('+9d'));
    expect([shop.state.computed.memberships.size, shop.state.computed.flip.fireAt]).toEqual([0, Infinity]);
  });

  it('imported history sets memberships silently, and what has passed since is not made up for', () => {
    const shop = new Trial([ACTIVE, comes('active'), goes('active')]);
    shop.apply(ordered('-2d', 1, { historical: true, received: '+0m' }));
    expect(shop.sent).toEqual([]);
    expect(shop.until('+30d').sent).toEqual(['+5d farewell']);
    const old = new Trial([ACTIVE, comes('active'), goes('active')]);
    old.apply(ordered('-20d', 1, { historical: true, received: '+0m' }));
    expect(old.until('+30d').sent).toEqual([]);
  });
});

describe('a late event', () => {
  it('moves no membership backwards', () => {
    const shop = new Trial([ACTIVE, comes('active'), goes('active')]);
    shop.apply(ordered('+0m'));
    shop.until('+8d');
    shop.apply(ordered('+1d', 1, { received: '+8d1h' }));
    expect(shop.until('+30d').sent).toEqual(['+0m welcome', '+7d farewell']);
  });

  it('that changes one does so at its own time', () => {
    const shop = new Trial([ACTIVE, comes('active'), goes('active')]);
    shop.apply(ordered('+1h', 1, { received: '+3h' }));
    expect(shop.until('+30d').effects.planned.map(({ due, plannedAt }) => [due, plannedAt])).toEqual([
      [at('+1h'), at('+3h')],
      [at('+7d1h'), at('+7d1h')],
    ]);
    const old = new Trial([ACTIVE, comes('active'), goes('active')]);
    old.apply(traits('+0m', { city: 'Berlin' }), ordered('+1h', 1, { received: '+7d1h' }));
    expect(old.until('+30d').sent).toEqual([]);
  });
});

describe('whatever happens', () => {
  const FILES = [
    'computed:\n  customer.spent: { sum: event.total, of: Order Completed, within: 10 days }\n  customer.cart: { list: event.p, of: Added, until: [Removed, Order Completed], within: 2 days }\nsegments:\n  active: { has done: { event: Order Completed, within: 3 days } }\n  rich: { customer.spent: { at least: 150 } }\n  full: { customer.cart.count: { at least: 2 } }\n  soon: { customer.ends: { within next: 2 days } }\n',
    ...['active', 'rich', 'full', 'soon'].flatMap((segment) => [
      rule(`in-${segment}`, `start: { enters: ${segment} }\ntoo late after: 700 days\nsteps: [{ send: hello }]`),
      rule(`out-${segment}`, `start: { leaves: ${segment} }\ntoo late after: 700 days\nsteps: [{ send: bye }]`),
    ]),
    rule(
      'long',
      'start: { event: Added }\nstop: { leaves: full }\ngoal: { enters: rich }\nsteps: [{ wait: { for: { enters: active }, up to: 1 day } }, { send: long-one }]',
    ),
  ];
  const happenings = fc.array(
    fc.record({
      gap: fc.constantFrom(0, 1, 60, 600, 1440, 4000),
      late: fc.constantFrom(0, 0, 0, 30, 1500),
      kind: fc.constantFrom('order', 'added', 'added', 'removed', 'traits'),
      p: fc.constantFrom('p1', 'p2', 'p3'),
    }),
    { maxLength: 14 },
  );
  const events = (items: { gap: number; late: number; kind: string; p: string }[]): TrialEvent[] => {
    let minute = 0;
    return items.map(({ gap, late, kind, p }, index) => {
      minute += gap;
      const when = {
        at: `${minute < late ? '-' : '+'}${Math.abs(minute - late)}m`,
        received: `+${minute}m`,
        id: `e${index}`,
      };
      switch (kind) {
        case 'order':
          return { ...when, event: 'Order Completed', total: 100 };
        case 'traits':
          return { ...when, traits: { ends: new Date(at(`+${minute + 4000}m`)).toISOString() } };
        default:
          return { ...when, event: kind === 'added' ? 'Added' : 'Removed', p };
      }
    });
  };
  const rulesets = rulesetsOf(compileRuleset(workspaceOf(FILES), 1, {}));

  it('memberships are at every moment what the conditions say', () => {
    fc.assert(
      fc.property(happenings, fc.nat(20_000), (items, later) => {
        const shop = new Trial(rulesets);
        const all = events(items);
        shop.apply(...all);
        const end = items.reduce((total, { gap }) => total + gap, 0) + later;
        shop.until(`+${end}m`);
        for (const segment of rulesets.current.segments) {
          const known = shop.state.computed.memberships.get(segment.fingerprint);
          const inside = segment.test(contextAt(rulesets.current.settings, shop.state, at(`+${end}m`)));
          if (known !== undefined) expect([segment.name, known.inside]).toEqual([segment.name, inside]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('nobody enters twice without leaving between', () => {
    fc.assert(
      fc.property(happenings, (items) => {
        const shop = new Trial(rulesets);
        shop.apply(...events(items));
        shop.until('+60d');
        for (const segment of ['active', 'rich', 'full', 'soon']) {
          const moves = shop.effects.planned
            .filter(({ rule: name }) => name.endsWith(`-${segment}`))
            .map(({ rule: name }) => name.split('-')[0]);
          moves.forEach((move, index) => expect(move).not.toBe(moves[index - 1]));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('replaying any prefix changes nothing, and the state is the same after it was stored', () => {
    fc.assert(
      fc.property(happenings, fc.nat(14), (items, length) => {
        const shop = new Trial(rulesets, undefined, {});
        const all = events(items);
        shop.apply(...all);
        const before = encodeState(shop.state);
        const effects = JSON.stringify(shop.effects);
        // Within the day for which ids are remembered.
        const clock = shop.clock;
        for (const event of all.slice(0, length))
          if (clock - at(event.received!) < 86_400_000) shop.applyRead(shop.read(event), clock);
        expect(JSON.stringify(shop.effects)).toBe(effects);
        expect(Buffer.compare(encodeState(shop.state), before)).toBe(0);
        expect(Buffer.compare(encodeState(decodeState(before)), before)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('what delivery asks', () => {
  it('a segment that `channels by segment` names is judged on the spot', () => {
    const rulesets = rulesetsOf(
      compileRuleset(workspaceOf([ACTIVE], 'channels by segment: { active: [push] }'), 1, {}),
    );
    const shop = new Trial(rulesets);
    shop.apply(ordered('+0m'));
    expect(isInSegment(rulesets, shop.state, 'active', at('+6d'))).toBe(true);
    expect(isInSegment(rulesets, shop.state, 'active', at('+7d'))).toBe(false);
    expect(isInSegment(rulesets, shop.state, 'other', at('+6d'))).toBe(false);
    expect(shop.state.computed.memberships.size).toBe(0);
  });
});
