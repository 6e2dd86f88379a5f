import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

// Every process started by a test run inherits this, however far it detached itself.
const marker = 'KAIROS_TEST_RUN';
const run = `${process.pid}-${Date.now()}`;

/** Has to be in the environment of what the test run starts. */
export const marked = { [marker]: run };

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // ended meanwhile, or another user's
  }
}

function findMarked() {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`${marker}=${run}`))
    .map((pid) => ({ pid: Number(pid), command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }));
}

function end({ pid }) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Ends what the run left running (Linux only) and tells what it was; processes that are just stopping get `patience` ms. */
export async function endLeftovers(patience = 15_000) {
  const deadline = Date.now() + patience;
  let left = findMarked();
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(200);
    left = findMarked();
  }
  left.forEach(end);
  return left;
}
