import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { commandSettings } from './command-settings.js';

/** `kairos start`: becomes the standalone process, which stops on Ctrl-C and sets its own exit status. */
export async function start(terminal: Terminal): Promise<ExitStatus> {
  const { workspace } = commandSettings(terminal);
  // The process reads its settings from the environment, as every service does; the folder is that of all commands.
  // eslint-disable-next-line no-restricted-properties
  process.env['KAIROS_WORKSPACE'] = workspace;
  await import('../../../standalone/src/main.js');
  return EXIT.fine;
}
