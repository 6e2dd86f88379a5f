import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KafkaSetupError, lastLines } from './kafka-setup-error.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const OTHER_WAY = 'Or set KAFKA_BROKERS=host:port to use a broker that is already running.';
const UNREACHABLE =
  /Could not transfer|Unknown host|UnknownHostException|Connection refused|Connect timed out|Network is unreachable|offline mode|PluginResolutionException|No plugin found for prefix|Could not resolve dependencies/i;

const POM = join(here, 'pom.xml');
const CACHE = join(here, '.lib');

/**
 * The folder with Kafka's jars, fetched by Maven on first use (43 MB). The folder is named after the content of the pom, so
 * another pom means another fetch, and it appears by a rename, so it is either absent or complete.
 */
export async function brokerJars({ pom = POM, cache = CACHE, maven = 'mvn', say = () => {} } = {}) {
  const folder = await folderFor(pom, cache);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  return withLock(join(cache, 'fetch.lock'), async () => {
    if (!existsSync(folder)) await fetchInto(folder, { pom, cache, maven, say });
    return folder;
  });
}

/** Throws KafkaSetupError `no_maven` when the jars are not there and nothing could fetch them. */
export async function assertJarsCanBeHad(maven = 'mvn') {
  if (existsSync(await folderFor(POM, CACHE))) return;
  await runMaven(maven, ['--version']);
}

async function folderFor(pom, cache) {
  return join(
    cache,
    createHash('sha256')
      .update(await readFile(pom))
      .digest('hex')
      .slice(0, 12),
  );
}

async function fetchInto(folder, { pom, cache, maven, say }) {
  for (const name of await readdir(cache)) {
    if (name !== 'fetch.lock') await rm(join(cache, name), { recursive: true, force: true });
  }
  say('Fetching Kafka (43 MB, once) with Maven ...');
  const unfinished = join(cache, `fetching-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await runMaven(maven, [
      '-q',
      '-B',
      '-Dstyle.color=never',
      '-f',
      pom,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${unfinished}`,
    ]);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function runMaven(maven, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(maven, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (cause) => reject(noMaven(maven, cause)));
    child.on('close', (status) => (status === 0 ? resolve() : reject(mavenFailed(status, output))));
  });
}

function noMaven(maven, cause) {
  const cure = 'Install it (Debian and Ubuntu: apt-get install maven; macOS: brew install maven).';
  return new KafkaSetupError(
    'no_maven',
    `Maven (${maven}) is needed once to fetch Kafka and was not found. ${cure} ${OTHER_WAY}`,
    { cause },
  );
}

function mavenFailed(status, output) {
  const details = { status, output: lastLines(output.replaceAll(/\u001b\[\d*m/g, '')) };
  if (UNREACHABLE.test(output)) {
    const cure =
      'Check the network and the proxy, or name a mirror that can be reached in ~/.m2/settings.xml, and run this again.';
    return new KafkaSetupError(
      'repository_unreachable',
      `Maven cannot fetch Kafka from its repository. ${cure} ${OTHER_WAY}\n${details.output}`,
      { details, retryable: true },
    );
  }
  return new KafkaSetupError(
    'maven_failed',
    `Maven failed with status ${status} while fetching Kafka. ${OTHER_WAY}\n${details.output}`,
    { details },
  );
}

/**
 * One Maven at a time: two of them disturb each other in the local repository. Only a courtesy: when two processes take over the
 * lock of a dead one at once, both fetch, and the rename still leaves one complete folder.
 */
async function withLock(path, action) {
  while (!(await tryLock(path))) await pause(200);
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path) {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const owner = Number(await readFile(path, 'utf8').catch(() => ''));
  if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
