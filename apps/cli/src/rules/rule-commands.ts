import { Option, type Command } from 'commander';
import type { Run } from '../terminal/run.js';
import { countOption, instantOption, percentOption, regexOption } from '../terminal/option-values.js';
import type { PublishOptions } from './publish.js';
import type { ExplainCommandOptions } from './explain.js';
import type { SimulateOptions } from './simulation/simulate.js';
import type { TestOptions } from './test.js';
import type { ValidateOptions } from './validate.js';

/** `kairos rules …` */
export function addRuleCommands(program: Command, run: Run): void {
  const rules = program
    .command('rules')
    .usage('COMMAND [options]')
    .helpCommand(false)
    .description('validate, test, simulate and publish the rules of a workspace');
  addValidate(rules, run);
  addTest(rules, run);
  addSimulate(rules, run);
  addExplain(rules, run);
  rules
    .command('publish')
    .description('validates, tests, shows what changes, and puts the workspace in force for the processes that run')
    .addOption(
      new Option('--removed <fate>', 'what becomes of runs whose rule is gone: they go on to their end, or end now')
        .choices(['finish', 'stop'])
        .default('finish'),
    )
    .option(
      '--start-existing <rule>',
      'start this rule also for those already inside: members of the segment it waits to be entered, those silent for longer',
    )
    .option('--per-hour <number>', 'how many of them an hour', countOption(1_000_000))
    .option('--yes', 'start them without asking')
    .option('--dry-run', 'only show what would change')
    .addHelpText('after', PUBLISH_HELP)
    .action((options: PublishOptions) =>
      run(async (terminal) => (await import('./publish.js')).publish(terminal, options)),
    );
}

const PUBLISH_HELP = `
Publishing starts nobody: rules look at what happens afterwards. Runs under way keep the version of the rule they
began with. Each partition of the stream takes the new version at its own place, so a replay decides the same.

--start-existing counts those already inside first, shows how many would be started and why others would not, and asks
(--yes answers). It starts with \`enters\` and \`inactive\`; who has left before her turn is not started. What is
published already can be given again with it: then only they are started.

Examples:
  kairos rules publish --dry-run
  kairos rules publish --start-existing win-back --per-hour 500`;

const WATCH = 'again after every change of a file of the workspace, until Ctrl-C';

function formats(...choices: string[]): Option {
  return new Option('--format <format>', 'how to print the result').choices(choices).default(choices[0]);
}

function addValidate(rules: Command, run: Run): void {
  rules
    .command('validate')
    .description('finds every problem of every file, each with its place and how to mend it')
    .option('--watch', WATCH)
    .option('--show-storage', 'show what is kept of each customer, for which rule, how long, and how many bytes')
    .addOption(formats('pretty', 'json', 'github'))
    .addHelpText(
      'after',
      '\nExit status: 0 fine (warnings too), 1 errors. In GitHub Actions, --format github marks the lines of a pull request.',
    )
    .action((options: ValidateOptions) =>
      run(async (terminal) => (await import('./validate.js')).validate(terminal, options)),
    );
}

function addTest(rules: Command, run: Run): void {
  rules
    .command('test')
    .argument('[files...]', 'test files or patterns, of the workspace or from here (all rules/*.test.yaml without)')
    .description('runs the tests beside the rules, in virtual time and without a database')
    .option('--run <regex>', 'only tests whose name matches', regexOption)
    .option('--coverage', 'show which steps, branches, starts, stops and goals of the rules no test has reached')
    .option('--watch', WATCH)
    .addOption(formats('pretty', 'json', 'junit'))
    .addHelpText(
      'after',
      `\nExamples:\n  kairos rules test\n  kairos rules test --coverage\n  kairos rules test --watch --run coupon\n  kairos rules test 'rules/cart-*.test.yaml' --run 'last moment'\n\nExit status: 0 all passed, 1 some failed, or there was nothing to test.`,
    )
    .action((files: string[], options: TestOptions) =>
      run(async (terminal) => (await import('./test.js')).test(terminal, files, options)),
    );
}

