import { execFile } from 'node:child_process';
import { chown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

const run = promisify(execFile);

/** Programs of the server get a plain environment: PGPORT or a locale of the shell must not reach them. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** As whom the server's programs run. PostgreSQL refuses to run as root. */
export interface ServerAccount {
  /** For the log: null when the server runs as the user of this process. */
  readonly user: string | null;
  /** Makes the folder and all in it belong to the account. */
  own(folder: string): Promise<void>;
  /** Runs a program in `folder` to its end; rejects with `stderr` and `stdout` on another status than 0. */
  run(program: string, args: readonly string[], folder: string): Promise<{ stdout: string; stderr: string }>;
}

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

type Launch = (program: string, args: readonly string[]) => { file: string; args: string[]; identity: Identity | null };

/** An ordinary user runs the server itself; root runs it as `postgres`, a user that is made when it does not exist. */
export async function serverAccount(
  program: string,
  folder: string,
  log: (line: string) => void,
): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) {
    return account(null, null, (file, args) => ({ file, args: [...args], identity: null }));
  }
  const identity = await postgresUser(log);
  await ownTree(folder, identity);
  for (const launch of waysToBecome(identity)) {
    const candidate = account('postgres', identity, launch);
    // The whole path has to be passable for the account, down to the programs and the data.
    const reached = await candidate
      .run(program, ['--version'], folder)
      .then(
        () => candidate.run('/bin/sh', ['-c', 'cd "$0" && test -w .', folder], folder),
        () => null,
      )
      .catch(() => null);
    if (reached) return candidate;
  }
  throw new EmbeddedPostgresError(
    'embedded_postgres_unsupported',
    `Kairos runs as root, PostgreSQL must not, and the user postgres cannot reach ${folder} or ${program}: ` +
      `run Kairos as an ordinary user, or put clone and KAIROS_DATA where every user may enter (/opt, /var/lib), or set DATABASE_URL`,
    { folder, program },
  );
}

function account(user: string | null, identity: Identity | null, launch: Launch): ServerAccount {
  return {
    user,
    own: (folder) => (identity ? ownTree(folder, identity) : Promise.resolve()),
    run: (program, args, folder) => {
      const started = launch(program, args);
      return run(started.file, started.args, {
        cwd: folder,
        env: ENVIRONMENT,
        maxBuffer: MAX_OUTPUT_BYTES,
        ...(started.identity ?? {}),
      });
    },
  };
}

/**
 * Simply becoming the user works where clone and data lie open. Below /root or another folder of mode 0700 the user
 * cannot pass; there it keeps the one capability that lets it pass (containers often have only the wider second one).
 */
function waysToBecome(identity: Identity): readonly Launch[] {
  const direct: Launch = (file, args) => ({ file, args: [...args], identity });
  const withCapability =
    (capability: string): Launch =>
    (program, args) => ({
      file: 'setpriv',
      args: [
        `--reuid=${identity.uid}`,
        `--regid=${identity.gid}`,
        '--clear-groups',
        `--inh-caps=+${capability}`,
        `--ambient-caps=+${capability}`,
        program,
        ...args,
      ],
      identity: null,
    });
  return [direct, withCapability('dac_read_search'), withCapability('dac_override')];
}

async function postgresUser(log: (line: string) => void): Promise<Identity> {
  const known = await lookUp();
  if (known) return known;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'embedded_postgres_unsupported',
      'Kairos runs as root, PostgreSQL must not, and no user postgres could be made: run Kairos as an ordinary user, or set DATABASE_URL',
      {},
      cause,
    );
  }
  log('made the system user postgres, since PostgreSQL does not run as root');
  return (await lookUp())!;
}

async function lookUp(): Promise<Identity | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/** A folder begun by an ordinary user and continued by root, or by root under another numbering of users. */
async function ownTree(path: string, identity: Identity): Promise<void> {
  const entry = await lstat(path);
  // The cluster's folder is written by the account alone: when its own owner is right, so is what lies in it.
  if (entry.uid === identity.uid && entry.gid === identity.gid) return;
  if (entry.isDirectory()) {
    for (const name of await readdir(path)) await ownTree(join(path, name), identity);
  }
  // Folders last: an interrupted walk is then repeated, not taken for done.
  await chown(path, identity.uid, identity.gid);
}
