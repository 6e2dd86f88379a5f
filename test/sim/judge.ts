import {
  customerIdOf,
  decodeState,
  encodeState,
  newCustomerState,
  partitionFor,
  thingFingerprint,
  watchedItems,
} from '#core';
import { plainly } from './plainly.js';
import type { World } from './world.js';

/** What was promised and not kept; empty where all is well. `straight` read the same log without any fault. */
export function judge(world: World, straight: World): string[] {
  return [
    ...world.tables.flatMap((_, partition) => [
      ...tiling(world, partition),
      ...once(world, partition),
      ...neverEarly(world, partition),
      ...asStraight(world, straight, partition),
      ...everyWatcher(world, partition),
    ]),
    ...outboxWasSent(world),
    ...everyPing(world),
    ...everyCart(world),
  ];
}

/** I4: committed batches follow one another without gap or overlap. */
function tiling(world: World, partition: number): string[] {
  let at = 0;
  const problems: string[] = [];
  for (const { commit } of world.tables[partition]!.written) {
    if (commit.from.nextOffset !== at)
      problems.push(
        `partition ${partition}: a commit begins at ${commit.from.nextOffset}, the one before ended at ${at}`,
      );
    if (commit.nextOffset < at) problems.push(`partition ${partition}: a commit goes back to ${commit.nextOffset}`);
    at = commit.nextOffset;
  }
  return problems;
}

/** I3: each decision once. */
function once(world: World, partition: number): string[] {
  const ids = planned(world, partition).map(({ message }) => message.id);
  const seen = new Set<string>();
  return ids.flatMap((id) => {
    if (!seen.has(id)) return (seen.add(id), []);
    return [`partition ${partition}: message ${id} was planned twice`];
  });
}

/** I9: no message is planned before the log has come to its time. */
function neverEarly(world: World, partition: number): string[] {
  return world.tables[partition]!.written.flatMap(({ commit }) =>
    commit.planned
      .filter(({ message }) => message.due > commit.logTime)
      .map(({ message }) => `partition ${partition}: message ${message.id} was planned before its time`),
  );
}

/** I2: the same as a straight run over the same log. */
function asStraight(world: World, straight: World, partition: number): string[] {
  const [ours, theirs] = [world, straight].map((of) => collected(of, partition)) as [Collected, Collected];
  return Object.keys(ours).flatMap((what) => {
    const [a, b] = [ours[what]!, theirs[what]!];
    const missing = b.filter((line) => !a.includes(line));
    const extra = a.filter((line) => !b.includes(line));
    if (missing.length === 0 && extra.length === 0 && a.length === b.length) return [];
    return [
      `partition ${partition}: ${what} differ from a straight run: ${a.length} instead of ${b.length}` +
        missing
          .slice(0, 2)
          .map((line) => `\n    missing ${line}`)
          .join('') +
        extra
          .slice(0, 2)
          .map((line) => `\n    extra   ${line}`)
          .join(''),
    ];
  });
}

type Collected = Record<string, string[]>;

function collected(world: World, partition: number): Collected {
  const { written, states } = world.tables[partition]!;
  const all = <T>(of: (commit: (typeof written)[number]['commit']) => readonly T[]) =>
    written.flatMap(({ commit }) => of(commit).map(plainly)).sort();
  return {
    messages: all(({ planned }) => planned),
    withdrawals: all(({ cancelled }) => cancelled),
    consents: all(({ consents }) => consents),
    traces: all(({ traces }) => traces),
    'dead letters': all(({ deadLetters }) => deadLetters.map(({ offset, reason }) => ({ offset, reason }))),
    'outbox records': all(({ outbox }) => outbox.map(({ recordId, target }) => ({ recordId, target }))),
    states: [...states]
      .map(([id, { state, nextFire }]) => plainly({ id, nextFire, state: meaningOf(world, state) }))
      .sort(),
  };
}

/**
 * Without what may differ and mean the same: which copies were told apart by their ids (one that a job was to bring is
 * remembered by those who were changed before their turn), the ruleset it was written under last, and what only a rule
 * that is gone would ask for, which is dropped when somebody comes by.
 */
function meaningOf(world: World, state: Uint8Array): Uint8Array {
  const known = decodeState(state);
  const { current } = world.rulesets(world.published);
  const live = [...known.silences].filter(([fingerprint]) => current.silence(fingerprint) !== undefined);
  const calendar = { ...known.calendar, ruleset: 0 };
  return encodeState({ ...known, calendar, silences: new Map(live), seen: newCustomerState('').seen, ruleset: 0 });
}

/** Whose lists hold a thing that rules ask about is found by it; rows that say more than is true do no harm. */
function everyWatcher(world: World, partition: number): string[] {
  const { states, watch, position } = world.tables[partition]!;
  return [...states].flatMap(([id, { state }]) =>
    [...watchedItems(world.rulesets(position.ruleset), decodeState(state))]
      .filter((thing) => !watch.has(`${thingFingerprint(thing)} ${id}`))
      .map((thing) => `partition ${partition}: customer ${id} would not hear of ${thing}`),
  );
}

/** What was written for the stream stands in it. */
function outboxWasSent(world: World): string[] {
  const ids = new Set(
    world.log.partitions.flatMap((records, partition) => records.map((record) => `${partition} ${idOf(record)}`)),
  );
  return world.tables.flatMap(({ written }) =>
    written.flatMap(({ commit }) =>
      commit.outbox.flatMap(({ recordId, target }) => {
        const partition = 'key' in target ? partitionFor(target.key, world.log.count) : target.partition;
        return ids.has(`${partition} ${recordId}`) ? [] : [`record ${recordId} never reached partition ${partition}`];
      }),
    ),
  );
}

