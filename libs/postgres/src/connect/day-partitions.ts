import type { Session } from './postgres-pool.js';

export type DailyTable = 'message' | 'message_outcome' | 'run_trace' | 'event_history';

const DAY_MS = 86_400_000;
const ENSURE = {
  name: 'ensure_days',
  text: `select ensure_days($1, array(select date '1970-01-01' + d from unnest($2::int[]) d))`,
};

/** Days since 1970 UTC of an instant in ms. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** Days since 1970 UTC: the first 4 bytes of a message's id. */
export function dayOfMessage(messageId: string): number {
  return Number.parseInt(messageId.slice(0, 8), 16) | 0;
}

/**
 * Makes the partitions that rows are about to need, the first time this process meets a day: nobody has to run ahead of
 * the calendar, a late day is no special case, and a demonstration of another year works like today.
 */
export class DayPartitions {
  private readonly known = new Set<string>();

  /** Outside of a transaction, or alone in one. */
  async ensure(session: Session, table: DailyTable, days: Iterable<number>): Promise<void> {
    const within = this.within(session);
    await within.ensure(table, days);
    within.committed();
  }

  /** Inside a transaction: what it made counts as known only when `committed` was called. */
  within(session: Session): { ensure(table: DailyTable, days: Iterable<number>): Promise<void>; committed(): void } {
    const made: string[] = [];
    return {
      ensure: async (table, days) => {
        const missing = [...new Set(days)].filter((day) => !this.known.has(`${table} ${day}`));
        if (missing.length === 0) return;
        await session.run(ENSURE, [table, `{${missing.join(',')}}`]);
        for (const day of missing) made.push(`${table} ${day}`);
      },
      committed: () => {
        for (const key of made) this.known.add(key);
      },
    };
  }
}
