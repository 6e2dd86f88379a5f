import { Argument, type Command } from 'commander';
import type { Run } from '../terminal/run.js';
import { collectOption, instantOption } from '../terminal/option-values.js';
import type { ImportOptions } from './import.js';
import type { SendOptions, SentType } from './send.js';

const SEND_HELP = `
Examples:
  kairos events send track --user ann --event "Product Added" price=24 cart_id=c1
  kairos events send identify --user ann email=ann@shop.test locale=de --consent promotional=email,push
  kairos events send track --user ann --event "Order Completed" --values '{"order_id":"o1","total":24}'
  kairos events send track --event "Product Updated" product_id=lamp price=85     about a thing (\`items\` of events.yaml)

The values of identify and group are traits, those of the other calls are properties. The event goes to the running
collector, or straight into the stream when none is running.`;

const IMPORT_HELP = `
Examples:
  kairos events import customers.ndjson            identify calls: traits and consents
  kairos events import history.ndjson.gz           old events: counters know them, no rule starts
  kairos events import today.ndjson --live         as if they came in now: rules start
  kairos events import orders.csv --mapping orders.yaml

A line is one call in Segment's shape. A file can be imported again: what is in already is recognised by its messageId.
Lines that are refused are shown with their number, the others are kept. Exit status 1 when there were any.`;

/** `kairos events …` */
export function addEventCommands(program: Command, run: Run): void {
  const events = program
    .command('events')
    .usage('COMMAND [options]')
    .helpCommand(false)
    .description('send or import events, through the code of the collector');
  events
    .command('send')
    .addArgument(
      new Argument('<type>', 'the kind of call').choices(['track', 'identify', 'page', 'screen', 'alias', 'group']),
    )
    .argument('[values...]', 'NAME=VALUE; numbers, true and false are what they look like')
    .description('sends one event')
    .option('--user <id>', 'userId of the customer')
    .option('--anonymous <id>', 'anonymousId of a visitor')
    .option('--event <name>', 'name of the event (track)')
    .option('--values <json>', 'the values as one JSON object')
    .option(
      '--consent <category=channels>',
      'consent that the call carries: promotional=email,push or care=false; may be repeated',
      collectOption,
    )
    .option('--timestamp <time>', 'when it happened (now without)', instantOption)
    .option('--message-id <id>', 'makes sending it again harmless (made up without)')
    .addHelpText('after', SEND_HELP)
    .action((type: SentType, values: string[], options: SendOptions) =>
      run(async (terminal) => (await import('./send.js')).send(terminal, type, values, options)),
    );
  events
    .command('import')
    .argument('<file>', 'NDJSON, or with --mapping CSV; gzipped or not; - is standard input')
    .description('imports a file of events, as history unless --live')
    .option('--live', 'as events of now: they start rules')
    .option('--mapping <file>', 'the file is a table (CSV); this says which column is what')
    .addHelpText('after', IMPORT_HELP)
    .action((file: string, options: ImportOptions) =>
      run(async (terminal) => (await import('./import.js')).importEvents(terminal, file, options)),
    );
}
