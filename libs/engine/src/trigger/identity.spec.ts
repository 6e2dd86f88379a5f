import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { customerIdOf, decodeState, encodeState } from '#core';
import { KIND_HANDOVER, KIND_LINK } from './record-headers.js';
import type { CommitFault } from './testing/model-store.js';
import { ANN, BOB, idAt, MINUTE, PHONE, START, TwoPartitions } from './testing/two-partitions.js';

/** Which partition goes on, for how many records, and what its commits meet with. */
const step = fc.record({
  partition: fc.nat(1),
  records: fc.integer({ min: 1, max: 3 }),
  faults: fc.array(fc.constantFrom<CommitFault>('none', 'none', 'refused', 'done but lost'), { maxLength: 3 }),
});
const steps = fc.array(step, { maxLength: 5 });

async function doSteps(world: TwoPartitions, all: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) {
  for (const { partition, records, faults } of all) await world.own(partition, records, [...faults]);
}

describe('a guest fills a cart, signs in and pays', () => {
  it.each([
    ['and is reminded of nothing', true],
    ['and one who does not pay is reminded once by each rule', false],
  ])(
    '%s, however the partitions go on, fail and start again',
    async (_, pays) => {
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 4 }), fc.boolean(), async (schedules, copies) => {
          const world = new TwoPartitions();
          world.say({ anonymousId: PHONE }, 'Cart');
          await doSteps(world, schedules[0]!);
          world.pass(5);
          world.say({ userId: ANN, anonymousId: PHONE });
          await doSteps(world, schedules[1]!);
          world.pass(1);
          if (pays) world.say({ userId: ANN }, 'Order');
          await doSteps(world, schedules[2]!);
          if (copies) world.copyAll(KIND_LINK);
          if (copies) world.copyAll(KIND_HANDOVER);
          world.pass(5);
          await doSteps(world, schedules[3]!);
          await world.settle();
          world.pass(30);
          await world.settle();
          expect(world.reminders).toBe(pays ? 0 : 2);
          expect(world.state(ANN).identity).toMatchObject({ merged: [PHONE], asked: [], redirect: null });
          expect(world.state(PHONE)).toMatchObject({ runs: [], identity: { redirect: ANN, merged: [] } });
          expect(new Set(world.stores[0]!.contactMerges.map(({ from, to }) => `${from} ${to}`))).toEqual(
            new Set([`${customerIdOf(PHONE)} ${customerIdOf(ANN)}`]),
          );
          expect(world.stores.flatMap((store) => store.deadLetters)).toEqual([]);
        }),
        { numRuns: 60 },
      );
    },
    120_000,
  );

  it('and pays on the device that nobody knew to be hers by then', async () => {
    const world = new TwoPartitions();
    world.say({ userId: ANN }, 'Cart');
    world.say({ anonymousId: PHONE }, 'Order');
    world.say({ userId: ANN, anonymousId: PHONE });
    await world.settle();
    world.pass(60);
    await world.settle();
    expect(world.reminders).toBe(0);
  });
});

describe('ids that are one customer', () => {
  it('are found by events of the device, which go on to her with their id and time', async () => {
    const world = new TwoPartitions();
    world.say({ userId: ANN, anonymousId: PHONE });
    await world.settle();
    world.say({ anonymousId: PHONE }, 'Cart');
    world.pass(1);
    world.say({ anonymousId: PHONE }, 'Order');
    await world.settle();
    expect(world.state(PHONE).seen.size).toBe(0);
    const { start } = decodeState(encodeState(world.state(ANN))).ended[0] ?? { start: null };
    expect(start).toBeNull();
    expect(world.state(ANN).accepted).toEqual([]);
    expect(world.state(ANN).identity.ring).toMatchObject([{ name: 'Order', time: START + MINUTE }]);
    world.pass(60);
    await world.settle();
    expect(world.reminders).toBe(0);
  });

  it('are the first who came with the device: two who share it stay two', async () => {
    const world = new TwoPartitions();
    world.say({ userId: ANN, anonymousId: PHONE });
    await world.settle();
    world.say({ userId: BOB, anonymousId: PHONE }, 'Cart');
    world.say({ anonymousId: PHONE }, 'Cart');
    await world.settle();
    expect(world.state(PHONE).identity.redirect).toBe(ANN);
    expect(world.state(BOB).identity).toMatchObject({ merged: [], asked: [PHONE], redirect: null });
    expect(world.state(BOB).runs).toHaveLength(2);
    expect(world.state(ANN).runs).toHaveLength(2);
  });

  it.each([
    ['in one partition', ANN, BOB],
    ['in two', ANN, idAt('carl', 1)],
    ['in two, said the other way round', idAt('carl', 1), ANN],
  ])(
    'and both known are the one with the smaller internal id, from whichever side it is said: %s',
    async (_, one, other) => {
      for (const [previousId, userId] of [
        [one, other],
        [other, one],
      ] as const) {
        const world = new TwoPartitions();
        world.say({ userId: one }, 'Cart');
        world.say({ userId: other }, 'Cart');
        world.say({ userId, previousId }, undefined, 'alias');
        world.say({ userId: previousId, previousId: userId }, undefined, 'alias');
        await world.settle();
        const [root, merged] = customerIdOf(one) < customerIdOf(other) ? [one, other] : [other, one];
        expect(world.state(root).identity).toMatchObject({ redirect: null, merged: [merged] });
        expect(world.state(merged).identity).toMatchObject({ redirect: root, glued: true });
        expect(world.state(root).runs).toHaveLength(2);
        world.say({ userId: merged }, 'Order');
        await world.settle();
        world.pass(60);
        await world.settle();
        expect(world.reminders).toBe(0);
      }
    },
  );
});
