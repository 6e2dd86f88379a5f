/**
 * The process that owns the real servers of a test run. It starts them when they are first asked for (`GET /kafka`, `GET /postgres`),
 * one for all test files, and ends them and itself when the channel to its parent closes: after the last test, on Ctrl-C, on kill -9.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { startKafka } from '../../../tools/kafka/kafka-broker.mjs';
import { startPostgres } from './embedded-postgres.mjs';

/** Databases of this run are called by it, so that they are found again even when a test was killed. */
const prefix = `kairos_test_${Date.now().toString(36)}${randomBytes(3).toString('hex')}`;
const { DATABASE_URL, KAFKA_BROKERS } = process.env;
const started = new Map();
let ending = false;

const servers = {
  '/kafka': async () => {
    if (KAFKA_BROKERS) return { answer: { brokers: KAFKA_BROKERS }, stop: async () => {} };
    const cluster = await startKafka();
    return { answer: { brokers: cluster.brokers }, stop: cluster.stop };
  },
  '/postgres': async () => {
    if (DATABASE_URL) return { answer: { url: DATABASE_URL, prefix }, stop: dropDatabases };
    const server = await startPostgres();
    return { answer: { url: server.url, prefix }, stop: server.stop };
  },
};

const http = createServer(async (request, response) => {
  // Asked seldom: a connection that is kept may be closed here in the moment in which it is used again.
  const headers = { 'content-type': 'application/json', connection: 'close' };
  const reply = (status, body) => response.writeHead(status, headers).end(JSON.stringify(body));
  const start = servers[request.url];
  if (!start || ending) return reply(404, { message: `no server for ${request.url}` });
  if (!started.has(request.url)) started.set(request.url, start());
  try {
    reply(200, (await started.get(request.url)).answer);
  } catch (error) {
    reply(500, { message: error.message });
  }
});
http.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${http.address().port}` }));

process.on('disconnect', async () => {
  ending = true;
  const ended = await Promise.allSettled([...started.values()].map(async (server) => (await server).stop()));
  // A server that did not start has been reported to who asked for it.
  const failed = ended.find(({ reason }) => reason && reason.code === 'drop_failed');
  if (failed) process.stderr.write(`${failed.reason.message}\n`);
  process.exit(0);
});
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.connected && process.disconnect());

async function dropDatabases() {
  const client = new pg.Client({ connectionString: DATABASE_URL });
  try {
    await client.connect();
    const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [prefix]);
    for (const { datname } of rows)
      await client.query(`drop database if exists ${client.escapeIdentifier(datname)} with (force)`);
  } catch (cause) {
    throw Object.assign(new Error(`Databases named ${prefix}_* may be left behind: ${cause.message}`), {
      code: 'drop_failed',
    });
  } finally {
    await client.end().catch(() => {});
  }
}
