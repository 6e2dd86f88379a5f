import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { readConfig, type Config } from '#config';
import type { Terminal } from '../terminal/terminal.js';

/** The clone this program was built in: dist/apps/cli/src/installation → its root. */
const CLONE = resolve(import.meta.dirname, '../../../../..');

/** The settings, read once for a command. Throws ConfigError naming every variable that cannot be used. */
export function commandSettings({ environment, directory, out }: Terminal): Config {
  return readConfig(environment, { directory, workspace: defaultWorkspace(directory), terminal: out.isTerminal });
}

/** The folder one stands in when it is a workspace, else the example of the clone. */
function defaultWorkspace(directory: string): string {
  const example = join(CLONE, 'examples/shop');
  return existsSync(join(directory, 'kairos.yaml')) || !existsSync(example) ? '.' : example;
}

/** A path as people type it from here. */
export function shownPath(terminal: Terminal, path: string): string {
  const shown = relative(terminal.directory, path);
  return shown === '' ? '.' : shown.startsWith('..') ? path : shown;
}
