import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, say } from './project.mjs';
import { SetupError } from './setup-error.mjs';

const lockFile = `${root}.setup.lock`;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// The holder's process id; undefined when the lock is ours now.
function tryLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return undefined;
  } catch (error) {
    if (error.code !== 'EEXIST') {
      throw new SetupError(
        `${root} cannot be written (${error.code}), and Kairos has to be built there: give yourself the right to, or clone it elsewhere.`,
      );
    }
  }
  try {
    return Number(readFileSync(lockFile, 'utf8')) || Infinity;
  } catch {
    return Infinity;
  }
}

/** Runs `work` while no other process of this clone does: two terminals that start at once must not install twice. */
export async function onlyOne(work) {
  let told = false;
  for (let holder = tryLock(); holder !== undefined; holder = tryLock()) {
    if (Number.isFinite(holder) && !isAlive(holder)) {
      rmSync(lockFile, { force: true });
      continue;
    }
    if (!told) say('Waiting for another process that is installing or building ...');
    told = true;
    await sleep(100);
  }
  const release = () => rmSync(lockFile, { force: true });
  const interrupted = (signal) => {
    release();
    process.kill(process.pid, signal);
  };
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, interrupted);
  try {
    return await work();
  } finally {
    release();
    process.off('exit', release);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, interrupted);
  }
}
