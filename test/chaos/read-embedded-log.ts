import type { DatabaseForTests } from '#testkit';
import type { LogRecord } from './checker.mjs';

interface LogRow {
  readonly [column: string]: unknown;
  readonly partition: number;
  readonly log_offset: string;
  readonly append_time: string;
  readonly value: Buffer | null;
  readonly headers: LogRecord['headers'] | null;
}

/** Every record of the log that is kept in the database, as it lies there. */
export async function readEmbeddedLog(database: Pick<DatabaseForTests, 'query'>): Promise<LogRecord[]> {
  const rows = await database.query<LogRow>('select partition, log_offset, append_time, value, headers from log');
  return rows.map(({ partition, log_offset, append_time, value, headers }) => ({
    partition,
    offset: Number(log_offset),
    appendTime: Number(append_time),
    value: value === null || value.length === 0 ? null : value.toString(),
    headers: headers ?? {},
  }));
}
