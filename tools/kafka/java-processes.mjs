import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GUARD = join(dirname(fileURLToPath(import.meta.url)), 'guard.mjs');

/**
 * Processes that end with this one, however it ends: guard.mjs is their parent. They do not keep this process alive.
 * @param {string} [folder] removed when all is over
 */
export function startProcesses(folder) {
  const guard = fork(GUARD, folder ? [folder] : [], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const guardEnded = new Promise((resolve) => guard.once('exit', resolve));
  const running = new Map();
  let reportLoss;
  const lost = new Promise((resolve) => (reportLoss = resolve));
  guard.on('message', ({ exited: { id, status } }) => {
    const { expected, ended } = running.get(id);
    running.delete(id);
    ended(status);
    if (!expected) reportLoss({ id, status });
  });
  guard.unref();
  guard.channel.unref();

  const start = (id, program, expected) => {
    const entry = { expected };
    entry.end = new Promise((resolve) => (entry.ended = resolve));
    running.set(id, entry);
    guard.send({ start: { id, ...program } });
    return entry;
  };
  /** Until this settles Node must not exit for lack of work. */
  const whileAlive = async (promise) => {
    const awake = setInterval(() => {}, 60_000);
    return promise.finally(() => clearInterval(awake));
  };
  const send = (id, name) => guard.connected && guard.send({ signal: { id, name } });
  return {
    /** Resolves with the id and status of the first that ended and was not meant to. */
    lost,
    running: () => [...running.keys()],
    send,
    /** @param {{ command: string, args: string[], log: string }} program */
    start: (id, program) => void start(id, program, false),
    /** Runs a program to its end and resolves with its exit status, or the signal that ended it. */
    run: (id, program) => whileAlive(start(id, program, true).end),
    /** Sends a signal that ends it, and resolves when it has ended. */
    async end(id, signal) {
      const entry = running.get(id);
      if (!entry) return;
      entry.expected = true;
      send(id, signal);
      await whileAlive(entry.end);
    },
    /** Kills what is left and resolves when nothing is. */
    async endAll() {
      if (guard.connected) guard.disconnect();
      await whileAlive(guardEnded);
    },
  };
}
