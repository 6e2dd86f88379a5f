import { SERVER_START_LIMIT_MS, testServer } from './test-server.js';

export interface KafkaForTests {
  /** `host:port` of each broker. To be read in hooks and tests, not while tests are declared. */
  readonly brokers: string[];
  /** `describe`, or a loud `describe.skip` where no broker can be had (a failure instead when CI=true). */
  describe(name: string, body: () => void): void;
}

let warned = false;

/**
 * The Kafka broker of this test run: that of KAFKA_BROKERS, else one started on this machine and shared by all test files. Topics and
 * groups need names of their own: `randomName`. Call it where tests are declared, and declare them in its `describe`:
 * `const kafka = useKafka(); kafka.describe('a topic', () => …)`.
 */
export function useKafka(): KafkaForTests {
  let brokers: string[] | undefined;
  const kafka: KafkaForTests = {
    get brokers(): string[] {
      if (brokers === undefined)
        throw new Error('Kafka is there from beforeAll on, inside the describe of useKafka().');
      return brokers;
    },
    describe: (name, body) =>
      describeWhereKafkaCanRun(name, () => {
        beforeAll(async () => {
          brokers ??= (await testServer<{ brokers: string }>('kafka')).brokers.split(',');
        }, SERVER_START_LIMIT_MS);
        body();
      }),
  };
  return kafka;
}

/** For tests that start brokers of their own, to kill them. */
export function describeWhereKafkaCanRun(name: string, body: () => void): void {
  const missing = process.env['KAIROS_TEST_WITHOUT_KAFKA'];
  if (missing === undefined || process.env['CI'] === 'true') {
    describe(name, body);
    return;
  }
  if (!warned) process.stderr.write(`\nTESTS WITH KAFKA DO NOT RUN. ${missing}\n`);
  warned = true;
  describe.skip(`${name} [needs Kafka: Java and Maven, or KAFKA_BROKERS]`, body);
}
