import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFull, EmbeddedPostgresError, notWritable } from './embedded-postgres-error.js';
import { whoIs } from './postmaster.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import type { ServerAccount } from './server-account.js';

export const SUPERUSER = 'kairos';

const UNFINISHED = 'cluster.new.';

/**
 * Makes the cluster (`folder`/cluster) when it is not there. It is made beside its place and renamed, so that a Kairos
 * killed meanwhile leaves nothing that looks complete, and of two that start at once one wins. Returns true when it was
 * made now.
 */
export async function prepareCluster(
  folder: string,
  password: string,
  binaries: PostgresBinaries,
  account: ServerAccount,
): Promise<boolean> {
  const cluster = join(folder, 'cluster');
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version !== null) {
    assertSameMajor(cluster, version.trim(), binaries.major);
    await account.own(cluster);
    return false;
  }
  await removeUnfinished(folder);
  const unfinished = join(folder, `${UNFINISHED}${process.pid}`);
  const passwordFile = join(folder, `password.${process.pid}`);
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    await account.own(passwordFile);
    await account.run(binaries.initdb, initArguments(unfinished, passwordFile), folder);
    return await moveIntoPlace(unfinished, cluster);
  } catch (error) {
    throw explainServerOutput(folder, outputOf(error), error);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

async function moveIntoPlace(unfinished: string, cluster: string): Promise<boolean> {
  try {
    await rename(unfinished, cluster);
    return true;
  } catch (error) {
    // Another Kairos was quicker; both took the password from the same file.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const maker = Number(name.slice(UNFINISHED.length));
    if (maker === process.pid || (await whoIs(maker)) === 'gone') {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

function initArguments(cluster: string, passwordFile: string): readonly string[] {
  return [
    `--pgdata=${cluster}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Code point order, the same on every machine: reasons and rules are sorted by it, and no system locale is needed.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
  ];
}

function assertSameMajor(cluster: string, found: string, needed: string): void {
  if (found === needed) return;
  throw new EmbeddedPostgresError(
    'embedded_postgres_other_version',
    `the database in ${cluster} was made by PostgreSQL ${found} and this Kairos brings ${needed}: ` +
      `start the Kairos that made it, pg_dump it, move the folder away and restore into the new one; or set KAIROS_DATA to another folder to begin anew`,
    { cluster, found, needed },
  );
}

/** What initdb or the server last said, in one sentence. */
export function explainServerOutput(folder: string, output: string, cause: unknown): EmbeddedPostgresError {
  if (/no space left on device|disk quota exceeded/i.test(output)) return diskFull(folder, cause);
  if (/permission denied|read-only file system/i.test(output)) return notWritable(folder, cause);
  const complaint = output
    .split('\n')
    .map((line) => /(?:FATAL|PANIC|error|could not .*):?\s*(.*)/i.exec(line)?.[0] ?? null)
    .filter((line) => line !== null)
    .at(-1);
  return new EmbeddedPostgresError(
    'embedded_postgres_failed',
    `the embedded PostgreSQL in ${folder} does not start (${complaint ?? 'it gave no reason'}): see ${join(folder, 'postgres.log')}, or set DATABASE_URL to use another server`,
    { folder, complaint: complaint ?? null },
    cause,
  );
}

export function outputOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message?: string };
  return [stdout, stderr].some(Boolean) ? `${stdout ?? ''}\n${stderr ?? ''}` : (message ?? '');
}
