import { createServer } from 'node:net';
import { ConfigError, type Address } from '#config';

/** A taken port is said before anything else is started. Throws ConfigError. */
export async function checkPort(variable: string, { host, port }: Address): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ConfigError([explain(variable, host, port, error)])),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

function explain(variable: string, host: string, port: number, { code }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken by another program (perhaps Kairos runs already); stop it, or set ${variable}=${host}:PORT with another port`;
    case 'EACCES':
      return `port ${port} may not be used by this user; set ${variable}=${host}:PORT with a port from 1024 on`;
    default:
      return `${variable}: ${host}:${port} cannot be listened on (${code ?? 'unknown error'}); set it to an address of this machine, for example 127.0.0.1:8080`;
  }
}
