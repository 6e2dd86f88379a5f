import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  customerIdOf,
  decodeState,
  encodeState,
  formatInstant,
  isTombstone,
  newCustomerState,
  STATE_VERSION,
  TOMBSTONE_MS,
} from '#core';
import { eraseRecord } from './erase-record.js';
import { handoverRecord, linkRecord } from './identity-records.js';
import {
  HEADER_APPEND,
  HEADER_EMITS,
  HEADER_HOPS,
  HEADER_ID,
  KIND_EMITTED,
  KIND_ERASE,
  KIND_FORWARD,
} from './record-headers.js';
import { HEADER_KIND } from '../ports/event-stream.js';
import type { CommitFault } from './testing/model-store.js';
import { ANN, BOB, MINUTE, PHONE, START, TwoPartitions } from './testing/two-partitions.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Whatever the engine keeps, as text. */
function kept(world: TwoPartitions): string {
  return world.stores
    .flatMap(({ states, outbox }) => [
      ...[...states.values()].map(({ state }) => text(state)),
      ...outbox.map(({ value }) => text(value)),
    ])
    .join('\n');
}

function erase(world: TwoPartitions, id: string, at = world.now): void {
  const { target, value, headers } = eraseRecord({ recordId: `request-${at}`, id, at, hops: 1 });
  world.append({ key: 'key' in target ? target.key : null, value, headers });
}

async function withCart(): Promise<TwoPartitions> {
  const world = new TwoPartitions();
  world.say({ userId: ANN }, 'Cart');
  await world.settle();
  return world;
}

