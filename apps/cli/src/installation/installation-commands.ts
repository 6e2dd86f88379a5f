import type { Command } from 'commander';
import type { DoctorOptions } from '../doctor/doctor.js';
import type { Run } from '../terminal/run.js';
import type { MigrateOptions } from './migrate.js';

const START_HELP = `
Without any settings it brings its own PostgreSQL and event log in .kairos, publishes the workspace, and writes mails
as files into .kairos/outbox. DATABASE_URL, KAFKA_BROKERS and SMTP_URL name servers instead. Ctrl-C stops it.`;

const MIGRATE_FINISH =
  'once every process runs this version: customers are written as it does, and the version before cannot be gone back to';

const INIT_HELP = `
Example:
  kairos init my-shop && cd my-shop && kairos rules test

What it writes validates and tests green as it is: change it from there. Nothing is ever overwritten.`;

/** What has to do with the processes and their surroundings. */
export function addInstallationCommands(program: Command, run: Run): void {
  program
    .command('start')
    .description('runs everything in one process: collector, trigger engine, delivery')
    .addHelpText('after', START_HELP)
    .action(() => run(async (terminal) => (await import('./start.js')).start(terminal)));
  program
    .command('init')
    .argument('<dir>', 'a new folder, or an empty one (. is this one)')
    .description('a new workspace: settings, a rule with its tests, a template, segments')
    .addHelpText('after', INIT_HELP)
    .action((directory: string) =>
      run(async (terminal) => (await import('../init/init.js')).init(terminal, directory)),
    );
  program
    .command('migrate')
    .description('creates and upgrades tables and topics; needed before services start on their own database')
    .option('--finish', MIGRATE_FINISH)
    .action((options: MigrateOptions) =>
      run(async (terminal) => (await import('./migrate.js')).migrate(terminal, options)),
    );
  program
    .command('doctor')
    .description('checks the settings and everything they name, and says what to mend; changes nothing')
    .option('--json', 'as JSON')
    .action((options: DoctorOptions) =>
      run(async (terminal) => (await import('../doctor/doctor.js')).doctor(terminal, options)),
    );
}
