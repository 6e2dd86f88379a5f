import { describeWhereKafkaCanRun, waitUntil } from '#testkit';
import { chaosWorkspace } from './chaos-workspace.js';
import { PATIENCE_MS, useKairosOnKafka } from './kairos-on-kafka.js';
import { seededRandom } from './seeded-random.js';
import { shopTraffic } from './traffic.js';

const PARTITIONS = 4;
const EVENTS = 3_000;
/** Longer than a session (30 s), so that the sleeper misses a good part of it and wakes up to more. */
const LENGTH_MS = 50_000;

const seed = Number(process.env['KAIROS_CHAOS_SEED'] ?? Date.now() % 1_000_000);

describeWhereKafkaCanRun(`an engine that sleeps longer than its session (KAIROS_CHAOS_SEED=${seed})`, () => {
  const kairos = useKairosOnKafka({ partitions: PARTITIONS, files: chaosWorkspace() });

  it('wakes up as owner of nothing: what it had in hand changes nothing any more', async () => {
    const { installation } = kairos;
    await Promise.all([installation.start('collector'), installation.start('delivery')]);
    const sleeper = await installation.start('trigger-engine');
    const heir = await installation.start('trigger-engine');
    await Promise.all([kairos.untilOwned([sleeper], 1), kairos.untilOwned([heir], 1)]);
    const visits = shopTraffic({ seed, events: EVENTS, lengthMs: LENGTH_MS });
    const traffic = await kairos.send(visits);
    const share = 0.05 + 0.1 * seededRandom(seed + 1)();
    await waitUntil('the first events', () => traffic.acknowledged > share * EVENTS, PATIENCE_MS);

    sleeper.freeze();
    await kairos.untilOwned([heir], PARTITIONS);
    // It still believes that it owns its partitions, and has records of theirs in its sockets.
    sleeper.thaw();
    await kairos.untilOwned([sleeper], 1);

    await kairos.liveThrough(async () => {
      await traffic.done;
      await kairos.settled();
    });
    const { violations, figures } = await kairos.judge(visits, traffic, 0);
    expect(violations.slice(0, 20)).toEqual([]);
    expect(figures.sent).toBeGreaterThan(EVENTS / 10);
    expect(installation.endedAlone).toEqual([]);
    expect(new Set(await installation.stop())).toEqual(new Set([0]));
  }, 600_000);
});
