import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '#config';
import { fail, ok, warn, type Check } from './check.js';

const OLDEST_NODE = [20, 19] as const;
/** An embedded server that cannot write its log stops. */
const LEAST_FREE_BYTES = 500 * 1024 * 1024;

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (isNew) return ok('Node.js', version);
  return fail(
    'Node.js',
    `${version} is too old; Kairos needs ${OLDEST_NODE.join('.')} or newer`,
    'install a current one from nodejs.org, or with: nvm install 20',
  );
}

export async function checkDataFolder({ data, databaseUrl }: Config): Promise<Check> {
  const name = 'data folder';
  const found = await stat(data).catch(() => null);
  if (found !== null && !found.isDirectory()) return fail(name, `${data} is a file`, 'set KAIROS_DATA to a folder');
  const existing = found === null ? await nearest(data) : data;
  if (!(await isWritable(existing))) {
    return fail(
      name,
      `${existing} cannot be written by this user`,
      `make it writable (chown -R "$(id -un)" ${existing}), or set KAIROS_DATA to another folder`,
    );
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  if (databaseUrl === null && free < LEAST_FREE_BYTES) {
    return warn(
      name,
      `only ${Math.round(free / 1024 / 1024)} MB are free on the disk of ${data}`,
      'free some space, or set KAIROS_DATA to a folder on another disk',
    );
  }
  if (found !== null && (found.mode & 0o077) !== 0 && process.platform !== 'win32') {
    return warn(name, `${data} holds secrets and can be read by other users of this machine`, `chmod 700 ${data}`);
  }
  return ok(name, found === null ? `${data} will be made by kairos start` : data);
}

async function nearest(path: string): Promise<string> {
  const parent = dirname(path);
  return (await stat(parent).catch(() => null)) === null && parent !== path ? nearest(parent) : parent;
}

async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