describe('a customer who is erased', () => {
  it('is a tombstone that does not even know her id', async () => {
    const world = await withCart();
    expect(kept(world)).toContain(ANN);
    world.pass(1);
    erase(world, ANN);
    await world.settle();
    expect(kept(world)).not.toContain(ANN);
    expect(isTombstone(world.state(ANN))).toBe(true);
    expect(world.stores[0]!.erased).toEqual([{ customerId: customerIdOf(ANN), customer: ANN, until: world.now }]);
    world.pass(60);
    await world.settle();
    expect(world.reminders).toBe(0);
  });

  it('is not joined to by an event that was late, when both are at home in one partition', async () => {
    const world = new TwoPartitions();
    world.say({ anonymousId: ANN }, 'Cart');
    await world.settle();
    const before = world.now;
    world.pass(60);
    erase(world, ANN);
    await world.settle();
    world.pass(1);
    const call = { type: 'track', event: 'Cart', userId: BOB, anonymousId: ANN, messageId: 'late' };
    world.append({
      key: BOB,
      value: Buffer.from(JSON.stringify({ ...call, timestamp: formatInstant(before), properties: { cart: 'c2' } })),
    });
    await world.settle();
    expect(isTombstone(world.state(ANN))).toBe(true);
    expect(world.state(BOB).identity.merged).toEqual([]);
    expect(kept(world)).not.toContain(ANN);
  });

  it('is one with her device again as soon as somebody says so, however close behind the record', async () => {
    const world = new TwoPartitions();
    world.say({ userId: ANN, anonymousId: PHONE }, 'Cart');
    await world.settle();
    world.pass(1);
    erase(world, ANN);
    erase(world, PHONE);
    world.now += MINUTE;
    world.say({ userId: ANN, anonymousId: PHONE });
    await world.settle();
    expect(world.state(PHONE).identity.redirect).toBe(ANN);
  });

  it('of whom a version that knows of no erasure has written something is forgotten, and holds nobody up', async () => {
    const world = await withCart();
    const store = world.stores[0]!;
    const [row] = [...store.states.values()];
    const foreign = decodeState(row!.state);
    store.states.set(customerIdOf(ANN), { ...row!, state: encodeState({ ...foreign, id: '' }) });
    world.pass(60);
    await world.settle();
    expect(store.states.size).toBe(0);
    expect(store.position.nextOffset).toBe(world.logs[0]!.length);
  });

  it('is reminded of nothing that was due just before', async () => {
    const world = await withCart();
    world.now += 60 * MINUTE;
    erase(world, ANN);
    await world.settle();
    expect(world.stores[0]!.planned).toHaveLength(2);
    expect(world.reminders).toBe(0);
  });

  it('is not brought back by an event of hers that was late, forwarded or replayed', async () => {
    const world = await withCart();
    const before = world.now;
    world.pass(60);
    const erasedAt = world.now;
    erase(world, ANN);
    world.now += MINUTE;
    const late = (timestamp: number, headers: { readonly [name: string]: string } | null) =>
      world.append({
        key: ANN,
        value: Buffer.from(
          JSON.stringify({
            type: 'track',
            event: 'Cart',
            userId: ANN,
            messageId: `late-${timestamp}`,
            timestamp: formatInstant(timestamp),
            traits: { email: 'ann@shop.test' },
            properties: { cart: 'c9' },
          }),
        ),
        ...(headers === null ? {} : { headers }),
      });
    late(before, null);
    // Ahead of the log when it came, as far as an event may be.
    const append = String(erasedAt - MINUTE);
    late(erasedAt + MINUTE * 2, {
      [HEADER_KIND]: KIND_FORWARD,
      [HEADER_ID]: 'f1',
      [HEADER_APPEND]: append,
      [HEADER_HOPS]: '1',
    });
    // A rule of hers had emitted it.
    late(erasedAt + MINUTE, { [HEADER_KIND]: KIND_EMITTED, [HEADER_EMITS]: '1', [HEADER_APPEND]: append });
    await world.settle();
    expect(kept(world)).not.toContain(ANN);
    expect(isTombstone(world.state(ANN))).toBe(true);
  });

  it('is somebody new with the next thing that happens under her id', async () => {
    const world = await withCart();
    world.pass(1);
    erase(world, ANN);
    world.now += 1;
    world.say({ userId: ANN }, 'Cart');
    await world.settle();
    expect(world.state(ANN).runs).toMatchObject([{ startedAt: world.now }, { startedAt: world.now }]);
    world.pass(60);
    await world.settle();
    expect(world.reminders).toBe(2);
  });

  it('is not erased again by a copy of the record', async () => {
    const world = await withCart();
    world.pass(1);
    const at = world.now;
    erase(world, ANN, at);
    world.now += 1;
    world.say({ userId: ANN }, 'Cart');
    erase(world, ANN, at);
    await world.settle();
    expect(world.state(ANN).runs).toHaveLength(2);
    world.now += 1;
    erase(world, ANN);
    await world.settle();
    expect(isTombstone(world.state(ANN))).toBe(true);
  });

  it('takes the ids with her that were joined to her, whichever partition they are at home in', async () => {
    const world = new TwoPartitions();
    world.say({ anonymousId: PHONE }, 'Cart');
    world.say({ userId: ANN, anonymousId: PHONE });
    await world.settle();
    expect(world.state(PHONE).identity.redirect).toBe(ANN);
    world.pass(1);
    erase(world, ANN);
    await world.settle();
    expect(kept(world)).not.toContain(ANN);
    expect(kept(world)).not.toContain(PHONE);
    // The device begins anew, and nobody knows whose it was.
    world.now += 1;
    world.say({ anonymousId: PHONE }, 'Cart');
    await world.settle();
    expect(world.state(PHONE)).toMatchObject({ runs: [{}, {}], identity: { redirect: null } });
    expect(isTombstone(world.state(ANN))).toBe(true);
  });

  it('goes with the customer whom she turned out to be', async () => {
    const world = new TwoPartitions();
    world.say({ anonymousId: PHONE }, 'Cart');
    world.say({ userId: ANN, anonymousId: PHONE });
    await world.settle();
    world.pass(1);
    erase(world, PHONE);
    await world.settle();
    expect(kept(world)).not.toContain(ANN);
    expect(kept(world)).not.toContain(PHONE);
  });

  it('is not brought back by a state that was on its way to her, and whoever gave it away is forgotten as well', async () => {
    const world = await withCart();
    world.pass(1);
    const said = world.now;
    // Its event is ahead of the log by as much as it may be: where the stream stood decides.
    const link = { recordId: 'x/link', id: PHONE, customer: ANN, kind: 'device', named: true, hops: 1 } as const;
    const asked = linkRecord({ ...link, time: said + 4 * MINUTE, since: said });
    const state = newCustomerState(PHONE);
    state.traits.set('email', 'ann@shop.test', said);
    const handover = { recordId: 'x/handover', customer: ANN, state, time: said + 4 * MINUTE, since: said, hops: 2 };
    world.pass(1);
    erase(world, ANN);
    world.now += 1;
    world.append({ key: PHONE, value: asked.value, headers: asked.headers });
    const handed = handoverRecord(handover, STATE_VERSION);
    world.append({ key: ANN, value: handed.value, headers: handed.headers });
    await world.settle();
    expect(kept(world)).not.toContain(ANN);
    expect(kept(world)).not.toContain(PHONE);
    expect(kept(world)).not.toContain('shop.test');
  });

  it('gives nothing to whoever comes with her device, of what she did on it', async () => {
    const world = new TwoPartitions();
    world.say({ anonymousId: PHONE }, 'Cart');
    await world.settle();
    const before = world.now;
    world.pass(1);
    erase(world, PHONE);
    world.now += MINUTE;
    world.say({ userId: BOB, anonymousId: PHONE });
    await world.settle();
    expect(world.state(PHONE).identity.redirect).toBe(BOB);
    const call = { type: 'track', event: 'Cart', anonymousId: PHONE, timestamp: formatInstant(before) };
    world.append({ key: PHONE, value: Buffer.from(JSON.stringify({ ...call, messageId: 'late' })) });
    await world.settle();
    expect(world.state(BOB).runs).toEqual([]);
    expect(world.state(BOB).identity.ring).toEqual([]);
  });

  it('belongs to nobody who was said to be her before', async () => {
    const world = new TwoPartitions();
    const said = world.now;
    world.pass(1);
    erase(world, PHONE);
    world.now += 1;
    world.say({ anonymousId: PHONE }, 'Cart');
    const link = { recordId: 'x/link', id: PHONE, customer: ANN, kind: 'device', named: true, hops: 1 } as const;
    const { value, headers } = linkRecord({ ...link, time: said + 4 * MINUTE, since: said });
    world.append({ key: PHONE, value, headers });
    await world.settle();
    expect(world.state(PHONE)).toMatchObject({ runs: [{}, {}], identity: { redirect: null } });
  });

  it('is forgotten to have been erased after 30 days', async () => {
    const world = await withCart();
    world.pass(1);
    erase(world, ANN);
    await world.settle();
    world.pass(TOMBSTONE_MS / MINUTE - 1);
    await world.settle();
    expect(world.stores[0]!.states.size).toBe(1);
    world.pass(2);
    await world.settle();
    expect(world.stores[0]!.states.size).toBe(0);
  });

  it('is erased also where no version can read her row', async () => {
    const world = await withCart();
    world.stores[0]!.states.set(customerIdOf(ANN), { state: new Uint8Array([99]), nextFire: null });
    erase(world, ANN);
    await world.settle();
    expect(isTombstone(world.state(ANN))).toBe(true);
    expect(world.stores[0]!.deadLetters).toEqual([]);
  });

  it('is no matter of anybody else in the same partition', async () => {
    const world = await withCart();
    world.say({ userId: BOB }, 'Cart');
    erase(world, ANN);
    world.say({ userId: BOB }, 'Cart');
    await world.settle();
    world.pass(60);
    await world.settle();
    expect(world.reminders).toBe(2);
  });
});

