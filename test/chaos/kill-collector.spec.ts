import { setTimeout as pause } from 'node:timers/promises';
import { describeWhereKafkaCanRun, waitUntil } from '#testkit';
import { chaosWorkspace } from './chaos-workspace.js';
import { PATIENCE_MS, useKairosOnKafka } from './kairos-on-kafka.js';
import { seededRandom } from './seeded-random.js';
import { shopTraffic } from './traffic.js';

const EVENTS = 4_000;
const LENGTH_MS = 25_000;
/** Of the events, at which the collector dies. */
const DEATHS = [0.1, 0.35, 0.6];

const seed = Number(process.env['KAIROS_CHAOS_SEED'] ?? Date.now() % 1_000_000);

describeWhereKafkaCanRun(`kill -9 of the collector (KAIROS_CHAOS_SEED=${seed})`, () => {
  const kairos = useKairosOnKafka({ partitions: 4, files: chaosWorkspace() });
  const random = seededRandom(seed + 1);

  it('loses nothing that was answered, and clients that come again change no order', async () => {
    const { installation } = kairos;
    await Promise.all([installation.start('trigger-engine'), installation.start('delivery')]);
    let collector = await installation.start('collector');
    const visits = shopTraffic({ seed, events: EVENTS, lengthMs: LENGTH_MS });
    const traffic = await kairos.send(visits);
    for (const share of DEATHS) {
      await waitUntil(`${share} of the events`, () => traffic.acknowledged > share * EVENTS, PATIENCE_MS);
      await pause(random() * 20);
      await collector.kill();
      collector = await installation.start('collector');
    }
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
