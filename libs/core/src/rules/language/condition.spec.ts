import { readRuleWith } from '../fixtures/read-rule-with.js';
import type { Path } from '../model.js';

const path = (text: string): Path => {
  const [root, ...names] = text.split('.');
  return { root: root as Path['root'], names, text };
};
const literal = (value: string | number | boolean) => ({ kind: 'literal', value });
const asPath = (text: string) => ({ kind: 'path', path: path(text) });
const compare = (text: string, comparison: object) => ({ kind: 'compare', path: path(text), comparison });

const who = (condition: string) => readRuleWith({ who: `who: ${condition}` }).rule.who;
const where = (condition: string) => {
  const [start] = readRuleWith({ start: `start: { event: A, where: ${condition} }` }).rule.starts;
  return start?.kind === 'event' ? start.where : undefined;
};

describe('a condition', () => {
  it.each([
    ['{ customer.city: Berlin }', { operator: 'equals', value: literal('Berlin') }],
    ['{ customer.city: "Berlin" }', { operator: 'equals', value: literal('Berlin') }],
    ['{ customer.city: true }', { operator: 'equals', value: literal(true) }],
    ['{ customer.city: -1.5 }', { operator: 'equals', value: literal(-1.5) }],
    ['{ customer.city: start.city }', { operator: 'equals', value: asPath('start.city') }],
    ['{ customer.city: "start.city" }', { operator: 'equals', value: asPath('start.city') }],
    ['{ customer.city: { text: customer.io } }', { operator: 'equals', value: literal('customer.io') }],
    ['{ customer.city: { equals: { text: 12 } } }', { operator: 'equals', value: literal('12') }],
    ['{ customer.city: Dr. No }', { operator: 'equals', value: literal('Dr. No') }],
    [
      '{ customer.city: [Berlin, start.city, 3] }',
      { operator: 'in', values: [literal('Berlin'), asPath('start.city'), literal(3)] },
    ],
    ['{ customer.city: { not: Berlin } }', { operator: 'not', value: literal('Berlin') }],
    ['{ customer.city: { in: [a, b] } }', { operator: 'in', values: [literal('a'), literal('b')] }],
    ['{ customer.city: { not in: [a] } }', { operator: 'not in', values: [literal('a')] }],
    ['{ customer.city: { in: start.cities } }', { operator: 'in', values: [asPath('start.cities')] }],
    ['{ customer.city: { equals: [a, 3] } }', { operator: 'in', values: [literal('a'), literal(3)] }],
    ['{ customer.city: { not: [a, 3] } }', { operator: 'not in', values: [literal('a'), literal(3)] }],
    ['{ customer.city: { at least: 3 } }', { operator: 'at least', value: literal(3) }],
    ['{ customer.city: { at most: start.price } }', { operator: 'at most', value: asPath('start.price') }],
    ['{ customer.city: { more than: 3 } }', { operator: 'more than', value: literal(3) }],
    ['{ customer.city: { less than: 3 } }', { operator: 'less than', value: literal(3) }],
    ['{ customer.city: { between: [1, start.b] } }', { operator: 'between', low: literal(1), high: asPath('start.b') }],
    ['{ customer.city: { contains: a } }', { operator: 'contains', value: literal('a') }],
    ['{ customer.city: { contains any: [a, 1] } }', { operator: 'contains any', values: [literal('a'), literal(1)] }],
    ['{ customer.city: { starts with: a } }', { operator: 'starts with', value: literal('a') }],
    ['{ customer.city: { ends with: a } }', { operator: 'ends with', value: literal('a') }],
    ['{ customer.city: { matches: "^a+$" } }', { operator: 'matches', pattern: '^a+$' }],
    ['{ customer.city: { exists: false } }', { operator: 'exists', expected: false }],
    ['{ customer.city: { before: 2026-02-28 } }', { operator: 'before', value: literal('2026-02-28') }],
    [
      '{ customer.city: { after: "2026-02-28T10:00:00+01:00" } }',
      { operator: 'after', value: literal('2026-02-28T10:00:00+01:00') },
    ],
    ['{ customer.city: { after: start.starts_at } }', { operator: 'after', value: asPath('start.starts_at') }],
    ['{ customer.city: { within last: 2 days } }', { operator: 'within last', durationMs: 172_800_000 }],
    ['{ customer.city: { within next: 1 week } }', { operator: 'within next', durationMs: 604_800_000 }],
    [
      '{ customer.city: { any item: { item.price: start.price } } }',
      { operator: 'any item', condition: compare('item.price', { operator: 'equals', value: asPath('start.price') }) },
    ],
    [
      '{ customer.city: { every item: { item.a: { exists: true } } } }',
      { operator: 'every item', condition: compare('item.a', { operator: 'exists', expected: true }) },
    ],
  ])('reads %s', (condition, comparison) => {
    expect(who(condition)).toEqual(compare('customer.city', comparison));
  });

  it('is "all of these" for a map with several entries or operators', () => {
    const expected = {
      kind: 'all',
      conditions: [
        compare('customer.a', { operator: 'equals', value: literal(1) }),
        compare('customer.b', { operator: 'equals', value: literal(2) }),
      ],
    };
    expect(who('{ customer.a: 1, customer.b: 2 }')).toEqual(expected);
    expect(who('{ all: [{ customer.a: 1 }, { customer.b: 2 }] }')).toEqual(expected);
    expect(who('{ customer.a: { at least: 1, less than: 5 } }')).toEqual({
      kind: 'all',
      conditions: [
        compare('customer.a', { operator: 'at least', value: literal(1) }),
        compare('customer.a', { operator: 'less than', value: literal(5) }),
      ],
    });
  });

  it.each(['{ customer.a: { at least: 20, less than: 20 } }', '{ has done: { event: A, at least: 3, at most: 2 } }'])(
    'that can never hold is warned of and kept: %s',
    (condition) => {
      const { rule, found } = readRuleWith({ who: `who: ${condition}` });
      expect(rule.who).not.toBeNull();
      expect(found).toEqual([expect.stringContaining('condition/impossible')]);
    },
  );

  it('nests any and not', () => {
    const a = compare('customer.a', { operator: 'equals', value: literal(1) });
    expect(who('{ any: [{ customer.a: 1 }, { not: { customer.a: 1 } }] }')).toEqual({
      kind: 'any',
      conditions: [a, { kind: 'not', condition: a }],
    });
  });

  it('reads history with every key, and null for what is not said', () => {
    expect(
      who(
        '{ has done: { event: [A, B], where: { event.total: start.total }, at least: 2, at most: 5, within: 30 days, since: start } }',
      ),
    ).toEqual({
      kind: 'has done',
      negated: false,
      events: ['A', 'B'],
      where: compare('event.total', { operator: 'equals', value: asPath('start.total') }),
      atLeast: 2,
      atMost: 5,
      withinMs: 2_592_000_000,
      sinceStart: true,
    });
    expect(who('{ has not done: { event: A } }')).toEqual({
      kind: 'has done',
      negated: true,
      events: ['A'],
      where: null,
      atLeast: null,
      atMost: null,
      withinMs: null,
      sinceStart: false,
    });
  });

  it('knows `event` where an event is looked at, and `event.timestamp`', () => {
    expect(where('{ event.timestamp: { before: 2026-01-01 } }')).toEqual(
      compare('event.timestamp', { operator: 'before', value: literal('2026-01-01') }),
    );
    expect(where('{ customer.vip: true, has not done: { event: A } }')).toMatchObject({ kind: 'all' });
  });

  it('lets names of a path hold any character but a point', () => {
    expect(where('{ "event.Größe in cm": 3 }')).toEqual({
      kind: 'compare',
      path: { root: 'event', names: ['Größe in cm'], text: 'event.Größe in cm' },
      comparison: { operator: 'equals', value: literal(3) },
    });
  });

  it('brings texts into NFC', () => {
    expect(who('{ customer.city: "Mu\u0308nchen" }')).toEqual(
      compare('customer.city', { operator: 'equals', value: literal('München') }),
    );
    expect(readRuleWith({ start: 'start: { event: "Cafe\u0301" }' }).rule.starts).toMatchObject([{ events: ['Café'] }]);
  });

  it('takes yes, no, on, off for texts and warns, unless they stand in quotes', () => {
    expect(readRuleWith({ who: 'who: { customer.newsletter: yes }' }).found).toEqual(['5:29 condition/yes-no']);
    expect(readRuleWith({ who: 'who: { customer.newsletter: "yes" }' }).found).toEqual([]);
  });

  it('asks for messages by template or by more, each also with `not`', () => {
    const any = {
      template: null,
      category: null,
      channel: null,
      rule: null,
      atLeast: null,
      atMost: null,
      withinMs: null,
      sinceStart: false,
    };
    expect(who('{ has received: reminder }')).toEqual({
      kind: 'has received',
      negated: false,
      ...any,
      template: 'reminder',
    });
    expect(
      who(
        '{ has not clicked: { category: care, channel: push, rule: cart, at least: 2, at most: 5, within: 3 days, since: start } }',
      ),
    ).toEqual({
      kind: 'has clicked',
      negated: true,
      ...any,
      category: 'care',
      channel: 'push',
      rule: 'cart',
      atLeast: 2,
      atMost: 5,
      withinMs: 259_200_000,
      sinceStart: true,
    });
    expect(who('{ has opened: { within: 1 day } }')).toMatchObject({ kind: 'has opened', template: null });
  });

  it('compares with moments', () => {
    const compared = (written: string) => who(`{ customer.d: { before: ${written} } }`);
    expect(compared('2026-01-01')).toMatchObject({ comparison: { value: literal('2026-01-01') } });
    expect(compared('start.ends_at')).toMatchObject({ comparison: { value: asPath('start.ends_at') } });
    expect(compared('"10:00"')).toMatchObject({ comparison: { value: { kind: 'time of day', minute: 600 } } });
    expect(compared('2 days later')).toMatchObject({ comparison: { value: { kind: 'later' } } });
    expect(compared('1 day before start.ends_at')).toMatchObject({ comparison: { value: { kind: 'beside' } } });
  });
});