describe('a record that erases', () => {
  it.each([
    ['has no id', JSON.stringify({ at: START })],
    ['is from the future', JSON.stringify({ id: ANN, at: START + 2 * MINUTE })],
    ['is no JSON', '{'],
  ])('is put aside where it %s', async (_, value) => {
    const world = await withCart();
    const headers = { [HEADER_KIND]: KIND_ERASE, [HEADER_ID]: 'x', [HEADER_HOPS]: '1' };
    world.append({ key: ANN, value: Buffer.from(value), headers });
    await world.settle();
    expect(world.stores[0]!.deadLetters).toMatchObject([{ reason: 'unreadable' }]);
    expect(world.state(ANN).runs).toHaveLength(2);
  });
});

describe('events around an erasure', () => {
  it('come to the same wherever batches end, owners stop and commits fail', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            partition: fc.nat(1),
            records: fc.integer({ min: 1, max: 4 }),
            faults: fc.array(fc.constantFrom<CommitFault>('none', 'refused', 'done but lost'), { maxLength: 3 }),
          }),
          { maxLength: 12 },
        ),
        async (steps) => {
          const world = new TwoPartitions();
          world.say({ anonymousId: PHONE }, 'Cart');
          world.say({ userId: ANN, anonymousId: PHONE }, 'Cart');
          for (const { partition, records, faults } of steps.slice(0, 4))
            await world.own(partition, records, [...faults]);
          world.now += 1;
          erase(world, ANN);
          for (const { partition, records, faults } of steps.slice(4, 8))
            await world.own(partition, records, [...faults]);
          await world.settle();
          expect(kept(world)).not.toContain(ANN);
          expect(kept(world)).not.toContain(PHONE);
          world.now += 1;
          world.say({ userId: ANN }, 'Cart');
          for (const { partition, records, faults } of steps.slice(8)) await world.own(partition, records, [...faults]);
          await world.settle();
          world.pass(60);
          await world.settle();
          const state = decodeState(world.stores[0]!.states.get(customerIdOf(ANN))!.state);
          expect(state.identity.merged).toEqual([]);
          expect(world.reminders).toBe(2);
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);
});
