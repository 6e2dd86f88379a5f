import type { Command } from 'commander';
import type { EraseOptions } from './erase.js';
import type { Run } from '../terminal/run.js';

const ERASE_HELP = `
Examples:
  kairos customers export ann --out ann.json
  kairos customers erase ann --reason "request 4711"

It needs the KAIROS_SECRET of delivery (kept in KAIROS_DATA by kairos start): her addresses are remembered as hashes with
it. Events that happened before, and come later, are passed over for 30 days. What is left, where, and for how long:
docs/operations.md.`;

/** `kairos customers …` and `kairos state …` */
export function addCustomerCommands(program: Command, run: Run): void {
  const customers = program
    .command('customers')
    .description('what is known of a customer; all of it as JSON, and how to forget it')
    .helpCommand(false);
  customers
    .command('show')
    .argument('<id>', 'userId, or anonymousId of a visitor')
    .description('traits, segments, runs that wait, consents and the latest messages')
    .option('--json', 'as JSON')
    .action((id: string, options: { readonly json?: boolean }) =>
      run(async (terminal) => (await import('./show.js')).show(terminal, id, options)),
    );
  customers
    .command('erase')
    .argument('<id>', 'any id of hers; everything that was merged with it goes too')
    .description('forgets a customer for good, once her id was typed again; her addresses are never written to again')
    .option('--yes', 'without asking')
    .option('--reason <text>', 'for the audit trail, such as the number of her request; nothing personal')
    .addHelpText('after', ERASE_HELP)
    .action((id: string, options: EraseOptions) =>
      run(async (terminal) => (await import('./erase.js')).erase(terminal, id, options)),
    );
  customers
    .command('export')
    .argument('<id>', 'any id of hers')
    .description('everything that is kept of a customer, as JSON')
    .option('--out <file>', 'into a new file that only you can read, instead of standard output')
    .action((id: string, options: { readonly out?: string }) =>
      run(async (terminal) => (await import('./export.js')).exportCustomer(terminal, id, options)),
    );
  program
    .command('state')
    .description('what the engine keeps')
    .helpCommand(false)
    .command('inspect')
    .requiredOption('--customer <id>', 'of this customer')
    .description('the row of a customer, in words: for finding faults')
    .option('--json', 'as JSON')
    .action(({ customer, ...options }: { readonly customer: string; readonly json?: boolean }) =>
      run(async (terminal) => (await import('./inspect.js')).inspect(terminal, customer, options)),
    );
}
