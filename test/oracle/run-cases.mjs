// node test/oracle/run-cases.mjs [-- COMMAND …]: compares every case with its expected lines.
// Without a command the oracle is asked; a command is run with the case's own arguments appended, for example
//   node test/oracle/run-cases.mjs -- npx kairos rules simulate --format ndjson
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const separator = process.argv.indexOf('--');
const command = separator === -1 ? [process.execPath, join(here, 'oracle.mjs')] : process.argv.slice(separator + 1);
let passed = 0,
  failed = 0;

for (const name of readdirSync(join(here, 'cases')).sort()) {
  const folder = join(here, 'cases', name);
  const args = ['--workspace', join(folder, 'workspace'), '--events', join(folder, 'events.ndjson')];
  if (existsSync(join(folder, 'customers.ndjson'))) args.push('--customers', join(folder, 'customers.ndjson'));
  if (existsSync(join(folder, 'args')))
    args.push(...readFileSync(join(folder, 'args'), 'utf8').split('\n').filter(Boolean));
  const run = spawnSync(command[0], [...command.slice(1), ...args], { encoding: 'utf8' });
  const expected = readFileSync(join(folder, 'expected.ndjson'), 'utf8');
  if (run.status === 0 && run.stdout === expected) {
    passed += 1;
    continue;
  }
  failed += 1;
  console.log(`${name}: ${readFileSync(join(folder, 'why.md'), 'utf8').trim()}`);
  if (run.status !== 0) console.log(`  exit ${run.status} ${run.error ?? ''}\n${run.stderr}`);
  for (const line of expected.split('\n').filter((each) => each && !run.stdout.split('\n').includes(each)))
    console.log(`  wanted ${line}`);
  for (const line of run.stdout.split('\n').filter((each) => each && !expected.split('\n').includes(each)))
    console.log(`  got    ${line}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
