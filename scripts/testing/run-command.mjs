import { spawn } from 'node:child_process';
import { root } from '../setup/project.mjs';

const running = new Set();

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Ends all commands that are running, with everything in their process groups. */
export const endCommands = (signal) => running.forEach((child) => endGroup(child, signal));

const environment = () => ({ ...process.env, ...(process.stderr.isTTY && { FORCE_COLOR: '1' }) });

/**
 * Runs a program of Node's with `args`. Resolves to { status, output }, output being what it wrote to both streams; `shown` passes
 * that on as it comes. `giveUp` is an AbortSignal.
 */
export function runNode(args, { shown = false, env = {}, giveUp } = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...environment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  running.add(child);
  giveUp?.addEventListener('abort', () => endGroup(child, 'SIGKILL'));
  let output = '';
  for (const name of ['stdout', 'stderr']) {
    child[name].on('data', (text) => {
      output += text;
      if (shown) process[name].write(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, killedBy) => {
      running.delete(child);
      const done = () => resolve({ status: code ?? killedBy, output });
      child.on('close', done);
      // 'close' waits for grandchildren too that kept the streams; those are not waited for.
      setTimeout(done, 1000);
    });
  });
}
