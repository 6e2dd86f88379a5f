import { Command } from 'commander';
import { addCustomerCommands } from './customers/customer-commands.js';
import { addDeadLetterCommands } from './dead-letters/dead-letter-commands.js';
import { addEventCommands } from './events/event-commands.js';
import { addInstallationCommands } from './installation/installation-commands.js';
import { addMessageCommands } from './messages/message-commands.js';
import { addTemplateCommands } from './templates/template-commands.js';
import { addRuleCommands } from './rules/rule-commands.js';
import type { Run } from './terminal/run.js';

const EXAMPLES = `
Examples:
  kairos start                               everything in one process, nothing else needed
  kairos init my-shop                        a new workspace to start from
  kairos rules validate                      what is wrong with the workspace, and where
  kairos rules test                          the tests beside the rules
  kairos rules simulate --events week.ndjson.gz --assume-consent
  kairos rules explain --customer ann --events week.ndjson.gz
  kairos events send track --user ann --event "Product Added" price=24 cart_id=c1
  kairos messages --customer ann             what was sent to her, what was not, and why

Settings are environment variables (KAIROS_WORKSPACE, KAIROS_DATA, DATABASE_URL, KAFKA_BROKERS, SMTP_URL, ...);
\`kairos doctor\` checks them. Exit status: 0 fine, 1 findings or failed tests, 2 wrong usage or environment.`;

/** The commands with their options and help (interfaces.md, Command line). */
export function createProgram(run: Run): Command {
  const program = new Command('kairos')
    .description('Trigger marketing on event streams: rules in YAML, decided at the right moment, explained always.')
    .usage('COMMAND [options]')
    .helpCommand(false)
    .option('--workspace <dir>', 'folder with kairos.yaml (KAIROS_WORKSPACE, or this folder, without)')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .showHelpAfterError('(more with --help)')
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  addInstallationCommands(program, run);
  addRuleCommands(program, run);
  addEventCommands(program, run);
  addMessageCommands(program, run);
  addCustomerCommands(program, run);
  addDeadLetterCommands(program, run);
  addTemplateCommands(program, run);
  return program;
}
