import type { Command } from 'commander';
import { givenOptions } from '../terminal/given-options.js';
import { countOption, instantOption } from '../terminal/option-values.js';
import type { Run } from '../terminal/run.js';
import type { ListOptions } from './list.js';

const HELP = `
Examples:
  kairos dead-letters
  kairos dead-letters show 12
  kairos dead-letters replay 12 13 --yes
  kairos dead-letters replay --reason poison --since 2026-03-01 --yes
  kairos dead-letters drop --reason unreadable --yes`;

/** `kairos dead-letters …` */
export function addDeadLetterCommands(program: Command, run: Run): void {
  const letters = filtered(
    program
      .command('dead-letters')
      .description('records that could not be read or applied, latest first')
      .option('--settled', 'also those that were replayed or dropped')
      .option('--limit <n>', 'at most so many', countOption(100_000), 50)
      .option('--json', 'as JSON')
      .helpCommand(false)
      .addHelpText('after', HELP),
  ).action((options: ListOptions) => run(async (terminal) => (await import('./list.js')).list(terminal, options)));
  letters
    .command('show')
    .argument('<id>', 'of a dead letter')
    .description('one record, with its bytes')
    .option('--json', 'as JSON, the bytes in base64')
    .action((id: string, _: object, command: Command) =>
      run(async (terminal) => (await import('./list.js')).show(terminal, id, givenOptions(command))),
    );
  settling(letters.command('replay'))
    .description(
      'appends records to their partition again, once what was wrong is mended: shows which, does it with --yes',
    )
    .action((ids: string[], _: object, command: Command) =>
      run(async (terminal) => (await import('./settle.js')).replay(terminal, ids, givenOptions(command))),
    );
  settling(letters.command('drop'))
    .description('gives records up; nobody is held for them any more: shows which, does it with --yes')
    .action((ids: string[], _: object, command: Command) =>
      run(async (terminal) => (await import('./settle.js')).drop(terminal, ids, givenOptions(command))),
    );
}

function filtered(command: Command): Command {
  return command
    .option('--reason <reason>', 'put aside for this reason: unreadable, no_key, poison, suspended, …')
    .option('--since <time>', 'put aside since then', instantOption);
}

function settling(command: Command): Command {
  return filtered(command.argument('[ids...]', 'of dead letters'))
    .option('--limit <n>', 'at most so many', countOption(100_000), 1_000)
    .option('--all', 'all that are open')
    .option('--yes', 'do it');
}
