import type { Rulesets } from '#core';
import { Random } from './random.js';
import { World } from './world.js';

const MAX_STEPS = 60_000;

/** The same log once more, read record by record by one process to which nothing happens. */
export async function replay(world: World, versions: readonly Rulesets[]): Promise<World> {
  const { time, options, log } = world;
  const straight = new World(
    new Random(1),
    time,
    { partitions: options.partitions, jobChunk: 500, cacheBytes: 1_000_000, batch: 1, isReplay: true },
    versions,
    log,
  );
  straight.published = world.published;
  straight.startProcess();
  const process = straight.processes[0]!;
  let grouped = false;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    await time.settle();
    if (straight.goOn('as asked', false)) continue;
    if (!grouped && process.isJoined) {
      straight.rebalance([process]);
      grouped = true;
      continue;
    }
    const behind = [...process.feeds.values()].find(
      ({ partition }) => (process.engine.appliedOffset(partition) ?? -1) < log.end(partition),
    );
    if (behind === undefined) {
      if (process.feeds.size === log.count && process.engine.isSettled) return straight;
    } else if (behind.position !== null && isApplied(behind.position, process.engine.appliedOffset(behind.partition)))
      behind.fetch(behind.position + 1);
    time.moveTo(time.next ?? time.now + 1);
  }
  straight.break('it does not come to the end of the log');
  return straight;
}

function isApplied(fetched: number, applied: number | null): boolean {
  return applied !== null && applied >= fetched;
}
