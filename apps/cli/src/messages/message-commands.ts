import { Option, type Command } from 'commander';
import { REASONS } from '#core';
import type { Run } from '../terminal/run.js';
import { givenOptions } from '../terminal/given-options.js';
import { countOption, instantOption } from '../terminal/option-values.js';
import type { ListOptions } from './list.js';

const OUTCOMES = ['planned', 'held', 'sending', 'waiting', 'sent', 'suppressed', 'failed', 'unknown'];
const HELP = `
Examples:
  kairos messages --customer ann
  kairos messages --outcome suppressed --reason frequency_cap --since 2026-03-01
  kairos messages why 0000508a-6c1f-4a3e-9d0b-2f1f7a9d3c55
  kairos messages replay --outcome failed --since 2026-03-01 --yes`;

/** `kairos messages …` */
export function addMessageCommands(program: Command, run: Run): void {
  const messages = program
    .command('messages')
    .description('what was sent, what was not, and why: the ledger, latest first')
    .option('--customer <id>', 'of this customer')
    .option('--rule <name>', 'of this rule')
    .addOption(new Option('--outcome <outcome>', 'with this outcome').choices(OUTCOMES))
    .addOption(new Option('--reason <reason>', 'held back or suppressed for this reason').choices(REASONS))
    .option('--since <time>', 'since then', instantOption)
    .option('--limit <n>', 'at most so many', countOption(100_000), 50)
    .option('--json', 'as JSON')
    .helpCommand(false)
    .addHelpText('after', HELP)
    .action((options: ListOptions) => run(async (terminal) => (await import('./list.js')).list(terminal, options)));
  messages
    .command('why')
    .argument('<id>', 'of the message')
    .description('the latest decision about one message: every check and what it saw')
    .option('--json', 'as JSON')
    .action((id: string, _: object, command: Command) =>
      run(async (terminal) => (await import('./why.js')).why(terminal, id, givenOptions(command))),
    );
  messages
    .command('replay')
    .argument('[ids...]', 'of messages')
    .description('given-up messages (failed, unknown) into the queue again: shows which, does it with --yes')
    .option('--customer <id>', 'of this customer')
    .option('--rule <name>', 'of this rule')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(['failed', 'unknown']))
    .addOption(new Option('--reason <reason>', 'given up for this reason').choices(REASONS))
    .option('--since <time>', 'given up since then', instantOption)
    .option('--limit <n>', 'at most so many', countOption(100_000), 1_000)
    .option('--all', 'all that were given up')
    .option('--yes', 'do it')
    .action((ids: string[], _: object, command: Command) =>
      run(async (terminal) => (await import('./replay.js')).replay(terminal, ids, givenOptions(command))),
    );
}
