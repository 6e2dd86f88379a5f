// npm test                      everything
// npm test -- unit e2e          some parts: static, unit, sim, integration, e2e, chaos
// npm test -- libs/core/src     tests below a folder, or one file
// Options (-t NAME, --detectOpenHandles, ...) come last and are Jest's.
import { existsSync } from 'node:fs';
import { prepareOrExit } from './setup/prepare.mjs';
import { root, say } from './setup/project.mjs';
import { runJestPart } from './testing/jest-part.mjs';
import { endLeftovers } from './testing/leftovers.mjs';
import { endCommands } from './testing/run-command.mjs';
import { runStaticChecks } from './testing/static-checks.mjs';
import { summaryLines, tally } from './testing/tally.mjs';

// Tests of real servers one after another: they share the machine's memory and ports.
const serially = ['--maxWorkers=1'];
const parts = {
  static: runStaticChecks,
  unit: (options) => runJestPart('unit', ['--selectProjects', 'unit', ...options]),
  sim: (options) => runJestPart('sim', ['--selectProjects', 'sim', ...serially, ...options]),
  integration: (options) => runJestPart('integration', ['--selectProjects', 'integration', ...serially, ...options]),
  e2e: (options) => runJestPart('e2e', ['--selectProjects', 'e2e', ...serially, ...options]),
  chaos: (options) => runJestPart('chaos', ['--selectProjects', 'chaos', ...serially, ...options]),
};

function readArguments(args) {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const words = firstOption === -1 ? args : args.slice(0, firstOption);
  const paths = words.filter((word) => !(word in parts));
  const missing = paths.find((path) => !existsSync(path) && !existsSync(root + path));
  if (missing) {
    say(`"${missing}" is neither a part (${Object.keys(parts).join(', ')}) nor a file or folder.`);
    process.exit(2);
  }
  const chosen = words.filter((word) => word in parts);
  const everything = words.length === 0;
  return {
    chosen: everything ? Object.keys(parts) : chosen,
    paths,
    options: firstOption === -1 ? [] : args.slice(firstOption),
  };
}

async function runAll({ chosen, paths, options }) {
  const results = [];
  const run = async (name, work) => {
    console.log(`\n── ${name}`);
    const found = await work();
    if (found.length === 0) {
      if (name === 'unit' || paths.length > 0) found.push({ name, outcome: 'failed', reason: 'no tests found' });
      else console.log('No tests here.');
    }
    results.push(...found);
  };
  for (const name of chosen) await run(name, () => parts[name](options));
  if (paths.length > 0) await run(paths.join(' '), () => runJestPart('chosen', [...paths, ...serially, ...options]));
  return results;
}

function showSlowest(results) {
  const slow = results.filter(({ seconds }) => seconds > 10).sort((a, b) => b.seconds - a.seconds);
  if (slow.length === 0) return;
  console.log('\nSlowest:');
  for (const { name, seconds } of slow.slice(0, 5)) console.log(`  ${seconds.toFixed(0)} s  ${name}`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, async () => {
    endCommands(signal);
    await endLeftovers();
    process.kill(process.pid, signal);
  });
}
const wanted = readArguments(process.argv.slice(2));
await prepareOrExit({ development: true });
const results = await runAll(wanted);
showSlowest(results);
const summary = tally(results, { ci: process.env.CI === 'true', dataIsThere: existsSync(`${root}../shared/data`) });
console.log(summaryLines(summary).join('\n'));
process.exitCode = summary.failed.length === 0 ? 0 : 1;
