import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandError } from '../terminal/command-error.js';

/**
 * Writes a file of a workspace, with the folders on the way to it. Throws CommandError.
 * @param shown the workspace as people type it
 */
export async function writeText(
  { folder, shown, path }: { readonly folder: string; readonly shown: string; readonly path: string },
  text: string,
  flag: 'w' | 'wx',
): Promise<void> {
  const file = join(folder, path);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(`${join(shown, path)} cannot be written (${code ?? message})`, { cause: error });
  }
}
