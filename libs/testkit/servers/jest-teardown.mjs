import { once } from 'node:events';

/** After a test run: nothing is left running, no folder and no database is left behind. */
export default async function tearDown() {
  const servers = globalThis.kairosTestServers;
  if (servers.exitCode !== null || servers.signalCode !== null) return;
  const ended = once(servers, 'exit');
  servers.disconnect();
  await ended;
}