function idOf({ value, headers }: World['log']['partitions'][number][number]): string {
  return headers?.['kairos-id'] ?? (bodyOf(value)?.['messageId'] as string | undefined) ?? '';
}

function bodyOf(value: Uint8Array | null): { readonly [name: string]: unknown } | null {
  try {
    return JSON.parse(new TextDecoder().decode(value ?? new Uint8Array())) as { [name: string]: unknown };
  } catch {
    return null;
  }
}

function planned(world: World, partition: number) {
  return world.tables[partition]!.written.flatMap(({ commit }) => commit.planned);
}

/** Events of this name as the log has them, each once, those of the past left out: told without asking the engine. */
function eventsOf(world: World, name: string) {
  const found = new Map<
    string,
    { customer: string; properties: Record<string, string>; partition: number; at: number }
  >();
  for (const [partition, records] of world.log.partitions.entries())
    for (const [at, { value, headers, appendTime }] of records.entries()) {
      const body = bodyOf(value);
      if (body?.['event'] !== name || headers?.['kairos-historical'] !== undefined) continue;
      const customer = String(body['userId']);
      const late = appendTime - Date.parse(String(body['timestamp']));
      if (late > 23 * 3_600_000 || partitionFor(customer, world.log.count) !== partition) continue;
      const properties = body['properties'] as Record<string, string>;
      const id = String(body['messageId']);
      if (!found.has(id)) found.set(id, { customer, properties, partition, at });
    }
  return [...found.values()];
}

/** I1 and I3, told without the engine: each Ping has its message, one, and nothing else has. */
function everyPing(world: World): string[] {
  const wanted = eventsOf(world, 'Ping')
    .map(({ customer, properties }) => `${customerIdOf(customer)} ${properties['id']}`)
    .sort();
  const got = world.tables
    .flatMap((_, partition) => planned(world, partition))
    .filter(({ message }) => message.rule === 'pong')
    .map(({ customerId, message }) => `${customerId} ${String(message.key)}`)
    .sort();
  return wanted.join() === got.join()
    ? []
    : [
        `pong: ${got.length} messages for ${wanted.length} events` +
          wanted
            .filter((line) => !got.includes(line))
            .map((line) => `\n    missing ${line}`)
            .join('') +
          got
            .filter((line) => !wanted.includes(line))
            .map((line) => `\n    extra   ${line}`)
            .join(''),
      ];
}

interface CartStory {
  readonly customer: string;
  readonly cart: string;
  readonly isReminded: boolean;
}

const WAIT_MS = 10 * 60_000;
const GRACE_MS = 10_000;
const LATE_MS = 5 * 60_000;

/**
 * I8 and I9, told without the engine: one reminder for each cart whose order did not come before the log had passed the
 * reminder's time, and none for any other.
 */
function everyCart(world: World): string[] {
  const stories = world.log.partitions.flatMap((_, partition) => cartsOf(world, partition));
  const wanted = stories
    .filter(({ isReminded }) => isReminded)
    .map(({ customer, cart }) => `${customerIdOf(customer)} ${cart}`)
    .sort();
  const got = world.tables
    .flatMap((_, partition) => planned(world, partition))
    .filter(({ message }) => message.rule === 'cart')
    .map(({ customerId, message }) => `${customerId} ${String(message.key)}`)
    .sort();
  const missing = wanted.filter((line) => !got.includes(line)).map((line) => `no reminder of cart ${line}`);
  const extra = got.filter((line) => !wanted.includes(line)).map((line) => `a reminder too many of cart ${line}`);
  return [...missing, ...extra];
}

function cartsOf(world: World, partition: number): CartStory[] {
  const stories = new Map<string, CartStory & { fireAt: number; isOver: boolean }>();
  const seen = new Set<string>();
  let logTime = 0;
  for (const { appendTime, value, headers } of world.log.partitions[partition]!) {
    logTime = Math.max(logTime, appendTime);
    for (const [name, story] of stories)
      if (!story.isOver && story.fireAt < logTime) stories.set(name, { ...story, isOver: true, isReminded: true });
    const body = bodyOf(value);
    const customer = String(body?.['userId']);
    if (
      body?.['userId'] === undefined ||
      partitionFor(customer, world.log.count) !== partition ||
      seen.has(String(body['messageId']))
    )
      continue;
    seen.add(String(body['messageId']));
    const { cart } = body['properties'] as { cart: string };
    const name = `${customer} ${cart}`;
    const known = stories.get(name);
    if (body['event'] === 'Order' && known !== undefined) stories.set(name, { ...known, isOver: true });
    if (body['event'] !== 'Cart' || known !== undefined || headers?.['kairos-historical'] !== undefined) continue;
    const cameAt = Number(headers?.['kairos-append'] ?? appendTime);
    const time = Date.parse(String(body['timestamp']));
    if (cameAt - time > 24 * 3_600_000) continue;
    const onTime = time + WAIT_MS + GRACE_MS;
    const fireAt = onTime > logTime ? onTime : logTime + LATE_MS;
    stories.set(name, { customer, cart, fireAt, isOver: false, isReminded: false });
  }
  return [...stories.values()];
}
