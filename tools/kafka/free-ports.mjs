import { createServer } from 'node:net';

/** Below the range from which systems take ports for outgoing connections, so a broker that is restarted finds its port free again. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** `count` different ports on 127.0.0.1 where nobody listens just now. */
export async function freePorts(count) {
  const found = new Set();
  while (found.size < count) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

export function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
