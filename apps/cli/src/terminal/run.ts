import type { ExitStatus } from './command-error.js';
import type { Terminal } from './terminal.js';

/** Carries out a command; what it needs is imported then: nobody waits for a database driver to see a rule validated. */
export type Run = (command: (terminal: Terminal) => Promise<ExitStatus>) => Promise<void>;
