import type { Command } from 'commander';

/**
 * The options of a command, those included that the command above it takes under the same name: it parses the line first,
 * and keeps `--json` of `kairos messages why ID --json` for itself.
 */
export function givenOptions<Options extends object>(command: Command): Options {
  const { parent } = command;
  const taken = Object.entries(parent?.opts() ?? {}).filter(([name]) => parent!.getOptionValueSource(name) === 'cli');
  return { ...command.opts<Options>(), ...Object.fromEntries(taken) };
}
