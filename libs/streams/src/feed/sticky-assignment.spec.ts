import fc from 'fast-check';
import { stickyAssignment, type Claim } from './sticky-assignment.js';

const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 });
const anyClaims = fc
  .record({ count: fc.integer({ min: 1, max: 40 }), ids: members })
  .chain(({ count, ids }) =>
    fc.tuple(
      fc.constant(count),
      fc.tuple(
        ...ids.map((member) => fc.array(fc.integer({ min: -2, max: 45 })).map((owned): Claim => ({ member, owned }))),
      ),
    ),
  );

const sizes = (assignment: Map<string, number[]>) => [...assignment.values()].map((mine) => mine.length);
const claimsOf = (assignment: Map<string, number[]>): Claim[] =>
  [...assignment].map(([member, owned]) => ({ member, owned }));
const moved = (before: Map<string, number[]>, after: Map<string, number[]>) =>
  [...after].flatMap(([member, mine]) => mine.filter((p) => !before.get(member)?.includes(p))).length;

describe('stickyAssignment', () => {
  it('gives every partition to exactly one member, in shares that differ by one at most, whatever was claimed', () => {
    fc.assert(
      fc.property(anyClaims, ([count, claims]) => {
        const assignment = stickyAssignment(count, claims);
        expect([...assignment.values()].flat().sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, p) => p),
        );
        expect(Math.max(...sizes(assignment)) - Math.min(...sizes(assignment))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('changes nothing when nobody came or went', () => {
    fc.assert(
      fc.property(anyClaims, ([count, claims]) => {
        const before = stickyAssignment(count, claims);
        expect(stickyAssignment(count, claimsOf(before))).toEqual(before);
      }),
    );
  });

  it('does not depend on the order in which members are named', () => {
    fc.assert(
      fc.property(anyClaims, ([count, claims]) => {
        expect(stickyAssignment(count, [...claims].reverse())).toEqual(stickyAssignment(count, claims));
      }),
    );
  });

  it('moves only its own share to a member that joins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), members, (count, ids) => {
        const [joining, ...others] = ids;
        fc.pre(others.length > 0);
        const before = stickyAssignment(
          count,
          others.map((member) => ({ member, owned: [] })),
        );
        const after = stickyAssignment(count, [...claimsOf(before), { member: joining!, owned: [] }]);
        expect(moved(before, after)).toBe(after.get(joining!)!.length);
      }),
    );
  });

  it('moves only what a leaving member had', () => {
    const before = stickyAssignment(
      24,
      ['a', 'b', 'c'].map((member) => ({ member, owned: [] })),
    );
    const after = stickyAssignment(
      24,
      claimsOf(before).filter(({ member }) => member !== 'b'),
    );
    expect(moved(before, after)).toBe(before.get('b')!.length);
  });
});
