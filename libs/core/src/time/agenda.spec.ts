import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Agenda } from './agenda.js';

describe('an agenda', () => {
  it('gives back in the order of instants whatever was moved, however often', () => {
    const moves = fc.array(
      fc.tuple(
        fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(Infinity)),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(moves, (list) => {
        const agenda = new Agenda();
        const expected = new Map<string, number>();
        for (const [customer, instant] of list) {
          expect(agenda.set(customer, instant)).toBe(expected.get(customer) ?? Infinity);
          if (instant === Infinity) expected.delete(customer);
          else expected.set(customer, instant);
        }
        expect(agenda.size).toBe(expected.size);
        expect(new Set(agenda.dueBefore(25, 100))).toEqual(
          new Set([...expected].filter(([, at]) => at < 25).map(([id]) => id)),
        );
        const order = [...expected].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([id]) => id);
        const taken: string[] = [];
        for (let next = agenda.firstBefore(Infinity); next !== null; next = agenda.firstBefore(Infinity)) {
          taken.push(next);
          agenda.set(next, Infinity);
        }
        expect(taken).toEqual(order);
        expect(agenda.earliest).toBe(Infinity);
      }),
    );
  });

  it('leaves out what is due exactly at the bound', () => {
    const agenda = new Agenda();
    agenda.set('ann', 10);
    expect(agenda.firstBefore(10)).toBeNull();
    expect(agenda.firstBefore(11)).toBe('ann');
  });
});
