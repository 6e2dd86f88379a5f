import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config-error.js';

/** The data folder cannot be used: one sentence with the cure, thrown as ConfigError. */
export function prepareDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const probe = join(folder, '.writable');
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ConfigError([
      `KAIROS_DATA: the folder ${folder} cannot be written (${code}); make it writable for this user or set KAIROS_DATA to another folder`,
    ]);
  }
}

/** The same secret where it was generated before; null: it never was here. */
export function findKeptSecret(folder: string, name: string): string | null {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

/** A secret generated on first use and kept in the data folder, readable by its owner only. */
export function keptSecret(folder: string, name: string, prefix = ''): string {
  const path = join(folder, name);
  try {
    // `wx` lets the first of two processes win; the other reads what it wrote.
    writeFileSync(path, `${prefix}${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
