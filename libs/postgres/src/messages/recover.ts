import type { Clock } from '#engine';
import { int4Array, uuidArray } from '../binary/binary-arrays.js';
import { clockParameters } from '../connect/clock-parameters.js';
import { type DayPartitions, dayOfMessage } from '../connect/day-partitions.js';
import type { PostgresPool } from '../connect/postgres-pool.js';
import { CLOSE_UNKNOWN, EXPIRED, REPLAN } from './outcome-statements.js';
import { FORGET_WORKERS } from './worker-presence.js';

interface ExpiredRow {
  readonly message_id: string;
  readonly state: number;
  readonly category: string;
  readonly channel: string | null;
}

const PERMITTED = 2;
/** Channel of the calls of `webhook` steps: their receiver knows copies by the id, so they are made again. */
const CALL = 'webhook';

export interface RecoverRequest {
  readonly resendCategories: readonly string[];
  /** Workers that nobody sees any more. */
  readonly gone: readonly number[];
  /** Those of them that were gone at the look before, too. */
  readonly goneForGood: readonly number[];
}

/**
 * Judges leases that ran out, and what those hold who are gone. A reserved message was never at the point of no return and is planned again; a permitted
 * one may have been accepted, and only categories that would rather send twice than never are planned again.
 */
export async function recoverExpired(
  pool: PostgresPool,
  clock: Clock,
  days: DayPartitions,
  { resendCategories, gone, goneForGood }: RecoverRequest,
): Promise<{ replanned: number; unknown: number }> {
  let commitDays: () => void = () => undefined;
  const counts = await pool.transaction(async (session) => {
    const { rows } = await session.run<ExpiredRow>(EXPIRED, [int4Array(gone), int4Array(goneForGood)]);
    const isUnknown = (row: ExpiredRow) =>
      row.state === PERMITTED && row.channel !== CALL && !resendCategories.includes(row.category);
    const unknown = rows.filter(isUnknown).map((row) => row.message_id);
    const replanned = rows.filter((row) => !isUnknown(row)).map((row) => row.message_id);
    const within = days.within(session);
    commitDays = within.committed;
    await within.ensure('message', unknown.map(dayOfMessage));
    if (replanned.length > 0) await session.run(REPLAN, [uuidArray(replanned)]);
    if (unknown.length > 0) await session.run(CLOSE_UNKNOWN, [uuidArray(unknown), ...clockParameters(clock)]);
    if (goneForGood.length > 0) await session.run(FORGET_WORKERS, [int4Array(goneForGood)]);
    return { replanned: replanned.length, unknown: unknown.length };
  });
  commitDays();
  return counts;
}
