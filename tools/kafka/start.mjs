import { parseArgs } from 'node:util';
import { KafkaSetupError, startKafka } from './kafka-broker.mjs';

const USAGE = `Starts Kafka on 127.0.0.1 until Ctrl-C.

  npm run kafka -- [--brokers 1|3] [--port 9092] [--data FOLDER]

  --brokers  how many brokers (default 1)
  --port     port of the first broker, the others follow it (default: free ports)
  --data     keeps the data in this folder (default: gone at the end)
`;

const options = readOptions();
// Neither a signal handler nor the brokers keep Node alive.
setInterval(() => {}, 60_000);
const stopRequested = new Promise((resolve) => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => resolve());
});

try {
  process.exitCode = await serve(options);
} catch (error) {
  if (!(error instanceof KafkaSetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
process.exit();

/** Resolves with the exit status. */
async function serve(kafkaOptions) {
  process.stderr.write('Starting Kafka ...\n');
  const cluster = await Promise.race([startKafka(kafkaOptions), stopRequested]);
  if (!cluster) return 0;
  process.stdout.write(`KAFKA_BROKERS=${cluster.brokers}\n`);
  process.stderr.write('Ctrl-C stops it.\n');
  const lost = await Promise.race([cluster.lost, stopRequested]);
  if (lost) process.stderr.write(`Broker ${lost.id} ended by itself (${lost.status}).\n`);
  await cluster.stop();
  return lost ? 1 : 0;
}

function readOptions() {
  try {
    const text = { type: 'string' };
    const { values } = parseArgs({ options: { brokers: text, port: text, data: text, help: { type: 'boolean' } } });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const brokers = Number(values.brokers ?? 1);
    if (brokers !== 1 && brokers !== 3) throw new Error(`--brokers is 1 or 3, not ${values.brokers}`);
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port + brokers <= 65_536))
      throw new Error(`--port is a port number, not ${values.port}`);
    return { brokers, port, dataDir: values.data };
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}
