// node test/oracle/judge.mjs --seeds 1-200 [--keep DIR] -- COMMAND …: compares a command with the oracle on random cases, for example
//   node test/oracle/judge.mjs --seeds 1-200 -- npx kairos rules simulate --format ndjson
// Every seed that differs is shown with its first differing lines; --keep writes those cases below DIR for a closer look.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generate, writeCase } from './generate.mjs';
import { argumentsFor, runCase } from './run-case.mjs';

const separator = process.argv.indexOf('--');
const { values } = parseArgs({
  args: process.argv.slice(2, separator === -1 ? undefined : separator),
  options: { seeds: { type: 'string' }, keep: { type: 'string' } },
});
const range = /^(\d+)-(\d+)$/.exec(values.seeds ?? '');
if (!range || separator === -1) {
  process.stderr.write('wanted: --seeds FROM-TO [--keep DIR] -- COMMAND …\n');
  process.exit(2);
}
const command = process.argv.slice(separator + 1);

function judge(seed, folder) {
  const made = generate(seed);
  writeCase(folder, made);
  const expected = runCase(folder);
  const run = spawnSync(command[0], [...command.slice(1), ...argumentsFor(folder)], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) return [`exit ${run.status} ${run.error ?? ''} ${run.stderr.slice(0, 2000)}`];
  const got = run.stdout.split('\n').filter(Boolean);
  const at = expected.findIndex((line, i) => line !== got[i]);
  if (at === -1 && got.length === expected.length) return [];
  const place = at === -1 ? expected.length : at;
  return [
    `line ${place + 1} of ${expected.length} ${made.args.join(' ')}`,
    `  wanted ${expected[place] ?? 'no further line'}`,
    `  got    ${got[place] ?? 'no further line'}`,
  ];
}

let passed = 0,
  failed = 0;
for (let seed = Number(range[1]); seed <= Number(range[2]); seed++) {
  const folder = values.keep ? join(values.keep, `seed-${seed}`) : mkdtempSync(join(tmpdir(), 'oracle-'));
  const difference = judge(seed, folder);
  if (difference.length === 0) passed += 1;
  else {
    failed += 1;
    console.log(`seed ${seed}: ${difference.join('\n')}`);
  }
  if (!values.keep || difference.length === 0) rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
