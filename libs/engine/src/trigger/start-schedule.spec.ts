import fc from 'fast-check';
import { turnMs, turnOf } from './start-schedule.js';

const aCount = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 24 });

describe('the turns of those who are started', () => {
  it('are each given once, and none is left out', () => {
    fc.assert(
      fc.property(aCount, fc.integer({ min: 0, max: 3 }), (counted, more) => {
        const turns = counted.flatMap((count, partition) =>
          Array.from({ length: count + more }, (_, k) => turnOf(counted, partition, k)),
        );
        expect(turns.sort((a, b) => a - b)).toEqual(turns.map((_, turn) => turn));
      }),
      { numRuns: 300 },
    );
  });

  it('come in the order of their partition, and those nobody counted behind all others', () => {
    fc.assert(
      fc.property(aCount, (counted) => {
        const total = counted.reduce((sum, count) => sum + count, 0);
        for (const [partition, count] of counted.entries()) {
          const own = Array.from({ length: count + 2 }, (_, k) => turnOf(counted, partition, k));
          expect(own).toEqual([...own].sort((a, b) => a - b));
          expect(own.slice(count).every((turn) => turn >= total)).toBe(true);
        }
      }),
    );
  });

  it('are so many in an hour', () => {
    expect([turnMs(60), turnMs(7_200)]).toEqual([60_000, 500]);
  });
});
