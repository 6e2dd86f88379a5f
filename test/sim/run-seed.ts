import type { Rulesets } from '#core';
import { judge } from './judge.js';
import type { ModelProcess } from './model-process.js';
import { Random } from './random.js';
import { replay } from './replay.js';
import { Traffic } from './traffic.js';
import type { VirtualTime } from './virtual-time.js';
import { World, type WorldOptions } from './world.js';

/** What of a seed is left out, so that a failure shows itself in as little as it needs. */
export interface Measure {
  readonly seed: number;
  /** Calls of clients. */
  readonly calls: number;
  readonly faults: boolean;
  readonly publishes: boolean;
}

export interface Outcome {
  /** Empty: all promises were kept. */
  readonly violations: readonly string[];
  readonly story: readonly string[];
  readonly steps: number;
}

/** Monday, 2 March 2026, nine o'clock. */
export const START = Date.UTC(2026, 2, 2, 9);
const HOUR = 3_600_000;
const MAX_STEPS = 60_000;

/** A shop's day in a world that is against it, then calm, then the judge. Deterministic. */
export async function runSeed(measure: Measure, time: VirtualTime, versions: readonly Rulesets[]): Promise<Outcome> {
  time.forgetAll();
  time.now = START;
  const random = new Random(measure.seed);
  const world = new World(random, time, optionsOf(random), versions);
  const storm = new Storm(world, new Traffic(random), measure);
  await storm.rage();
  const steps = await comeToRest(world);
  for (const process of world.alive) world.kill(process);
  time.forgetAll();
  if (world.broken !== null) return { violations: [world.broken], story: world.story, steps };
  const straight = await replay(world, versions);
  if (straight.broken !== null) return { violations: [`straight run: ${straight.broken}`], story: world.story, steps };
  return { violations: judge(world, straight), story: world.story, steps };
}

function optionsOf(random: Random): WorldOptions {
  return {
    partitions: random.pick([1, 2, 3, 5]),
    jobChunk: random.pick([1, 2, 500]),
    cacheBytes: random.pick([0, 2_000, 1_000_000]),
    batch: random.pick([1, 3, 20]),
  };
}

type Deed =
  'go on' | 'call' | 'time' | 'kill' | 'start' | 'stop' | 'wake' | 'rebalance' | 'hear' | 'publish' | 'expire';

class Storm {
  private calls = 0;
  private readonly faulty: number;

  constructor(
    private readonly world: World,
    private readonly traffic: Traffic,
    private readonly measure: Measure,
  ) {
    this.faulty = world.random.pick([0, 0.02, 0.1]);
  }

  async rage(): Promise<void> {
    const { world } = this;
    world.startProcess();
    if (world.random.chance(0.7)) world.startProcess();
    for (let quiet = 0; quiet < 60;) {
      await world.time.settle();
      if (world.broken !== null) return;
      this.step();
      if (this.calls >= this.measure.calls) quiet++;
    }
  }

  private step(): void {
    const { world, measure } = this;
    const f = measure.faults ? 1 : 0;
    const deed: Deed = world.random.weighted({
      'go on': 60,
      call: this.calls < measure.calls ? 8 : 0,
      time: 10,
      kill: 0.4 * f,
      start: world.alive.length < 3 ? 0.6 : 0,
      stop: 0.3 * f,
      wake: 1,
      rebalance: world.alive.some(({ isMember }) => isMember) ? 0.5 * f : 3,
      expire: 0.5 * f,
      hear: 3,
      publish: measure.publishes ? 0.15 : 0,
    });
    this.deeds[deed]();
  }

  private readonly deeds: Readonly<Record<Deed, () => void>> = {
    'go on': () => void this.world.goOn(this.treatment()),
    call: () => {
      this.calls++;
      this.world.receive(this.traffic.next(this.world.time.now));
    },
    time: () => {
      const { time, random } = this.world;
      time.moveTo(time.now + random.pick([1, 10, 60, 250, 1_000, 5_000, 30_000, 120_000, 400_000]));
    },
    kill: () => this.with(this.world.alive, (process) => this.world.kill(process)),
    start: () => this.world.startProcess(),
    stop: () => this.with(this.running, (process) => this.world.stop(process)),
    wake: () =>
      this.with(
        this.world.alive.filter(({ isStopped }) => isStopped),
        (process) => this.world.wake(process),
      ),
    rebalance: () => this.world.rebalance(this.world.alive.filter(({ isJoined }) => isJoined)),
    // Those that are stopped are taken for dead, wrongly.
    expire: () => this.world.rebalance(this.running.filter(({ isJoined }) => isJoined)),
    hear: () =>
      this.with(
        this.running.filter(({ unheard }) => unheard.size > 0),
        (process) => process.hear(this.world.random.pick([...process.unheard])),
      ),
    publish: () => this.world.publish(),
  };

  private get running(): ModelProcess[] {
    return this.world.alive.filter(({ isStopped }) => !isStopped);
  }

  private with(processes: readonly ModelProcess[], act: (process: ModelProcess) => void): void {
    if (processes.length > 0) act(this.world.random.pick(processes));
  }

  private treatment(): 'as asked' | 'refused' | 'done but lost' {
    if (!this.measure.faults || !this.world.random.chance(this.faulty)) return 'as asked';
    return this.world.random.pick(['refused', 'done but lost']);
  }
}

/** The faults are over: everything that is on its way arrives, and hours pass until no timer waits any more. */
async function comeToRest(world: World): Promise<number> {
  const { time } = world;
  for (const process of world.alive) if (process.isStopped) world.wake(process);
  const horizon = time.now + 6 * HOUR;
  let grouped = false;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    await time.settle();
    if (world.broken !== null) return steps;
    if (world.alive.length === 0) world.startProcess();
    if (!grouped && world.alive.every(({ isJoined }) => isJoined)) {
      world.rebalance(world.alive);
      for (const process of world.alive) for (const feed of [...process.unheard]) process.hear(feed);
      grouped = true;
      continue;
    }
    if (world.goOn('as asked')) continue;
    if (!grouped || !isAtRest(world)) {
      time.moveTo(time.next ?? time.now + 1);
      continue;
    }
    const timer = nextTimer(world);
    if (timer === null || timer > horizon) return steps;
    time.moveTo(Math.max(time.now + 250, timer + 4_000));
  }
  world.break(`it does not come to rest: ${troubles(world)}`);
  return MAX_STEPS;
}

function isAtRest(world: World): boolean {
  return world.tables.every((table, partition) => {
    const owner = world.alive.find(({ engine }) => engine.ownedPartitions.includes(partition));
    const isRead = owner?.engine.appliedOffset(partition) === world.log.end(partition);
    return isRead && table.outbox.length === 0 && table.jobs.size === 0 && owner.engine.isSettled;
  });
}

function nextTimer(world: World): number | null {
  const timers = world.tables.flatMap(({ states }) => [...states.values()].flatMap(({ nextFire }) => nextFire ?? []));
  return timers.length === 0 ? null : Math.min(...timers);
}

function troubles(world: World): string {
  const rows = world.tables.map(({ position, outbox, jobs }, p) => {
    const end = world.log.end(p);
    const owner = world.alive.find(({ engine }) => engine.ownedPartitions.includes(p));
    return `${p}: offset ${position.nextOffset} of ${end}, outbox ${outbox.length}, jobs ${jobs.size}, owner ${owner?.id}: ${owner?.engine.troubles.get(p) ?? 'no trouble'}`;
  });
  return rows.join('; ');
}
