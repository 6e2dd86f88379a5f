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

/**
 * Runs a program of Node's with `args`. Resolves to { status, output }; output is empty when it is `shown` as it comes. `giveUp` is an
 * AbortSignal.
 */
export function runNode(args, { shown = false, env = {}, giveUp } = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', shown ? 'inherit' : 'pipe', shown ? 'inherit' : 'pipe'],
    detached: process.platform !== 'win32',
  });
  running.add(child);
  giveUp?.addEventListener('abort', () => endGroup(child, 'SIGKILL'));
  let output = '';
  child.stdout?.on('data', (text) => (output += text));
  child.stderr?.on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, killedBy) => {
      running.delete(child);
      resolve({ status: code ?? killedBy, output });
    });
  });
}
