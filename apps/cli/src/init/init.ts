import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { shownPath } from '../installation/command-settings.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { EDITOR_SETTINGS, editorSchemas } from './editor-files.js';
import { STARTER_FILES } from './starter-files.js';
import { writeText } from './write-text.js';

/** `kairos init`: a workspace to start from. Never overwrites anything. Throws CommandError. */
export async function init(terminal: Terminal, directory: string): Promise<ExitStatus> {
  const folder = resolve(terminal.directory, directory);
  const shown = shownPath(terminal, folder);
  const taken = await whatStandsInTheWay(folder);
  if (taken.length > 0)
    throw new CommandError(
      `${shown} is not empty (${taken.slice(0, 5).join(', ')}${taken.length > 5 ? ', …' : ''}); name a new folder, nothing is overwritten`,
    );
  const files = { ...STARTER_FILES, ...EDITOR_SETTINGS, ...editorSchemas() };
  for (const [path, text] of Object.entries(files)) {
    // Between the look and the writing somebody else may have begun: then this fails, and theirs stays.
    await writeText({ folder, shown, path }, text, 'wx');
  }
  for (const path of Object.keys(files)) terminal.out.line(join(shown, path));
  const inside = shown === '.' ? '' : `  cd ${shown}\n`;
  terminal.out.line(`\nNext:\n${inside}  kairos rules validate\n  kairos rules test\n  kairos start`);
  return EXIT.fine;
}

/** A folder under Git may hold its .git already. */
async function whatStandsInTheWay(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw new CommandError(`${folder} is a file; name a folder`);
    throw new CommandError(`${folder} cannot be looked into (${error.code ?? error.message})`, { cause: error });
  });
  return found.filter((name) => name !== '.git').sort();
}
