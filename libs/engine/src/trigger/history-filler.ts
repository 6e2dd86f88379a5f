import {
  applyEvent,
  newCustomerState,
  noEffects,
  readEvent,
  readItemEvent,
  type CustomerState,
  type Rulesets,
} from '#core';
import type { EventHistory, HistoryRow } from '../ports/event-history.js';
import type { PartitionStore } from '../ports/partition-store.js';
import { realNow } from '../real-time.js';
import type { JobPace } from './job-pace.js';
import type { Entry } from './record-intake.js';

export interface FilledCustomer {
  readonly customerId: string;
  /** null: only her state is known, and it names her. */
  readonly customer: string | null;
  /** What all her recorded events come to; null: there are none. */
  readonly replayed: CustomerState | null;
}

export interface FillChunk {
  readonly customers: readonly FilledCustomer[];
  /** null: nobody is left. */
  readonly cursor: string | null;
}

export interface FillRequest {
  readonly cursor: string;
  /** Whether anything is to be filled at all: else nobody's events are read. */
  readonly replays: boolean;
  /** Where the partition stands: recorded events before it count. */
  readonly nextOffset: number;
  readonly rulesets: Rulesets;
}

/**
 * Goes through the customers of a partition, those included of whom only the history knows, and replays what they did.
 * The recorder works beside the engine: whoever did something that it may not have written yet has her turn later.
 */
export class HistoryFiller {
  private readonly decoder = new TextDecoder();
  /** Everything before it has to be recorded. */
  private base = 0;
  /** Offset of the latest event of those to whom something happened since. */
  private readonly touched = new Map<string, number>();
  private lookedAt = -Infinity;

  constructor(
    private readonly place: { readonly stream: string; readonly partition: number },
    private readonly store: PartitionStore,
    private readonly history: EventHistory | null,
    private readonly pace: JobPace,
  ) {}

  get hasHistory(): boolean {
    return this.history !== null;
  }

  begin(nextOffset: number): void {
    this.base = nextOffset;
    this.touched.clear();
  }

  /** These were committed. */
  note(entries: readonly Entry[]): void {
    for (const { asks, offset } of entries) if (asks.kind === 'event') this.touched.set(asks.customerId, offset);
  }

  /** null: the recorder is behind; try again in a while. */
  async next({ cursor, replays, nextOffset, rulesets }: FillRequest): Promise<FillChunk | null> {
    if (replays && !(await this.isRecorded())) return null;
    const known = await this.customersAfter(cursor);
    const late = replays ? known.customers.findIndex(({ customerId }) => this.touched.has(customerId)) : -1;
    const ready = late < 0 ? known.customers : known.customers.slice(0, late);
    if (ready.length === 0 && late === 0) {
      this.lookedAt = realNow();
      return null;
    }
    const ids = ready.map(({ customerId }) => customerId);
    const states = replays ? await this.replay(ids, nextOffset, rulesets) : new Map<string, CustomerState>();
    const customers = ready.map((each) => ({ ...each, replayed: states.get(each.customerId) ?? null }));
    return { customers, cursor: late < 0 && !known.areMore ? null : ids.at(-1)! };
  }

  private async isRecorded(): Promise<boolean> {
    if (realNow() - this.lookedAt < this.pace.waitMs) return false;
    const recorded = await this.history!.position(this.place.partition);
    for (const [customerId, offset] of this.touched) if (offset < recorded) this.touched.delete(customerId);
    if (recorded < this.base) this.lookedAt = realNow();
    return recorded >= this.base;
  }

  private async customersAfter(
    cursor: string,
  ): Promise<{ customers: Omit<FilledCustomer, 'replayed'>[]; areMore: boolean }> {
    const { partition } = this.place;
    const { chunk } = this.pace;
    const stored = await this.store.customersAfter(partition, cursor, chunk);
    const recorded = (await this.history?.customersAfter(partition, cursor, chunk)) ?? [];
    const byId = new Map<string, string | null>(stored.map((customerId) => [customerId, null]));
    for (const { customerId, customer } of recorded) byId.set(customerId, customer);
    const customers = [...byId].map(([customerId, customer]) => ({ customerId, customer }));
    customers.sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
    const areMore = stored.length === chunk || recorded.length === chunk;
    return { customers: customers.slice(0, chunk), areMore: areMore || customers.length > chunk };
  }

  /** As imported history: it counts and keeps, and starts nothing. */
  private async replay(
    ids: readonly string[],
    before: number,
    rulesets: Rulesets,
  ): Promise<ReadonlyMap<string, CustomerState>> {
    const states = new Map<string, CustomerState>();
    const clocks = new Map<string, number>();
    for await (const row of this.history!.eventsOf(this.place.partition, ids, before)) {
      const clock = Math.max(clocks.get(row.customerId) ?? -Infinity, row.appendTime);
      clocks.set(row.customerId, clock);
      let state = states.get(row.customerId);
      if (state === undefined) states.set(row.customerId, (state = newCustomerState(row.customer)));
      this.apply(rulesets, state, row, clock);
    }
    return states;
  }

  private apply(rulesets: Rulesets, state: CustomerState, row: HistoryRow, clock: number): void {
    const fallbackId = `${this.place.stream}/${this.place.partition}/${row.offset}`;
    const json: unknown = JSON.parse(this.decoder.decode(row.value));
    const position = { append: row.appendTime, fallbackId, historical: true };
    // What is about a thing is of nobody, whomever it names.
    if (readItemEvent(json, position, rulesets.current.items) !== null) return;
    const reading = readEvent(json, position);
    if (!reading.ok) return;
    try {
      applyEvent(rulesets, state, reading.event, clock, noEffects());
    } catch {
      // Parked when it came: what cannot be evaluated was counted by nobody.
    }
  }
}
