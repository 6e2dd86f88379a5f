// node test/oracle/run-cases.mjs [-- COMMAND …]: compares every case with its expected lines; ORACLE_CASES=REGEX chooses some by name.
// Without a command the oracle is asked; a command is run with the case's own arguments appended, for example
//   node test/oracle/run-cases.mjs -- npx kairos rules simulate --format ndjson
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argumentsFor, runCase } from './run-case.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const separator = process.argv.indexOf('--');
const command = separator === -1 ? undefined : process.argv.slice(separator + 1);
const chosen = new RegExp(process.env.ORACLE_CASES ?? '');
let passed = 0,
  failed = 0;

/** { stdout, problem } of the oracle or the command. */
function ask(folder) {
  if (command !== undefined) {
    const run = spawnSync(command[0], [...command.slice(1), ...argumentsFor(folder)], { encoding: 'utf8' });
    return {
      stdout: run.stdout,
      problem: run.status === 0 ? '' : `exit ${run.status} ${run.error ?? ''}\n${run.stderr}`,
    };
  }
  try {
    return {
      stdout: runCase(folder)
        .map((line) => `${line}\n`)
        .join(''),
      problem: '',
    };
  } catch (error) {
    return { stdout: '', problem: error.stack };
  }
}

for (const name of readdirSync(join(here, 'cases')).sort()) {
  if (!chosen.test(name)) continue;
  const folder = join(here, 'cases', name);
  const { stdout, problem } = ask(folder);
  const expected = readFileSync(join(folder, 'expected.ndjson'), 'utf8');
  if (problem === '' && stdout === expected) {
    passed += 1;
    continue;
  }
  failed += 1;
  console.log(`${name}: ${readFileSync(join(folder, 'why.md'), 'utf8').trim()}`);
  if (problem !== '') console.log(`  ${problem}`);
  for (const line of expected.split('\n').filter((each) => each && !stdout.split('\n').includes(each)))
    console.log(`  wanted ${line}`);
  for (const line of stdout.split('\n').filter((each) => each && !expected.split('\n').includes(each)))
    console.log(`  got    ${line}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
