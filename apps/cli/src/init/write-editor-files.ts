import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { shownPath } from '../installation/command-settings.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { EDITOR_SETTINGS, editorSchemas } from './editor-files.js';
import { writeText } from './write-text.js';

/** `kairos init --editor`: what editors need, for a workspace that is there. Throws CommandError. */
export async function writeEditorFiles(terminal: Terminal, directory: string): Promise<ExitStatus> {
  const folder = resolve(terminal.directory, directory);
  const shown = shownPath(terminal, folder);
  if ((await textOf(join(folder, 'kairos.yaml'))) === null)
    throw new CommandError(`${shown} is no workspace, it has no kairos.yaml; \`kairos init DIR\` makes a new one`);
  for (const [path, text] of Object.entries(editorSchemas())) {
    await writeText({ folder, shown, path }, text, 'w');
    terminal.out.line(join(shown, path));
  }
  for (const [path, text] of Object.entries(EDITOR_SETTINGS)) {
    const own = await textOf(join(folder, path));
    if (own === null) {
      await writeText({ folder, shown, path }, text, 'wx');
      terminal.out.line(join(shown, path));
    } else if (own !== text)
      terminal.err.line(`${join(shown, path)} is yours and stays as it is; what it needs for Kairos:\n${text}`);
  }
  return EXIT.fine;
}

/** null: there is no such file. */
function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