const SIMULATE_HELP = `
Examples:
  kairos rules simulate --events week.ndjson.gz --assume-consent
  kairos rules simulate --events orders.ndjson --customers customers.ndjson --from 2026-03-01 --to 2026-04-01
  kairos rules simulate --events orders.csv --mapping orders.mapping.yaml --assume-consent
  kairos rules simulate --events week.ndjson.gz --assume-consent --against published --report report.html
  kairos rules simulate --history --from 2026-03-01
  zcat *.gz | kairos rules simulate --events - --format ndjson > decisions.ndjson

A line of the recording is one call in Segment's shape: {"type":"track","event":"Product Added","userId":"ann",
"messageId":"1","timestamp":"2026-03-02T09:00:00Z","properties":{"price":24}}. ndjson prints one line a decision.`;

function addSimulate(rules: Command, run: Run): void {
  rules
    .command('simulate')
    .description(
      'runs the rules over recorded events: who would have got what, when, and what was held back. Sends nothing',
    )
    .option('--events <file>', 'recorded events, NDJSON or CSV, gzipped or not; - is standard input')
    .option('--history', 'instead of a file: what the live database has recorded of its customers')
    .option('--mapping <file>', 'YAML that says which column of a CSV file is what (docs/reference/csv.md)')
    .option('--customers <file>', 'identify calls (traits, consent) that hold from the beginning')
    .option(
      '--from <time>',
      'show what was decided from then on (UTC where it names no zone); earlier events are read all the same',
      instantOption,
    )
    .option(
      '--to <time>',
      'where simulated time ends, itself included (at the last event without); UTC where it names no zone',
      instantOption,
    )
    .option('--assume-consent', 'who has no recorded consent or address has one; recorded refusals still hold')
    .option('--sample <percent>', 'only so many of the customers, always the same ones', percentOption)
    .option(
      '--against <other>',
      'which customers would get something else, and why: compared with what is published, or with the workspace of a folder',
    )
    .option('--report <file>', 'also write a page with charts, which needs no network: report.html')
    .addOption(formats('pretty', 'json', 'ndjson'))
    .addHelpText('after', SIMULATE_HELP)
    .action((options: SimulateOptions) =>
      run(async (terminal) => (await import('./simulation/simulate.js')).simulate(terminal, options)),
    );
}

const EXPLAIN_HELP = `
Examples:
  kairos rules explain --customer ann --events week.ndjson.gz --assume-consent
  kairos rules explain --customer ann --rule win-back --at 2026-03-09T10:00:00Z --events week.ndjson.gz

It runs the rules over the recording as simulate does, and follows one customer: what she did, which runs began or did
not and why, which branch was taken by which values, what every check of a message saw. --at stops the clock there and
shows where she stands: open runs, waiting messages, segments, computed attributes.`;

function addExplain(rules: Command, run: Run): void {
  rules
    .command('explain')
    .description('why something was or was not sent to one customer, step by step, from recorded events')
    .requiredOption('--customer <id>', 'whom to follow: the userId, or the anonymousId of a visitor')
    .option('--events <file>', 'recorded events, NDJSON or CSV, gzipped or not; - is standard input')
    .option('--history', 'instead of a file: what the live database has recorded of its customers')
    .option('--mapping <file>', 'YAML that says which column of a CSV file is what (docs/reference/csv.md)')
    .option('--rule <name>', 'only this rule')
    .option(
      '--at <time>',
      'where the clock stops (at the last event without); UTC where it names no zone',
      instantOption,
    )
    .option('--customers <file>', 'identify calls (traits, consent) that hold from the beginning')
    .option('--assume-consent', 'who has no recorded consent or address has one; recorded refusals still hold')
    .addOption(formats('pretty', 'json'))
    .addHelpText('after', EXPLAIN_HELP)
    .action((options: ExplainCommandOptions) =>
      run(async (terminal) => (await import('./explain.js')).explain(terminal, options)),
    );
}
