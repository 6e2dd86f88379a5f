import { customerIdOf, readEvent } from '#core';
import type { EventHistory, HistoryRow } from '../../ports/event-history.js';
import type { StreamRecord } from '../../ports/event-stream.js';

/** The history of one partition in memory, recorded as far as it says whenever it is asked. */
export class ModelHistory implements EventHistory {
  private readonly rows: readonly HistoryRow[];
  private recorded = 0;

  /** @param positions what it answers first, one after the other; then all is recorded */
  constructor(
    records: readonly StreamRecord[],
    private readonly positions: number[],
  ) {
    this.rows = records.flatMap((record) => rowOf(record) ?? []);
  }

  position(): Promise<number> {
    this.recorded = Math.max(this.recorded, this.positions.shift() ?? Infinity);
    return Promise.resolve(this.recorded);
  }

  customersAfter(_partition: number, after: string, limit: number) {
    const found = new Map(this.there.map(({ customerId, customer }) => [customerId, customer]));
    const customers = [...found].map(([customerId, customer]) => ({ customerId, customer }));
    customers.sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
    return Promise.resolve(customers.filter(({ customerId }) => customerId > after).slice(0, limit));
  }

  async *eventsOf(
    _partition: number,
    { first, last }: { readonly first: string; readonly last: string },
    before: number,
  ): AsyncIterable<HistoryRow> {
    await Promise.resolve();
    const rows = this.there.filter(
      ({ customerId, offset }) => customerId >= first && customerId <= last && offset < before,
    );
    yield* rows.sort((a, b) =>
      a.customerId < b.customerId ? -1 : a.customerId > b.customerId ? 1 : a.offset - b.offset,
    );
  }

  append(): Promise<void> {
    throw new Error('nothing is recorded into it');
  }

  dropBefore(): Promise<number> {
    throw new Error('nothing is dropped from it');
  }

  read(): AsyncIterable<never> {
    throw new Error('it is read by customers');
  }

  private get there(): readonly HistoryRow[] {
    return this.rows.filter(({ offset }) => offset < this.recorded);
  }
}

function rowOf({ offset, appendTime, value, headers }: StreamRecord): HistoryRow | null {
  if (headers !== null || value === null) return null;
  const json: unknown = JSON.parse(new TextDecoder().decode(value));
  const reading = readEvent(json, { append: appendTime, fallbackId: '', historical: false });
  if (!reading.ok) return null;
  const { customer, type, name, time } = reading.event;
  const customerId = customerIdOf(customer);
  return { offset, appendTime, eventTime: time, customerId, customer, type, name, historical: false, value };
}
