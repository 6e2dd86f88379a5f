import { LogTruncatedError, StoreError, StreamLayoutError } from '#engine';

/** SQLSTATE classes after which the same statement may work later: connection, resources, operator, lock, rollback. */
const PASSING = /^(08|40|53|55|57|58)/;

/** Whatever pg threw, as a `StoreError` (errors of ours pass unchanged). */
export function postgresError(what: string, thrown: unknown): Error {
  if (thrown instanceof StoreError || thrown instanceof LogTruncatedError || thrown instanceof StreamLayoutError)
    return thrown;
  const { code, message } = thrown as { code?: unknown; message?: string };
  // Errors of the network have no SQLSTATE.
  const sqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
  const retryable = sqlState === null || PASSING.test(sqlState);
  return new StoreError(
    `${what}: ${message ?? String(thrown)}`,
    retryable ? 'stream_unavailable' : 'stream_refused',
    retryable,
    { cause: thrown },
  );
}
