import type { Command } from 'commander';
import type { Run } from '../terminal/run.js';

/** `kairos customers …` and `kairos state …` */
export function addCustomerCommands(program: Command, run: Run): void {
  program
    .command('customers')
    .description('what is known of a customer')
    .helpCommand(false)
    .command('show')
    .argument('<id>', 'userId, or anonymousId of a visitor')
    .description('traits, segments, runs that wait, consents and the latest messages')
    .option('--json', 'as JSON')
    .action((id: string, options: { readonly json?: boolean }) =>
      run(async (terminal) => (await import('./show.js')).show(terminal, id, options)),
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
