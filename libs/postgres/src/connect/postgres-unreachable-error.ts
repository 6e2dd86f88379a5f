import { StoreError } from '#engine';

/** No connection, for a reason that the message names together with its cure. Never holds the password. */
export class PostgresUnreachableError extends StoreError {
  readonly details: { readonly server: string; readonly reason: string };

  /** `retryable` is false where waiting cannot help: a wrong password, a database that does not exist. */
  constructor(server: string, reason: string, cure: string, retryable: boolean, cause: unknown) {
    super(`PostgreSQL at ${server} ${reason}: ${cure}`, 'postgres_unreachable', retryable, { cause });
    this.name = 'PostgresUnreachableError';
    this.details = { server, reason };
  }
}

/** What `pg` said about a failed connection, in words that name the thing to mend. */
export function explainConnectError(url: string, error: unknown): PostgresUnreachableError {
  const server = describeServer(url);
  const [reason, cure, retryable] = reasonAndCure(error);
  return new PostgresUnreachableError(server, reason, cure, retryable, error);
}

/** `host:port/database` of a connection URL, without user and password. */
export function describeServer(url: string): string {
  try {
    const parsed = new URL(url);
    const host = parsed.hostname || parsed.searchParams.get('host') || 'localhost';
    return `${host}:${parsed.port || parsed.searchParams.get('port') || '5432'}${parsed.pathname}`;
  } catch {
    return 'an address that is not a URL';
  }
}

const CHECK_URL = 'check DATABASE_URL (postgresql://user:password@host:5432/database)';

function reasonAndCure(error: unknown): [reason: string, cure: string, retryable: boolean] {
  const code = codeOf(error);
  switch (code) {
    case 'ECONNREFUSED':
      return [
        'refuses connections',
        `start the server, or ${CHECK_URL}; without DATABASE_URL an embedded PostgreSQL is used`,
        true,
      ];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['has a host name that cannot be resolved', CHECK_URL, code === 'EAI_AGAIN'];
    case 'ENOENT':
      return ['has no socket at this path', CHECK_URL, true];
    case 'ERR_INVALID_URL':
      return ['cannot be understood', CHECK_URL, false];
    case '28P01':
    case '28000':
      return [
        'refuses this user or password',
        'check user and password in DATABASE_URL and the pg_hba.conf of the server',
        false,
      ];
    case '3D000':
      return ['has no such database', 'create it (`createdb NAME`), or name another one in DATABASE_URL', false];
    case '53300':
      return [
        'has no free connection',
        'raise max_connections, or stop what holds them (select * from pg_stat_activity)',
        true,
      ];
    case '57P03':
      return ['is starting up or shutting down', 'wait a moment and try again', true];
    default:
      return [
        `cannot be reached (${code ?? messageOf(error)})`,
        `is it running, and is the network open? ${CHECK_URL}`,
        true,
      ];
  }
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  // Node tries IPv6 and IPv4 and wraps both failures; the first one tells enough.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
