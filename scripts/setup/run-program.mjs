import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { prepareOrExit } from './prepare.mjs';
import { root, say } from './project.mjs';

/**
 * Builds what is needed, then becomes the program `path` (below dist) with `args`. In this very process, so that signals, exit
 * status and standard input are the program's own.
 */
export async function runProgram(path, args) {
  await prepareOrExit();
  const file = `${root}dist/${path}`;
  if (!existsSync(file)) {
    say(`There is no program ${path} in this version of Kairos.`);
    process.exit(2);
  }
  process.argv = [process.execPath, file, ...args];
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(file).href);
}
