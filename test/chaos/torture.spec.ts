import { describeWhereKafkaCanRun } from '#testkit';
import { chaosWorkspace } from './chaos-workspace.js';
import { SECRET, WRITE_KEY } from './installation.js';
import { KairosOnKafka } from './kairos-on-kafka.js';
import { seededRandom } from './seeded-random.js';
import { Network } from './torture/network.js';
import { OwnDatabase } from './torture/own-database.js';
import { Torture } from './torture/torture.js';
import { shopTraffic } from './traffic.js';

const PARTITIONS = 6;
const EVENTS_A_SECOND = 40;

// npm run chaos -- --minutes N --seed S --brokers 3
const minutes = Number(process.env['KAIROS_CHAOS_MINUTES'] ?? 1.5);
const seed = Number(process.env['KAIROS_CHAOS_SEED'] ?? Date.now() % 1_000_000);
const brokers = process.env['KAIROS_CHAOS_BROKERS'] === '3' ? 3 : 1;

describeWhereKafkaCanRun(`${minutes} minutes of everything at once (KAIROS_CHAOS_SEED=${seed})`, () => {
  const lengthMs = minutes * 60_000;
  const network = new Network();
  let database: OwnDatabase | undefined;
  let kairos: KairosOnKafka | undefined;

  beforeAll(async () => {
    database = await OwnDatabase.start();
    kairos = new KairosOnKafka(database, { partitions: PARTITIONS, files: chaosWorkspace(), brokers, network });
    await kairos.prepare();
  }, 300_000);

  afterAll(async () => {
    await kairos?.remove();
    await network.stop();
    await database?.stop();
  }, 120_000);

  it(
    'loses nothing, doubles nothing, reminds nobody who has bought, and comes to rest when it is over',
    async () => {
      const { installation } = kairos!;
      const torture = new Torture(kairos!, database!, network, seededRandom(seed + 1));
      await torture.begin();
      const events = (EVENTS_A_SECOND * lengthMs) / 1_000;
      const visits = shopTraffic({ seed, events, lengthMs, guests: 0.4 });
      const traffic = await kairos!.send(visits);
      const over = { at: 0 };
      await kairos!.liveThrough(async () => {
        await torture.run(lengthMs);
        await traffic.done;
        over.at = performance.now();
        await kairos!.settled();
      });
      console.log(
        `at rest after ${Math.round((performance.now() - over.at) / 1_000)} s`,
        Object.fromEntries(torture.done),
      );
      const { violations, figures } = await kairos!.judge(visits, traffic, torture.unknownBound);
      expect(violations.slice(0, 20)).toEqual([]);
      expect(figures.sent).toBeGreaterThan(events / 10);
      expect(figures.joined).toBeGreaterThan(0);
      expect(told(installation.lines)).toEqual([]);
      expect(installation.endedInWork).toEqual([]);
      expect(new Set(await installation.stop())).toEqual(new Set([0]));
    },
    lengthMs + 900_000,
  );
});

/** Addresses and secrets have no place in what processes say. */
function told(lines: readonly string[]): string[] {
  return lines.filter((line) => ['@shop.test', SECRET, WRITE_KEY].some((word) => line.includes(word))).slice(0, 5);
}
