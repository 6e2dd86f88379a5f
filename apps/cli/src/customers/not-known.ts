import type { CustomerIds } from '#postgres';
import { instant } from '../messages/list.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';

/** Says why there is nothing of a customer. */
export function notKnown(terminal: Terminal, id: string, { erasedAt }: Pick<CustomerIds, 'erasedAt'>): ExitStatus {
  terminal.err.line(
    erasedAt === null
      ? `nothing is known of a customer ${id}: no event of hers concerned a rule, or she has another id (ids are case-sensitive)`
      : `customer ${id} was erased ${instant(erasedAt)}, and nothing has happened under the id since`,
  );
  return EXIT.findings;
}
