/**
 * The parent of the Java processes. It lives in a process group of its own, so Ctrl-C does not reach them before their owner decides,
 * and when its owner goes away in whatever manner (the channel closes even on kill -9) it kills them and removes their folder.
 * Argument: the folder to remove at the end, or nothing to keep it.
 */
import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { rm } from 'node:fs/promises';

const [folder] = process.argv.slice(2);
/** @type {Map<number, import('node:child_process').ChildProcess>} */
const running = new Map();

process.on('message', (message) => {
  if (message.start) start(message.start);
  if (message.signal) running.get(message.signal.id)?.kill(message.signal.name);
});

process.on('disconnect', () => {
  for (const child of running.values()) child.kill('SIGKILL');
  endWhenAlone();
});
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.connected && process.disconnect());

function start({ id, command, args, log }) {
  const output = openSync(log, 'a');
  const child = spawn(command, args, { stdio: ['ignore', output, output] });
  closeSync(output);
  running.set(id, child);
  const gone = (status) => {
    if (!running.delete(id)) return;
    if (process.connected) process.send({ exited: { id, status } });
    else endWhenAlone();
  };
  child.on('error', (error) => gone(error.message));
  child.on('exit', (code, signal) => gone(signal ?? code));
}

async function endWhenAlone() {
  if (running.size > 0) return;
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}
