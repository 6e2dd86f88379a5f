import { setTimeout as pause } from 'node:timers/promises';
import { describeWhereKafkaCanRun, waitUntil } from '#testkit';
import { chaosWorkspace } from './chaos-workspace.js';
import { PATIENCE_MS, useKairosOnKafka } from './kairos-on-kafka.js';
import type { KairosProcess } from './kairos-process.js';
import { seededRandom } from './seeded-random.js';
import type { TrafficUnderWay } from './send-traffic.js';
import { shopTraffic } from './traffic.js';

const PARTITIONS = 6;
const EVENTS = 10_000;
const LENGTH_MS = 50_000;
/** Of one delivery process to the mail server. */
const CONNECTIONS = 10;

const seed = Number(process.env['KAIROS_CHAOS_SEED'] ?? Date.now() % 1_000_000);

describeWhereKafkaCanRun(`kill -9 in the middle of ${EVENTS} events (KAIROS_CHAOS_SEED=${seed})`, () => {
  const kairos = useKairosOnKafka({ partitions: PARTITIONS, files: chaosWorkspace() });
  const random = seededRandom(seed + 1);
  const visits = shopTraffic({ seed, events: EVENTS, lengthMs: LENGTH_MS });
  let traffic: TrafficUnderWay | undefined;
  let deliveriesKilled = 0;

  const sent = (share: number): Promise<unknown> =>
    waitUntil(`${share} of the events`, () => traffic!.acknowledged > share * EVENTS, PATIENCE_MS);
  const moreMails = (count: number): Promise<unknown> =>
    kairos.sink.mails.atLeast(kairos.sink.mails.all.length + count, undefined, PATIENCE_MS);
  const killDelivery = (victim: KairosProcess): Promise<void> => {
    deliveriesKilled++;
    return victim.kill();
  };

  const liveThroughIt = async (): Promise<void> => {
    const { installation } = kairos;
    const start = installation.start.bind(installation);
    await start('collector');
    const [e1, e2] = await Promise.all([start('trigger-engine'), start('trigger-engine')]);
    const [d1, d2] = await Promise.all([start('delivery'), start('delivery')]);
    traffic = await kairos.send(visits);
    await sent(0.05 + 0.05 * random());
    await killDelivery(d1);
    const d3 = await start('delivery');

    // One engine dies: the other takes over all of its partitions when its session has run out.
    await sent(0.12 + 0.05 * random());
    await e1.kill();
    await moreMails(Math.ceil(20 * random()));
    await killDelivery(d2);
    const d4 = await start('delivery');
    await kairos.untilOwned([e2], PARTITIONS);

    // They take over from each other in good order, under load.
    const e3 = await start('trigger-engine');
    await kairos.untilOwned([e3], 1);
    expect(await e2.stop()).toBe(0);
    await kairos.untilOwned([e3], PARTITIONS);
    const e4 = await start('trigger-engine');
    await kairos.untilOwned([e4], 1);

    // Both die at about the same moment, and what piles up meanwhile is met by dying deliveries.
    await pause(random() * 500);
    await e3.kill();
    await pause(random() * 200);
    await e4.kill();
    // On a slow machine the shop may have closed by now, and all of its mails have arrived.
    const burst = Promise.race([moreMails(Math.ceil(100 * random())), traffic.done]);
    const engines = [installation.spawn('trigger-engine'), installation.spawn('trigger-engine')];
    await burst;
    await Promise.all([killDelivery(d3), killDelivery(d4)]);
    await Promise.all([start('delivery'), start('delivery')]);
    await kairos.untilOwned(engines, PARTITIONS);

    await traffic.done;
    await kairos.settled();
    expect(installation.endedAlone).toEqual([]);
    expect(new Set(await installation.stop())).toEqual(new Set([0]));
  };

  it('sends every expected message once, and none else', async () => {
    await kairos.liveThrough(liveThroughIt);
    const { violations, figures } = await kairos.judge(visits, traffic!, deliveriesKilled * CONNECTIONS);
    expect(violations.slice(0, 20)).toEqual([]);
    const customers = new Set(traffic!.input.map(({ userId }) => userId)).size;
    expect(await kairos.profiles()).toEqual({ kept: customers, lost: [] });
    expect(figures.sent).toBeGreaterThan(EVENTS / 10);
    expect(figures.forwarded).toBeGreaterThan(0);
  }, 900_000);
});
