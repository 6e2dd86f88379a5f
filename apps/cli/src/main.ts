import { CommanderError } from 'commander';
import { createProgram } from './program.js';
import { EXIT, type ExitStatus } from './terminal/command-error.js';
import { explainError } from './terminal/explain-error.js';
import { processTerminal } from './terminal/terminal.js';

const terminal = processTerminal();

const program = createProgram(async (command) => {
  const { workspace } = program.opts<{ workspace?: string }>();
  const environment = workspace === undefined ? {} : { KAIROS_WORKSPACE: workspace };
  process.exitCode = await command({ ...terminal, environment: { ...terminal.environment, ...environment } });
});

/** Errors of commander were printed by it: help and version are fine, everything else is wrong usage. */
function exitStatusOf(error: unknown): ExitStatus {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  terminal.err.line(explainError(error));
  return EXIT.usage;
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitStatusOf(error);
}
