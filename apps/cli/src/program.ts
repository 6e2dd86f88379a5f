import { Command, Option } from 'commander';
import { instantOption, regexOption } from './terminal/option-values.js';
import type { ExitStatus } from './terminal/command-error.js';
import type { Terminal } from './terminal/terminal.js';

type Run = (terminal: Terminal) => Promise<ExitStatus>;

/**
 * The commands with their options and help. What a command needs is imported when it runs: nobody waits for a database
 * driver to see a rule validated.
 * @param run carries out the chosen command
 */
export function createProgram(run: (command: Run) => Promise<void>): Command {
  const program = new Command('kairos')
    .description('Trigger marketing on event streams: rules in YAML, decided at the right moment, explained always.')
    .showSuggestionAfterError()
    .showHelpAfterError('(more with --help)')
    .exitOverride();
  addRules(program, run);
  return program;
}

function workspaceOption(): Option {
  return new Option('--workspace <dir>', 'folder with kairos.yaml (else KAIROS_WORKSPACE, else this folder)');
}

function addRules(program: Command, run: (command: Run) => Promise<void>): void {
  const rules = program.command('rules').description('validate, test, simulate and publish the rules of a workspace');
  rules
    .command('validate')
    .description('finds every problem of every file, each with its place and how to mend it')
    .addOption(workspaceOption())
    .addOption(new Option('--format <format>', 'how to print').choices(['pretty', 'json', 'github']).default('pretty'))
    .action((options) => run(async (terminal) => (await import('./rules/validate.js')).validate(terminal, options)));
  rules
    .command('test [files...]')
    .description('runs the tests beside the rules, *.test.yaml')
    .addOption(workspaceOption())
    .option('--run <regex>', 'only tests whose name matches', regexOption)
    .addOption(new Option('--format <format>', 'how to print').choices(['pretty', 'json', 'junit']).default('pretty'))
    .action((files, options) =>
      run(async (terminal) => (await import('./rules/test.js')).test(terminal, files, options)),
    );
  rules
    .command('simulate')
    .description('runs the rules over recorded events, delivery policy included, without sending anything')
    .addOption(workspaceOption())
    .requiredOption('--events <file>', 'recorded events, NDJSON or .gz; - is standard input')
    .option('--customers <file>', 'identify calls that hold from the beginning, NDJSON or .gz')
    .option('--from <time>', 'show what was decided from then on; earlier events are read all the same', instantOption)
    .option('--to <time>', 'where simulated time ends, itself included (else at the last event)', instantOption)
    .option('--assume-consent', 'customers without a recorded consent or address have one; refusals still hold')
    .addOption(new Option('--format <format>', 'how to print').choices(['pretty', 'json', 'ndjson']).default('pretty'))
    .action((options) => run(async (terminal) => (await import('./rules/simulate.js')).simulate(terminal, options)));
}
