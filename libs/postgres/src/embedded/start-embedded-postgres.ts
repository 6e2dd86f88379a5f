import { access, chmod, constants, mkdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { explainServerOutput, outputOf, prepareCluster, SUPERUSER } from './cluster.js';
import { remember, writeRemembered, type Remembered } from './connection-file.js';
import { EmbeddedPostgresError, explainFileError } from './embedded-postgres-error.js';
import { holdDatabase, type Hold } from './hold-database.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { freePort, readPostmaster, whoIs } from './postmaster.js';
import { serverAccount, type ServerAccount } from './server-account.js';
import { serverOptions } from './server-settings.js';

export interface EmbeddedPostgresOptions {
  /** Folder of the embedded server; made when missing. Holds the cluster, its log, port and password. */
  readonly dataDir: string;
  /** One line for the person at the terminal: what happened, where it is not the ordinary. */
  readonly log: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** With the password: not for logs. */
  readonly url: string;
  /** Ends the server in order (fast shutdown: sessions are cut, everything committed is on disk). */
  stop(): Promise<void>;
}

interface Server {
  readonly folder: string;
  readonly cluster: string;
  readonly logFile: string;
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount;
  readonly log: (line: string) => void;
}

const START_SECONDS = 60;
const LOG_KEPT_BYTES = 5 * 1024 * 1024;

/**
 * Starts the PostgreSQL that Kairos brings, or goes on with the one that a killed Kairos left running on the same
 * folder. The server survives `kill -9` of this process, and Ctrl-C reaches only this process, so that it can finish
 * its work before it calls `stop`. Throws `EmbeddedPostgresError`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.dataDir);
  await prepareFolder(folder);
  const binaries = await findPostgresBinaries();
  const account = await serverAccount(binaries.initdb, folder, options.log);
  const server: Server = {
    folder,
    cluster: join(folder, 'cluster'),
    logFile: join(folder, 'postgres.log'),
    binaries,
    account,
    log: options.log,
  };
  const remembered = await remember(folder);
  if (await prepareCluster(folder, remembered.password, binaries, account)) {
    options.log(`made a PostgreSQL ${binaries.major} database in ${server.cluster}`);
  }
  const hold = await run(server, remembered);
  return { url: hold.url, stop: () => stop(server, hold) };
}

/** Attach or start, until one of them holds: two Kairos may be doing the same at this moment. */
async function run(server: Server, remembered: Remembered): Promise<Hold> {
  let wished = remembered.port;
  let complaint: unknown = null;
  for (let attempt = 0; attempt < 5; attempt++) {
    const left = await leftBehind(server);
    if (left) {
      const hold = await attach(server, left, remembered.password);
      if (hold) return hold;
    }
    const port = await freePort(wished);
    if (wished !== null && port !== wished) {
      server.log(`port ${wished} of the embedded PostgreSQL is taken by another program: using ${port}`);
    }
    const logged = await logSize(server);
    try {
      await start(server, port);
      await writeRemembered(server.folder, { ...remembered, port });
      return await holdDatabase({ ...hostOf(server), port, password: remembered.password });
    } catch (error) {
      if (error instanceof EmbeddedPostgresError) throw error;
      complaint = error;
      const output = `${outputOf(error)}\n${await logSince(server, logged)}`;
      // Somebody took the port, or started the same cluster, between the look and the start.
      if (/could not bind|lock file "postmaster\.pid" already exists/.test(output)) {
        wished = null;
        continue;
      }
      throw explainServerOutput(server.folder, output, error);
    }
  }
  throw explainServerOutput(server.folder, outputOf(complaint), complaint);
}

/** A server of this cluster that runs already: its port. Waits while it starts or shuts down. */
async function leftBehind(server: Server): Promise<{ pid: number; port: number } | null> {
  for (let waited = 0; waited < START_SECONDS * 10; waited++) {
    const postmaster = await readPostmaster(server.cluster);
    if (!postmaster) return null;
    const who = await whoIs(postmaster.pid);
    if (who === 'gone') return null;
    if (who === 'other') {
      // The server would take the number for its own former self and refuse to start.
      await unlink(join(server.cluster, 'postmaster.pid'));
      return null;
    }
    if (postmaster.status === 'ready') return postmaster;
    await pause(100);
  }
  return null;
}

async function attach(server: Server, left: { pid: number; port: number }, password: string): Promise<Hold | null> {
  try {
    const hold = await holdDatabase({ ...hostOf(server), port: left.port, password });
    server.log(
      `the embedded PostgreSQL of an earlier start was still running (process ${left.pid}), since that Kairos was killed: going on with it`,
    );
    await writeRemembered(server.folder, { port: left.port, password });
    return hold;
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    server.log(
      `the embedded PostgreSQL of an earlier start (process ${left.pid}) does not answer (${outputOf(error)}): stopping it and starting anew`,
    );
    await halt(server, 'immediate');
    return null;
  }
}

async function start(server: Server, port: number): Promise<void> {
  await server.account.run(
    server.binaries.pgCtl,
    [
      'start',
      '--wait',
      `--timeout=${START_SECONDS}`,
      '--silent',
      `--pgdata=${server.cluster}`,
      `--log=${server.logFile}`,
      `--options=${serverOptions(port)}`,
    ],
    server.folder,
  );
}

async function stop(server: Server, hold: Hold): Promise<void> {
  await hold.release();
  if (!(await readPostmaster(server.cluster))) return;
  await halt(server, 'fast').catch(() => halt(server, 'immediate'));
}

async function halt(server: Server, mode: 'fast' | 'immediate'): Promise<void> {
  await server.account.run(
    server.binaries.pgCtl,
    ['stop', '--wait', '--timeout=30', '--silent', `--pgdata=${server.cluster}`, `--mode=${mode}`],
    server.folder,
  );
}

function hostOf(server: Server): { user: string; folder: string; onLost: () => void } {
  return {
    user: SUPERUSER,
    folder: server.folder,
    onLost: () => server.log(`the embedded PostgreSQL ended unexpectedly: see ${server.logFile}`),
  };
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    await chmod(folder, 0o700);
  } catch (error) {
    throw explainFileError(folder, error);
  }
}

/** Bytes of the server's log, after an old one was put aside: only what comes later tells why a start failed. */
async function logSize(server: Server): Promise<number> {
  const size = await stat(server.logFile).then(
    (file) => file.size,
    () => 0,
  );
  if (size <= LOG_KEPT_BYTES) return size;
  await rename(server.logFile, `${server.logFile}.1`);
  return 0;
}

async function logSince(server: Server, from: number): Promise<string> {
  const bytes = await readFile(server.logFile).catch(() => Buffer.alloc(0));
  return bytes.subarray(from).toString('utf8');
}
