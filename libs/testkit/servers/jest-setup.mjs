import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findKafka } from '../../../tools/kafka/kafka-broker.mjs';

/** Before a test run: the process that can start servers for it, and whether Kafka can be had, which is known before tests are declared. */
export default async function setUp() {
  const servers = fork(fileURLToPath(new URL('./test-servers.mjs', import.meta.url)), [], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const missing = process.env.KAFKA_BROKERS
    ? undefined
    : await findKafka().then(
        () => undefined,
        (error) => error.message,
      );
  const [{ url }] = await once(servers, 'message');
  process.env.KAIROS_TEST_SERVERS = url;
  if (missing) process.env.KAIROS_TEST_WITHOUT_KAFKA = missing;
  globalThis.kairosTestServers = servers;
}
