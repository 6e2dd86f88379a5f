import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The first lines of postmaster.pid. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly status: string;
}

/** The server that postmaster.pid in this cluster speaks of; null when there is no such file or it is half written. */
export async function readPostmaster(cluster: string): Promise<Postmaster | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3] ?? 0), status: lines[7] ?? '' };
}

/**
 * `postgres`: alive. `other`: the number belongs to another program by now, as happens after the machine or a
 * container was started anew. `gone`: nobody has it.
 */
export async function whoIs(pid: number): Promise<'postgres' | 'other' | 'gone'> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
  }
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() =>
    run('ps', ['-p', String(pid), '-o', 'comm=']).then(
      (result) => result.stdout,
      () => '',
    ),
  );
  if (name.trim() === '') return 'gone';
  return name.includes('postgres') ? 'postgres' : 'other';
}

/** The wished port when nobody listens on it, otherwise one that the system says is free. */
export async function freePort(wished: number | null): Promise<number> {
  if (wished !== null) {
    const port = await tryPort(wished).catch(() => null);
    if (port !== null) return port;
  }
  return tryPort(0);
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
