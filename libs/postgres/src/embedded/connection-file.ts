import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError, explainFileError } from './embedded-postgres-error.js';

/** How to reach the server of a data folder; kept in it as connection.json, mode 0600. */
export interface Remembered {
  /** null: not started yet. */
  readonly port: number | null;
  readonly password: string;
}

/** Port and password of this folder; the password is made once, by whoever comes first. */
export async function remember(folder: string): Promise<Remembered> {
  const file = fileOf(folder);
  const known = await recall(folder);
  if (known) return known;
  const made: Remembered = { port: null, password: randomBytes(18).toString('base64url') };
  const draft = await writeDraft(folder, made);
  try {
    // Unlike a rename, a link does not replace the file of another Kairos that starts at this moment.
    await link(draft, file);
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw explainFileError(folder, error);
    return (await recall(folder)) ?? made;
  } finally {
    await rm(draft, { force: true });
  }
}

/** What was remembered, null when nothing was; changes nothing. */
export function recall(folder: string): Promise<Remembered | null> {
  return read(fileOf(folder));
}

function fileOf(folder: string): string {
  return join(folder, 'connection.json');
}

export async function writeRemembered(folder: string, remembered: Remembered): Promise<void> {
  const draft = await writeDraft(folder, remembered);
  // Renamed into place: half a file would lose the password, and with it the database.
  await rename(draft, fileOf(folder)).catch((error: unknown) => {
    throw explainFileError(folder, error);
  });
}

async function writeDraft(folder: string, remembered: Remembered): Promise<string> {
  const draft = join(folder, `connection.json.${process.pid}`);
  try {
    await writeFile(draft, `${JSON.stringify(remembered)}\n`, { mode: 0o600 });
    return draft;
  } catch (error) {
    throw explainFileError(folder, error);
  }
}

async function read(file: string): Promise<Remembered | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw explainFileError(file, error);
  });
  if (text === null) return null;
  try {
    const { port, password } = JSON.parse(text) as Partial<Remembered>;
    if (typeof password !== 'string') throw new TypeError('no password in it');
    return { port: typeof port === 'number' ? port : null, password };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'embedded_postgres_failed',
      `${file} holds the password of the embedded PostgreSQL and is damaged: restore it, or move its folder away to begin anew`,
      { file },
      cause,
    );
  }
}
