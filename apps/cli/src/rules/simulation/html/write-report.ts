import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError } from '../../../terminal/command-error.js';

/** Before a long simulation is run for it. Throws CommandError where the page could not be written. */
export async function checkReportPath(path: string): Promise<void> {
  const existing = await stat(path).catch(() => null);
  if (existing?.isDirectory() === true)
    throw new CommandError(`--report ${path} is a folder; name a file in it, such as ${path}/report.html`);
  const folder = dirname(path);
  const [place, mode] = existing === null ? [folder, constants.W_OK | constants.X_OK] : [path, constants.W_OK];
  await access(place, mode).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      error.code === 'ENOENT'
        ? `--report ${path}: there is no folder ${folder}; make it first`
        : `--report ${path} cannot be written (${error.code ?? error.message})`,
      { cause: error },
    );
  });
}

export async function writeReport(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(`--report ${path} could not be written (${code ?? message})`, { cause: error });
  }
}
