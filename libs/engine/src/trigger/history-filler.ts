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
import { customersAsked } from './read-record.js';
import type { Entry } from './record-intake.js';

/** Customers whose events are asked for at once. */
const REPLAYED = 100;

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
    for (const { asks, offset } of entries)
      for (const customerId of customersAsked(asks)) this.touched.set(customerId, offset);
  }

  /** null: the recorder is behind; try again in a while. */
  async next({ cursor, replays, nextOffset, rulesets }: FillRequest): Promise<FillChunk | null> {
    if (replays && !(await this.isRecorded())) return null;
    const known = await this.customersAfter(cursor, replays ? Math.min(this.pace.chunk, REPLAYED) : this.pace.chunk);
    const late = replays ? known.customers.findIndex(({ customerId }) => this.touched.has(customerId)) : -1;
    const ready = late < 0 ? known.customers : known.customers.slice(0, late);
    if (ready.length === 0 && late === 0) {
      this.lookedAt = realNow();
      return null;
    }
    const areAll = late < 0 && !known.areMore;
    if (!replays || ready.length === 0) return chunkOf(ready, new Map(), areAll);
    const { states, upTo } = await this.replay(ready, nextOffset, rulesets);
    const done = upTo === null ? ready : ready.filter(({ customerId }) => customerId <= upTo);
    return chunkOf(done, states, areAll && done.length === ready.length);
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
    chunk: number,
  ): Promise<{ customers: Omit<FilledCustomer, 'replayed'>[]; areMore: boolean }> {
    const { partition } = this.place;
    const stored = await this.store.customersAfter(partition, cursor, chunk);
    const recorded = (await this.history?.customersAfter(partition, cursor, chunk)) ?? [];
    const byId = new Map<string, string | null>(stored.map((customerId) => [customerId, null]));
    for (const { customerId, customer } of recorded) byId.set(customerId, customer);
    const customers = [...byId].map(([customerId, customer]) => ({ customerId, customer }));
    customers.sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
    const areMore = stored.length === chunk || recorded.length === chunk;
    return { customers: customers.slice(0, chunk), areMore: areMore || customers.length > chunk };
  }

  /** As imported history: it counts and keeps, and starts nothing. `upTo`: nobody behind this customer, it was enough. */
  private async replay(
    customers: readonly { readonly customerId: string }[],
    before: number,
    rulesets: Rulesets,
  ): Promise<{ states: ReadonlyMap<string, CustomerState>; upTo: string | null }> {
    const range = { first: customers[0]!.customerId, last: customers.at(-1)!.customerId };
    const states = new Map<string, CustomerState>();
    let [clock, events, latest] = [-Infinity, 0, ''];
    for await (const row of this.history!.eventsOf(this.place.partition, range, before)) {
      if (row.customerId !== latest) {
        if (events >= this.pace.events) return { states, upTo: latest };
        latest = row.customerId;
        clock = -Infinity;
        states.set(latest, newCustomerState(row.customer));
      }
      events++;
      clock = Math.max(clock, row.appendTime);
      this.apply(rulesets, states.get(latest)!, row, clock);
    }
    return { states, upTo: null };
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

function chunkOf(
  customers: readonly Omit<FilledCustomer, 'replayed'>[],
  states: ReadonlyMap<string, CustomerState>,
  areAll: boolean,
): FillChunk {
  return {
    customers: customers.map((each) => ({ ...each, replayed: states.get(each.customerId) ?? null })),
    cursor: areAll ? null : customers.at(-1)!.customerId,
  };
}
