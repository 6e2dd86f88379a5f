import { customerIdOf, partitionFor, readEvent, readItemEvent, type ItemEvent, type ItemProperties } from '#core';
import { LogTruncatedError } from '../errors.js';
import { NOBODYS_ID, type ErasedInHistory, type EventHistory, type HistoryRow } from '../ports/event-history.js';
import {
  HEADER_HISTORICAL,
  HEADER_KIND,
  type EventStream,
  type OwnershipListener,
  type PartitionFeed,
  type StreamMembership,
  type StreamRecord,
} from '../ports/event-stream.js';
import type { Log } from '../ports/observer.js';
import { readErase } from '../trigger/erase-record.js';
import { HEADER_APPEND, HEADER_EMITS, HEADER_ID, KIND_ERASE, KIND_FORWARD } from '../trigger/record-headers.js';
import { realNow } from '../real-time.js';

export interface HistoryRecorderOptions {
  /** The event stream, read by a group of its own. */
  readonly stream: EventStream;
  readonly history: EventHistory;
  /** Which events are about things, asked with each batch: none is recorded by what held before it was published. */
  readonly items: { read(): Promise<ItemProperties> };
  readonly log: Log;
  /** Days that are kept. */
  readonly keptDays: number;
  readonly clock: { now(): number };
}

const DAY_MS = 86_400_000;
const RETRY_MS = 2_000;
/** Old days are looked for this often, real ms. */
const SWEEP_MS = 3_600_000;

/**
 * Writes the history of events: what a customer sent, where she is at home, what happened to things, where it came into
 * the stream, and nothing of Kairos' own. It lags behind when the database is slow, and the engine does not wait for it.
 */
export class HistoryRecorder implements OwnershipListener {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private readonly running = new Set<Promise<void>>();
  private readonly wakes = new Map<PartitionFeed, () => void>();
  private membership: StreamMembership | null = null;
  private partitions = 0;
  private stopping = false;
  private swept = -Infinity;

  constructor(private readonly use: HistoryRecorderOptions) {}

  async start(): Promise<void> {
    this.partitions = await this.use.stream.partitionCount();
    this.membership = await this.use.stream.own(this);
  }

  /** Finishes the rows in hand, then leaves the group. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const wake of this.wakes.values()) wake();
    await Promise.all(this.running);
    await this.membership?.leave();
  }

  assigned(feed: PartitionFeed): void {
    const run: Promise<void> = this.own(feed).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  revoked(feed: PartitionFeed): void {
    this.wakes.get(feed)?.();
  }

  private async own(feed: PartitionFeed): Promise<void> {
    while (feed.current && !this.stopping) {
      try {
        await this.record(feed);
      } catch (error) {
        if (error instanceof LogTruncatedError) {
          await this.goOnAt(feed.partition, error);
          continue;
        }
        this.use.log.warn('the history of events stands still, it will be tried again', {
          partition: feed.partition,
          error: error instanceof Error ? error.message : String(error),
        });
        await this.pause(feed, RETRY_MS);
      }
    }
    this.wakes.delete(feed);
  }

  private async record(feed: PartitionFeed): Promise<void> {
    const { history } = this.use;
    await feed.seek(await history.position(feed.partition));
    feed.onAvailable(() => this.wakes.get(feed)?.());
    while (feed.current && !this.stopping) {
      const batch = feed.poll();
      if (batch === null) {
        await this.pause(feed, null);
        continue;
      }
      const items = await this.use.items.read();
      const { rows, erased } = this.read(feed.partition, batch.records, items);
      await history.append(feed.partition, rows, batch.nextOffset, erased);
      await this.sweep();
    }
  }

  /** The log forgot what was not recorded yet. The engine stops there; a history with a gap is better than none. */
  private async goOnAt(partition: number, { expected, start }: LogTruncatedError): Promise<void> {
    const lost = { partition, from: expected, to: start };
    this.use.log.error('the log dropped events before they were recorded: the history has a gap', lost);
    await this.use.history.append(partition, [], start);
  }

  /** What is to be written of a batch; what the erased had sent before is not. */
  private read(
    partition: number,
    records: readonly StreamRecord[],
    items: ItemProperties,
  ): { rows: HistoryRow[]; erased: ErasedInHistory[] } {
    let rows: HistoryRow[] = [];
    const erased: ErasedInHistory[] = [];
    for (const record of records) {
      const asked = record.headers?.[HEADER_KIND] === KIND_ERASE ? readErase(record) : null;
      if (asked === null) {
        const row = this.rowOf(partition, record, items);
        if (row !== null) rows.push(row);
        continue;
      }
      const { at } = asked;
      const one = { customerId: customerIdOf(asked.id), at, until: Math.max(at, record.appendTime) };
      const isCopy = erased.some(({ customerId, until }) => customerId === one.customerId && until >= at);
      if (isCopy) continue;
      erased.push(one);
      rows = rows.filter(
        (row) => row.customerId !== one.customerId || Math.min(row.appendTime, row.eventTime) > one.until,
      );
    }
    return { rows, erased };
  }

  /** null: not an event, not readable, or at home elsewhere, where its forwarded copy is recorded. */
  private rowOf(partition: number, record: StreamRecord, items: ItemProperties): HistoryRow | null {
    const { headers, value, offset } = record;
    const kind = headers?.[HEADER_KIND];
    if (value === null || value.length === 0 || (kind !== undefined && kind !== KIND_FORWARD)) return null;
    // What a rule emitted stays its own, also where it had to be forwarded.
    if (headers?.[HEADER_EMITS] !== undefined) return null;
    const forwarded = kind === KIND_FORWARD;
    const appendTime = forwarded ? Number(headers?.[HEADER_APPEND]) : record.appendTime;
    if (!Number.isSafeInteger(appendTime)) return null;
    const historical = headers?.[HEADER_HISTORICAL] !== undefined;
    const fallbackId = headers?.[HEADER_ID] ?? `${this.use.stream.name}/${partition}/${offset}`;
    let json: unknown;
    try {
      json = JSON.parse(this.decoder.decode(value));
    } catch {
      return null;
    }
    const position = { append: appendTime, fallbackId, historical };
    const kept = { offset, appendTime, historical, value };
    const item = readItemEvent(json, position, items);
    if (item !== null) return item.ok ? { ...kept, ...ofThing(item.event) } : null;
    const reading = readEvent(json, position);
    if (!reading.ok) return null;
    const { customer, type, name, time } = reading.event;
    if (partitionFor(customer, this.partitions) !== partition) return null;
    return { ...kept, eventTime: time, customerId: customerIdOf(customer), customer, type, name };
  }

  private async sweep(): Promise<void> {
    if (realNow() - this.swept < SWEEP_MS) return;
    this.swept = realNow();
    const { history, clock, keptDays, log } = this.use;
    const dropped = await history.dropBefore(Math.floor(clock.now() / DAY_MS) - keptDays);
    if (dropped > 0) log.info('old days of the history of events were dropped', { days: dropped });
  }

  /** Until something arrives or changes; at most `ms` where given. */
  private async pause(feed: PartitionFeed, ms: number | null): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wakes.set(feed, resolve);
      if (ms !== null) timer = setTimeout(resolve, ms);
      if (!feed.current || this.stopping) resolve();
    });
    clearTimeout(timer);
  }
}

function ofThing({ name, time }: ItemEvent) {
  return { eventTime: time, customerId: NOBODYS_ID, customer: '', type: 'track', name } as const;
}
