import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { endLeftovers, marked } from './leftovers.mjs';

const onLinux = existsSync('/proc/self/environ') ? it : it.skip;

onLinux('finds and ends a process that detached itself from the test run [needs Linux]', async () => {
  const forever = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env: { ...process.env, ...marked },
    detached: true,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => forever.once('exit', (code, signal) => resolve(signal)));
  expect(await endLeftovers(0)).toEqual([{ pid: forever.pid, command: expect.stringContaining('setInterval') }]);
  expect(await ended).toBe('SIGKILL');
});

it('finds nothing when nothing was left', async () => {
  expect(await endLeftovers(0)).toEqual([]);
});
