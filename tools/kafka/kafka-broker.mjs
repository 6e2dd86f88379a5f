import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { brokerConfig } from './broker-config.mjs';
import { assertJarsCanBeHad, brokerJars } from './broker-jars.mjs';
import { freePorts, isFree } from './free-ports.mjs';
import { startProcesses } from './java-processes.mjs';
import { javaCommand } from './java-runtime.mjs';
import { KafkaSetupError, lastLines } from './kafka-setup-error.mjs';
import { isReady } from './wire-probe.mjs';

export { KafkaSetupError };

const JVM = [
  '-Xms256m',
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];
const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 15_000;
const PORT_ATTEMPTS = 3;

/** See kafka-broker.d.mts. */
export async function startKafka({ brokers = 1, dataDir, port, quiet = false, detour } = {}) {
  const say = quiet ? () => {} : (line) => process.stderr.write(`${line}\n`);
  const java = await javaCommand();
  const classPath = join(await brokerJars({ say }), '*');
  for (let attempt = 1; ; attempt += 1) {
    const cluster = await layOut({ brokers, dataDir, port, detour });
    try {
      return await startCluster({ ...cluster, java, classPath });
    } catch (error) {
      // Somebody took one of the free ports before Kafka did.
      if (error.code !== 'port_taken' || port !== undefined || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** See kafka-broker.d.mts. */
export async function findKafka() {
  await javaCommand();
  await assertJarsCanBeHad();
}

/** Chooses folders and ports. A given first port must be free: another one would not be found by those who were told it. */
async function layOut({ brokers, dataDir, port, detour }) {
  const given = port === undefined ? undefined : Array.from({ length: brokers }, (_, i) => port + i);
  for (const wanted of given ?? []) {
    if (!(await isFree(wanted))) throw portTaken(wanted);
  }
  const chosen = await freePorts(3 * brokers);
  const root = dataDir ? resolve(dataDir) : await mkdtemp(join(tmpdir(), 'kairos-kafka-'));
  const layOutOne = async (i) => {
    const by = chosen[2 * brokers + i];
    return {
      id: i + 1,
      port: given?.[i] ?? chosen[i],
      controllerPort: chosen[brokers + i],
      folder: join(root, `broker-${i + 1}`),
      ...(detour === undefined ? {} : { detour: { port: by, advertised: await detour(by) } }),
    };
  };
  const nodes = await Promise.all(Array.from({ length: brokers }, (_, i) => layOutOne(i)));
  return { nodes, root, keep: dataDir !== undefined };
}

function portTaken(port) {
  const message = `Port ${port} on 127.0.0.1 is taken. Choose another (--port), or stop what listens there.`;
  return new KafkaSetupError('port_taken', message, { details: { port } });
}

async function startCluster({ nodes, root, keep, java, classPath }) {
  const processes = startProcesses(keep ? undefined : root);
  const kafka = (node, ...args) => ({
    command: java,
    args: [...JVM, '-cp', classPath, ...args],
    log: logFile(node.folder),
  });
  try {
    await format({ nodes, root, processes, kafka });
    const cluster = clusterOf({ nodes, processes, keep, kafka });
    await Promise.all(nodes.map((_, i) => cluster.restart(i)));
    return cluster;
  } catch (error) {
    await processes.endAll();
    throw error;
  }
}

/** Writes each broker's configuration, and formats the folders that are new. */
async function format({ nodes, root, processes, kafka }) {
  const clusterId = await clusterIdOf(root);
  await Promise.all(
    nodes.map(async (node, index) => {
      await mkdir(node.folder, { recursive: true });
      await writeFile(configFile(node.folder), brokerConfig({ nodes, index }));
      const args = [
        'kafka.tools.StorageTool',
        'format',
        '--ignore-formatted',
        '-t',
        clusterId,
        '-c',
        configFile(node.folder),
      ];
      const status = await processes.run(`format ${node.id}`, kafka(node, ...args));
      if (status === 0) return;
      const log = lastLines(await readLog(node));
      throw new KafkaSetupError(
        'format_failed',
        `Kafka cannot use the folder ${node.folder}. Its last words:\n${log}`,
        { details: { status } },
      );
    }),
  );
}

async function clusterIdOf(root) {
  await mkdir(root, { recursive: true });
  const file = join(root, 'cluster-id');
  // Kafka's ids are 16 bytes in URL-safe base64; one that begins with a dash would be read as an option.
  if (!existsSync(file)) await writeFile(file, `K${randomBytes(16).toString('base64url').slice(1)}`);
  return readFile(file, 'utf8');
}

function clusterOf({ nodes, processes, keep, kafka }) {
  let stopping;
  const restart = async (i) => {
    processes.start(nodes[i].id, kafka(nodes[i], 'kafka.Kafka', configFile(nodes[i].folder)));
    await untilReady({ node: nodes[i], processes, brokers: () => processes.running().length });
  };
  const stop = async () => {
    // What is thrown away need not be closed tidily: three brokers that shut down one after the other take many seconds.
    const tidy = Promise.all(keep ? nodes.map(({ id }) => processes.end(id, 'SIGTERM')) : []);
    await Promise.race([tidy, pause(STOP_LIMIT_MS, undefined, { ref: false })]);
    await processes.endAll();
  };
  return {
    brokers: nodes.map(({ port }) => `127.0.0.1:${port}`).join(','),
    lost: processes.lost,
    running: () => nodes.flatMap(({ id }, i) => (processes.running().includes(id) ? [i] : [])),
    kill: (i) => processes.end(nodes[i].id, 'SIGKILL'),
    pause: (i) => processes.send(nodes[i].id, 'SIGSTOP'),
    resume: (i) => processes.send(nodes[i].id, 'SIGCONT'),
    restart,
    stop: () => (stopping ??= stop()),
  };
}

async function untilReady({ node, processes, brokers }) {
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await isReady(node.port, brokers()))) {
    const log = await readLog(node);
    if (!processes.running().includes(node.id)) throw startFailed(node, log);
    if (Date.now() > deadline) {
      throw new KafkaSetupError(
        'start_timeout',
        `Kafka was not ready after ${START_LIMIT_MS / 1000} s. Its last words:\n${lastLines(log)}`,
        { retryable: true },
      );
    }
    await pause(50);
  }
}

function startFailed(node, log) {
  if (/BindException|Address already in use/.test(log)) return portTaken(node.port);
  return new KafkaSetupError('start_failed', `Kafka ended while starting. Its last words:\n${lastLines(log)}`, {
    details: { node: node.id },
  });
}

const configFile = (folder) => join(folder, 'server.properties');
const logFile = (folder) => join(folder, 'server.log');
const readLog = (node) => readFile(logFile(node.folder), 'utf8').catch(() => '');
