import { createServer } from 'node:net';
import type { Address, Config } from '#config';
import { findCollector } from '../events/http-sender.js';
import { fail, ok, type Check } from './check.js';

const ANSWER_MS = 2_000;

/** Each port is free, or it is Kairos that has it. */
export async function checkPorts(config: Config): Promise<readonly Check[]> {
  const { http, ops } = config;
  return Promise.all([
    checkPort('KAIROS_HTTP', http, async () =>
      (await findCollector(config).catch(() => null)) === null ? null : 'the collector answers',
    ),
    checkPort('KAIROS_OPS', ops, () => readiness(ops)),
  ]);
}

async function checkPort(
  variable: string,
  { host, port }: Address,
  ours: () => Promise<string | null>,
): Promise<Check> {
  const name = `port ${variable}`;
  const shown = `${host}:${port}`;
  const trouble = await tryToListen(host, port);
  if (trouble === null) return ok(name, `${shown} is free`);
  if (trouble !== 'EADDRINUSE')
    return fail(
      name,
      `${shown} cannot be used (${trouble})`,
      `set ${variable} to an address of this machine, such as 127.0.0.1:8080`,
    );
  const answer = await ours();
  if (answer !== null) return ok(name, `${shown} is Kairos: ${answer}`);
  return fail(
    name,
    `${shown} is taken by another program`,
    `stop that program, or set ${variable}=${host}:PORT with another port`,
  );
}

function tryToListen(host: string, port: number): Promise<string | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

async function readiness({ host, port }: Address): Promise<string | null> {
  try {
    const response = await fetch(`http://${host.includes(':') ? `[${host}]` : host}:${port}/health/ready`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const { status } = (await response.json()) as { status?: unknown };
    return typeof status === 'string' ? status : null;
  } catch {
    return null;
  }
}
