import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJson } from '../setup/project.mjs';
import { readJestResults } from './jest-results.mjs';
import { endLeftovers, marked } from './leftovers.mjs';
import { runNode } from './run-command.mjs';

const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

// Jest waits for ever when a test left a timer or a socket open. Once its report is written it has this long.
const patience = 20_000;

function watchForHang(reportFile, onHang) {
  let written;
  const timer = setInterval(() => {
    written ??= existsSync(reportFile) ? Date.now() : undefined;
    if (written && Date.now() - written > patience) onHang();
  }, 500);
  return () => clearInterval(timer);
}

async function runJest(args, reportFile) {
  const giveUp = new AbortController();
  const stopWatching = watchForHang(reportFile, () => giveUp.abort());
  const { status, output } = await runNode(
    [...jest, ...args, '--json', `--outputFile=${reportFile}`, '--passWithNoTests'],
    {
      shown: true,
      env: marked,
      giveUp: giveUp.signal,
    },
  );
  stopWatching();
  return { status, hung: giveUp.signal.aborted, brokeOff: output.includes('failed to exit gracefully') };
}

function judge(name, { status, hung }, results, left) {
  const failure = (reason) => ({ name, outcome: 'failed', reason });
  const more = [];
  if (hung) more.push(failure('tests left something open, so Jest did not end; run them with --detectOpenHandles'));
  else if (status !== 0 && !results.some(({ outcome }) => outcome === 'failed'))
    more.push(failure(`Jest ended with ${status}`));
  for (const { pid, command } of left)
    more.push(failure(`left a process running (ended now): ${pid} ${command.slice(0, 160)}`));
  return [...results, ...more];
}

/** Runs Jest with `args`; its own report is shown as it comes. What tests leave running is ended and counts as failed. */
export async function runJestPart(name, args) {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-test-'));
  const reportFile = join(folder, 'report.json');
  try {
    const ended = await runJest(args, reportFile);
    const left = await endLeftovers();
    // Not counted: on a busy machine Jest's half second is short for a worker that is ending in good order.
    if (ended.brokeOff)
      console.log('WARNING: a Jest worker had to be ended by force; a test left a timer or a socket open.');
    const results = existsSync(reportFile) ? readJestResults(readJson(reportFile)) : [];
    return judge(name, ended, results, left);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
