import { StoreError } from '#engine';

/**
 * What the driver threw, as the ports promise it. Retryable: the server or the connection is gone, somebody else was in
 * the way, or it took too long. Not retryable: what would fail again the same way.
 */
export function asStoreError(what: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const state = sqlStateOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (state === null)
    return new StoreError(`${what}: the connection to PostgreSQL broke (${reason})`, 'postgres_connection', true, {
      cause: error,
    });
  return new StoreError(`${what}: PostgreSQL refused (${state}: ${reason})`, 'postgres_refused', isTransient(state), {
    cause: error,
  });
}

/** SQLSTATE of an answer of the server, also inside a `StoreError`; null where there was no answer. */
export function sqlStateOf(error: unknown): string | null {
  return serverAnswer(error)?.code ?? null;
}

/**
 * True when the server answered that this transaction failed, so that it surely did not commit. A broken connection
 * and a terminated session (FATAL) say nothing about what was on its way.
 */
export function surelyRolledBack(error: unknown): boolean {
  return serverAnswer(error)?.severity === 'ERROR';
}

function serverAnswer(error: unknown): { code: string; severity: string } | null {
  if (error instanceof StoreError) return serverAnswer(error.cause);
  if (typeof error !== 'object' || error === null || !('code' in error) || !('severity' in error)) return null;
  return { code: String(error.code), severity: String(error.severity) };
}

function isTransient(state: string): boolean {
  return (
    // Connection, resources, operator's intervention (shutdown, timeouts of a statement), rollback for others' sake.
    ['08', '53', '57', '58', '40'].includes(state.slice(0, 2)) ||
    // Lock not available, idle session cut while in a transaction.
    ['55P03', '25P03'].includes(state)
  );
}
