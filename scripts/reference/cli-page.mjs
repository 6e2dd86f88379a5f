import { page } from './markdown.mjs';

const intro = `\`npx kairos COMMAND\` in the clone, or the path of \`bin/kairos.mjs\` from anywhere. Exit status: 0 fine (warnings too), 1 findings or failed
tests, 2 wrong usage or an environment that does not allow it. Results go to standard output, everything else to standard error; no colours and
no progress bar where the output is not a terminal or \`NO_COLOR\` is set. The environment: [environment](environment.md).`;

/** @param program commander's command with all commands below it */
export function cliPage(program) {
  return page('Command line', "the commands' own help", intro, ...commandsBelow(program, []));
}

function commandsBelow(command, path) {
  const name = [...path, command.name()];
  const own = `## ${name.join(' ')}\n\n\`\`\`\n${helpOf(command)}\n\`\`\``;
  return [own, ...command.commands.flatMap((below) => commandsBelow(below, name))];
}

/** All of it, with the examples behind; as wide as a page, whatever the terminal of the one who writes it. */
function helpOf(command) {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => 110,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}
