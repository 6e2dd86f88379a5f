import { createServer } from 'node:net';
import type { Address, Config } from '#config';
import { findCollector } from '../events/http-sender.js';
import { fail, failed, ok, warn, type Check } from './check.js';

/** Of `/health/ready`. */
interface Health {
  readonly status: string;
  readonly parts: readonly { readonly name: string; readonly trouble: string | null }[];
}

const ANSWER_MS = 2_000;

/** Each port is free, or it is Kairos that has it. */
export async function checkPorts(config: Config): Promise<readonly Check[]> {
  const { http, ops } = config;
  return Promise.all([
    checkPort('KAIROS_HTTP', http, async (name, shown) =>
      (await findCollector(config).catch(() => null)) === null
        ? null
        : ok(name, `${shown} is Kairos: the collector answers`),
    ),
    checkPort('KAIROS_OPS', ops, async (name, shown) => {
      const health = await healthOf(ops);
      return health === null ? null : checkHealth(name, shown, health);
    }),
  ]);
}

async function checkPort(
  variable: string,
  { host, port }: Address,
  ours: (name: string, shown: string) => Promise<Check | null>,
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
  const answer = await ours(name, shown);
  if (answer !== null) return answer;
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

/** What starts or is behind goes on by itself; what is not ready says itself what to mend. */
function checkHealth(name: string, shown: string, { status, parts }: Health): Check {
  const said = parts.flatMap((part) => (part.trouble === null ? [] : [`${part.name}: ${part.trouble}`])).join('; ');
  const is = `${shown} is Kairos, ${status}`;
  if (status === 'ready') return ok(name, is);
  if (status === 'starting') return warn(name, `${is}: ${said}`, 'wait until it is ready');
  if (status === 'catching up')
    return warn(name, `${is}: ${said}`, 'wait; where it does not get less, start more trigger-engines');
  return failed(name, new Error(`${is}, ${said}`));
}

async function healthOf({ host, port }: Address): Promise<Health | null> {
  try {
    const response = await fetch(`http://${host.includes(':') ? `[${host}]` : host}:${port}/health/ready`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const { status, parts } = (await response.json()) as Partial<Health>;
    return typeof status === 'string' && Array.isArray(parts) ? { status, parts } : null;
  } catch {
    return null;
  }
}
