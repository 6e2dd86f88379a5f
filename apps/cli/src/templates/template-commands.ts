import { Option, type Command } from 'commander';
import { CHANNELS } from '#core';
import type { Run } from '../terminal/run.js';
import type { PreviewOptions } from './preview.js';
import type { SendOptions } from './send.js';

const HELP = `
A sample is a YAML or JSON file: a path, or a name in samples/ of the workspace. It holds what the template sees:
  customer: { name: Ann, email: ann@shop.test, locale: en }
  start: { name: Blue mug, price: 24 }
  with: { discount: 10 }
  category: promotional

Examples:
  kairos templates preview cart-reminder --customer samples/ann.yaml --open
  kairos templates send cart-reminder --to me@shop.test --locale de`;

/** `kairos templates …` */
export function addTemplateCommands(program: Command, run: Run): void {
  const templates = program
    .command('templates')
    .description('look at templates before anybody gets them')
    .helpCommand(false);
  templates
    .command('preview')
    .argument('<name>', 'of the template')
    .description('a template with a sample customer')
    .option('--customer <sample>', 'the sample: a file, or a name in samples/')
    .option('--locale <locale>', 'language and region, such as de-AT; without, that of the sample')
    .option('--style <style>', 'the files of that style, where the language has them')
    .addOption(new Option('--channel <channel>', 'as it leaves there').choices(CHANNELS).default('email'))
    .option('--open', 'show the mail in the browser')
    .addHelpText('after', HELP)
    .action((name: string, options: PreviewOptions) =>
      run(async (terminal) => (await import('./preview.js')).preview(terminal, name, options)),
    );
  templates
    .command('send')
    .argument('<name>', 'of the template')
    .description('sends one to yourself, the way the workspace sends mails')
    .requiredOption('--to <address>', 'where to')
    .option('--customer <sample>', 'the sample: a file, or a name in samples/')
    .option('--locale <locale>', 'language and region, such as de-AT; without, that of the sample')
    .option('--style <style>', 'the files of that style, where the language has them')
    .addHelpText('after', HELP)
    .action((name: string, options: SendOptions) =>
      run(async (terminal) => (await import('./send.js')).send(terminal, name, options)),
    );
}
