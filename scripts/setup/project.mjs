import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The clone's folder, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** For people only: standard output belongs to the program that is being started. */
export const say = (line) => process.stderr.write(`${line}\n`);
