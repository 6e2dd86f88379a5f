import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { explainError } from '../terminal/explain-error.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';

/** How often the files are looked at. ms */
const LOOK_MS = 200;
/** Other programs write there all the time. */
const SKIPPED = new Set(['node_modules', '.git', '.kairos']);
const CLEAR_SCREEN = '\u001b[2J\u001b[3J\u001b[H';

export interface Watched {
  readonly folder: string;
  /** Outside of the folder. */
  readonly files?: readonly string[];
}

/**
 * Carries out the command, and again after every change of a file, until Ctrl-C; what the command says of the files is
 * no failure of the watch. Looks instead of being told by the system: notices of whole trees come late, twice or never,
 * depending on the system, and end the process when a folder vanishes. Throws what the first run throws.
 */
export async function watchWorkspace(
  { out, err }: Terminal,
  { folder, files = [] }: Watched,
  command: () => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const end = untilInterrupted();
  const look = (): Promise<string> => fingerprintOf([folder, ...files]);
  const run = async (onError: (error: unknown) => void): Promise<boolean> => {
    if (out.isTerminal) out.write(CLEAR_SCREEN);
    if (!(await isCarriedOut(command, onError))) return false;
    err.line(`\nWaiting for changes of ${folder} (Ctrl-C ends)`);
    return true;
  };
  let before = await look();
  let known: string | null = before;
  if (!(await run(rethrow))) known = null;
  while (await passes(LOOK_MS, end)) {
    const now = await look();
    // What is being written is looked at again before it is read.
    const isSettled = now === before;
    before = now;
    if (!isSettled || now === known) continue;
    known = (await run((error) => err.line(explainError(error)))) ? now : null;
  }
  return EXIT.fine;
}

function rethrow(error: unknown): never {
  throw error;
}

/** false: a file was gone when it was to be read, so it is to be tried again, whether or not anything else changes. */
async function isCarriedOut(command: () => Promise<ExitStatus>, onError: (error: unknown) => void): Promise<boolean> {
  try {
    await command();
  } catch (error) {
    if (isGone(error)) return false;
    onError(error);
  }
  return true;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function untilInterrupted(): AbortSignal {
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort());
  return end.signal;
}

async function passes(ms: number, end: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { signal: end });
    return true;
  } catch {
    return false;
  }
}

/** Changes with every file that comes, goes or is written. */
async function fingerprintOf(paths: readonly string[]): Promise<string> {
  const marks = await Promise.all(paths.map(marksOf));
  return marks.flat().join('\n');
}

async function marksOf(path: string): Promise<readonly string[]> {
  const found = await lstat(path, { bigint: true }).catch(() => null);
  if (found === null) return [];
  if (!found.isDirectory()) return [`${path} ${found.mtimeNs} ${found.size} ${found.ino}`];
  const names = await readdir(path).catch((): string[] => []);
  const below = names.filter((name) => !SKIPPED.has(name)).sort();
  return [`${path}/`, ...(await Promise.all(below.map((name) => marksOf(join(path, name))))).flat()];
}
