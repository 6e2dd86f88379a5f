import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';

/** `kairos start`: becomes the standalone process, which stops on Ctrl-C and sets its own exit status. */
export async function start({ environment }: Terminal): Promise<ExitStatus> {
  const workspace = environment['KAIROS_WORKSPACE'];
  // --workspace: the process reads its settings from the environment, as every service does.
  // eslint-disable-next-line no-restricted-properties
  if (workspace !== undefined) process.env['KAIROS_WORKSPACE'] = workspace;
  await import('../../../standalone/src/main.js');
  return EXIT.fine;
}
