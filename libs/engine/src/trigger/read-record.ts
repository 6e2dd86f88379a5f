import {
  customerIdOf,
  lookAtEvent,
  partitionFor,
  readEvent,
  readItemEvent,
  type CustomerEvent,
  type EventProblem,
  type ItemEvent,
  type Rulesets,
} from '#core';
import { ClockAheadError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import { HEADER_HISTORICAL, HEADER_KIND, type StreamRecord } from '../ports/event-stream.js';
import { readErase, type Erase } from './erase-record.js';
import { readSuspended, type Suspended } from './suspended-records.js';
import { readHandover, readLink, type Handover, type Link } from './identity-records.js';
import {
  HEADER_APPEND,
  HEADER_EMITS,
  HEADER_HOPS,
  HEADER_ID,
  KIND_EMITTED,
  KIND_ERASE,
  KIND_FORWARD,
  KIND_HANDOVER,
  KIND_ITEM,
  KIND_LINK,
  KIND_RULESET,
  KIND_START,
  KIND_TICK,
  KIND_TIMER,
  MAX_HOPS,
} from './record-headers.js';
import type { DeadLetter, OutboxRecord } from '../ports/partition-store.js';

/** A topic takes 1,048,588 bytes by default; what is forwarded gets headers besides. */
const MAX_FORWARDED_BYTES = 1_000_000;
const MAX_AHEAD_MS = 60_000;
const MAX_REMEMBERED_KEYS = 200_000;

/** What one record asks of this partition. */
export type ReadRecord =
  | { readonly kind: 'nothing' }
  | AskingEvent
  /** An id of this partition is said to be a customer's. */
  | { readonly kind: 'link'; readonly link: Link; readonly customerId: string }
  /** The state of another id comes to a customer of this partition. */
  | { readonly kind: 'handover'; readonly handover: Handover; readonly customerId: string }
  /** A customer of this partition is to be forgotten. */
  | { readonly kind: 'erase'; readonly erase: Erase; readonly customerId: string }
  | { readonly kind: 'forward'; readonly record: OutboxRecord; readonly client: string }
  /** An event about a thing, as it came into the stream: every partition is to get it. */
  | { readonly kind: 'broadcast'; readonly records: readonly OutboxRecord[] }
  /** An event about a thing, for the customers of this partition whose lists hold it. */
  | { readonly kind: 'item'; readonly event: ItemEvent }
  /** From here on this ruleset holds. */
  | { readonly kind: 'ruleset'; readonly number: number }
  /** Those already inside a rule are to be started, as somebody asked. */
  | { readonly kind: 'start'; readonly request: string }
  /** What was suspended for a customer of this partition goes on. */
  | { readonly kind: 'timer'; readonly suspended: Suspended; readonly hops: number; readonly customerId: string }
  | { readonly kind: 'dead letter'; readonly letter: DeadLetter };

/** An event of a customer of this partition. */
export interface AskingEvent {
  readonly kind: 'event';
  readonly event: CustomerEvent;
  readonly customerId: string;
  /** Where it came into the stream, and how often it was forwarded since. */
  readonly origin: { readonly append: number; readonly hops: number };
  /** Of the other id that it names, where that is at home here too; null: none. */
  readonly otherId: string | null;
  /** Nobody wants to know but who she is: what it says of two ids. */
  readonly onlyIds: boolean;
  /** Stands for the two ids (`EventLook.pair`); 0: it names one. */
  readonly pair: number;
}

const NOTHING: ReadRecord = { kind: 'nothing' };

/** Where a record came into the stream: here, or where it was forwarded from. */
interface Origin {
  readonly append: number;
  readonly id: string;
  readonly hops: number;
}

/** Reads the records of one partition: looks before it parses, since most events concern no rule. */
export class RecordReader {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private readonly homes = new Map<string, { readonly customerId: string; readonly partition: number }>();
  /** Offset → whom the record is about. */
  private readonly poisoned = new Map<number, readonly string[]>();
  /** Pairs of ids that have been seen, as many as fit: most events of somebody known name her device too. */
  private readonly pairs = new Set<number>();

  /** @param place which partition of how many, and of which stream */
  constructor(
    private readonly place: { readonly stream: string; readonly partition: number; readonly partitions: number },
    private rulesets: Rulesets,
    private readonly clock: Clock,
  ) {}

  /** The engine's clock, ms: for `read`, asked once for many records. */
  now(): number {
    return this.clock.now();
  }

  /** What is read from now on is looked at for these. */
  goBy(rulesets: Rulesets): void {
    this.rulesets = rulesets;
  }

  /**
   * From now on the record at this offset is a dead letter: the core threw on it.
   * @param holds UUID texts of the customers whose event it is
   */
  park(offset: number, holds: readonly string[] = NOBODY): void {
    this.poisoned.set(offset, holds);
  }

  /**
   * What is returned shares nothing with the buffer the record came in, dead letters and forwarded records excepted.
   *
   * @param now the engine's clock, ms: only to notice a log that lies in the future
   * @throws ClockAheadError when the record was appended more than 60 s ahead of it
   */
  read(record: StreamRecord, now: number): ReadRecord {
    const { appendTime, headers, value, offset } = record;
    if (appendTime > now + MAX_AHEAD_MS) throw new ClockAheadError(this.place.partition, appendTime - now);
    const kind = headers?.[HEADER_KIND];
    if (kind === KIND_TICK) return NOTHING;
    if (kind === KIND_RULESET) return this.readRuleset(record);
    if (kind === KIND_LINK || kind === KIND_HANDOVER) return this.readIdentity(record, kind);
    if (kind === KIND_START) return this.readStart(record);
    if (kind === KIND_ERASE) return this.readErase(record);
    if (kind === KIND_TIMER) return this.readTimer(record);
    if (kind !== undefined && kind !== KIND_FORWARD && kind !== KIND_EMITTED && kind !== KIND_ITEM)
      return this.dead(record, 'unknown_kind', `records of kind "${kind}" are not known to this version`);
    if (value === null || value.length === 0) return this.dead(record, 'unreadable', 'the record has no value');
    const look = lookAtEvent(value);
    if (look !== null && !look.profile && !this.rulesets.concerns(look.type, look.name))
      if (look.type !== 'alias' && (look.pair === 0 || this.pairs.has(look.pair))) return NOTHING;
    if (this.poisoned.has(offset)) return this.dead(record, 'poison', 'a rule could not be evaluated on this event');
    return this.readValue(record, value, look?.pair ?? 0);
  }

  /** One that is in force already, or was followed by a later one, asks for nothing: it is sent at least once. */
  private readRuleset(record: StreamRecord): ReadRecord {
    if (this.poisoned.has(record.offset))
      return this.dead(record, 'unknown_ruleset', 'no ruleset of this number was ever published');
    const number = this.jsonOf(record.value)?.['ruleset'];
    if (typeof number !== 'number' || !Number.isSafeInteger(number))
      return this.dead(record, 'unreadable', 'the record of a ruleset has no number');
    return number > this.rulesets.current.number ? { kind: 'ruleset', number } : NOTHING;
  }

  private readStart(record: StreamRecord): ReadRecord {
    if (this.poisoned.has(record.offset))
      return this.dead(record, 'unknown_start', 'nobody asked to start those already inside a rule by this id');
    const request = this.jsonOf(record.value)?.['start'];
    return typeof request === 'string'
      ? { kind: 'start', request }
      : this.dead(record, 'unreadable', 'the record of a start names no request');
  }

  private readTimer(record: StreamRecord): ReadRecord {
    if (this.poisoned.has(record.offset)) return this.dead(record, 'poison', 'what was suspended could not go on');
    const read = readSuspended(record);
    if (read === null) return this.dead(record, 'unreadable', `it is no record of kind "${KIND_TIMER}"`);
    const { hops, ...suspended } = read;
    if (hops > MAX_HOPS) return this.dead(record, 'loop', `ids lead to one another in a circle: ${hops} hops`);
    return { kind: 'timer', suspended, hops, customerId: suspended.customerId };
  }

  private jsonOf(value: Uint8Array | null): { readonly [name: string]: unknown } | null {
    try {
      return JSON.parse(this.decoder.decode(value ?? new Uint8Array(0))) as { readonly [name: string]: unknown } | null;
    } catch {
      return null;
    }
  }

  /** The first `length` of these are committed: pairs of ids among them say nothing new from now on. */
  noteApplied(entries: readonly { readonly asks: ReadRecord }[], length: number): void {
    for (let k = 0; k < length; k++) {
      const { asks } = entries[k]!;
      if (asks.kind !== 'event' || asks.pair === 0) continue;
      if (this.pairs.size >= MAX_REMEMBERED_KEYS) this.pairs.clear();
      this.pairs.add(asks.pair);
    }
  }

  private readIdentity(record: StreamRecord, kind: typeof KIND_LINK | typeof KIND_HANDOVER): ReadRecord {
    if (this.poisoned.has(record.offset)) return this.dead(record, 'poison', 'two ids could not be made one');
    const link = kind === KIND_LINK ? readLink(record) : null;
    const handover = kind === KIND_HANDOVER ? readHandover(record) : null;
    const said = link ?? handover;
    if (said === null) return this.dead(record, 'unreadable', `it is no record of kind "${kind}"`);
    if (said.hops > MAX_HOPS)
      return this.dead(record, 'loop', `ids lead to one another in a circle: ${said.hops} hops`);
    const { customerId } = this.homeOf(link?.id ?? handover!.customer);
    return link === null ? { kind: 'handover', handover: handover!, customerId } : { kind: 'link', link, customerId };
  }

  private readErase(record: StreamRecord): ReadRecord {
    const erase = readErase(record);
    if (erase === null) return this.dead(record, 'unreadable', 'it is no record of kind "erase"');
    if (erase.hops > MAX_HOPS) return this.dead(record, 'loop', 'ids of one customer lead to one another in a circle');
    return { kind: 'erase', erase, customerId: this.homeOf(erase.id).customerId };
  }

  /** Two ids may be two customers again: what named them both may say something new. */
  forgetPairs(): void {
    this.pairs.clear();
  }

  private readValue(record: StreamRecord, value: Uint8Array, pair: number): ReadRecord {
    let json: unknown;
    try {
      json = JSON.parse(this.decoder.decode(value));
    } catch {
      return this.dead(record, 'unreadable', 'the value is not JSON in UTF-8');
    }
    const origin = this.originOf(record);
    if (origin === null) return this.dead(record, 'unreadable', 'its headers are not those of a forwarded record');
    const kind = record.headers?.[HEADER_KIND];
    const historical = record.headers?.[HEADER_HISTORICAL] !== undefined;
    const position = { append: origin.append, fallbackId: origin.id, historical };
    // What a rule emits about a thing is said to its customer alone, as in simulation.
    const emitted = record.headers?.[HEADER_EMITS] !== undefined;
    const item = emitted ? null : readItemEvent(json, position, this.rulesets.current.items);
    if (item !== null)
      return item.ok ? this.hearOfThing(record, value, item.event, origin) : this.unreadable(record, item);
    // A ruleset that knows nothing of such things has come since it was sent to all partitions.
    if (kind === KIND_ITEM) return NOTHING;
    const reading = readEvent(json, position);
    if (!reading.ok) {
      // A record without key that names nobody has its own reason: the producer has to be mended, not the record.
      const nobody = record.key === null && reading.field === 'userId';
      return nobody
        ? this.dead(record, 'no_key', `${reading.field}: ${reading.reason}`)
        : this.unreadable(record, reading);
    }
    const emits = emitsOf(record);
    if (emits === null) return this.dead(record, 'unreadable', 'its headers are not those of an emitted event');
    if (emits > MAX_HOPS)
      return this.dead(record, 'loop', `rules emit events in a circle: this is number ${emits} of the chain`);
    const event = emits === 0 ? reading.event : { ...reading.event, hops: emits };
    const onlyIds = !carriesProfile(event) && !this.rulesets.concerns(event.type, event.name);
    if (onlyIds && (event.other === undefined || (pair !== 0 && this.pairs.has(pair)))) return NOTHING;
    const home = this.homeOf(event.customer);
    if (home.partition !== this.place.partition) return this.forward(record, value, event, origin);
    const other = event.other === undefined ? null : this.homeOf(event.other.id);
    const otherId = other?.partition === this.place.partition ? other.customerId : null;
    const said = { kind: 'event', event, customerId: home.customerId, otherId, onlyIds, pair } as const;
    return { ...said, origin: kind === KIND_EMITTED ? { ...origin, append: saidAt(record) } : origin };
  }

  /** Headers of its own are Kairos' word, and anyone may write to the topic: null where they cannot be true. */
  private originOf({ headers, appendTime, offset }: StreamRecord): Origin | null {
    const kind = headers?.[HEADER_KIND];
    if (headers === null || (kind !== KIND_FORWARD && kind !== KIND_ITEM))
      return { append: appendTime, id: `${this.place.stream}/${this.place.partition}/${offset}`, hops: 0 };
    const [id = '', append, hops] = [headers[HEADER_ID], Number(headers[HEADER_APPEND]), Number(headers[HEADER_HOPS])];
    const plausible = id !== '' && Number.isInteger(hops) && hops > 0 && Number.isInteger(append) && append > 0;
    return plausible && append <= appendTime ? { append, id, hops } : null;
  }

  /**
   * Once into every partition, through the outbox, with its id and time unchanged; each copy says that it is one. What
   * no rule waits for, and imported history, ends here.
   */
  private hearOfThing(record: StreamRecord, value: Uint8Array, event: ItemEvent, origin: Origin): ReadRecord {
    if (event.historical || this.rulesets.current.itemStartsFor(event.name) === undefined) return NOTHING;
    if (record.headers?.[HEADER_KIND] === KIND_ITEM) return { kind: 'item', event };
    if (value.length > MAX_FORWARDED_BYTES)
      return this.dead(record, 'too_large', 'it is about a thing and too large to be sent to every partition');
    const headers = {
      ...record.headers,
      [HEADER_KIND]: KIND_ITEM,
      [HEADER_ID]: event.id,
      [HEADER_APPEND]: String(origin.append),
      [HEADER_HOPS]: '1',
    };
    const records = Array.from({ length: this.place.partitions }, (_, partition) => ({
      recordId: event.id,
      target: { partition },
      value,
      headers,
      hops: 1,
    }));
    return { kind: 'broadcast', records };
  }

  private unreadable(record: StreamRecord, { field, reason }: EventProblem): ReadRecord {
    return this.dead(record, 'unreadable', `${field}: ${reason}`);
  }

  private homeOf(customer: string): { readonly customerId: string; readonly partition: number } {
    let home = this.homes.get(customer);
    if (home === undefined) {
      if (this.homes.size >= MAX_REMEMBERED_KEYS) this.homes.clear();
      home = { customerId: customerIdOf(customer), partition: partitionFor(customer, this.place.partitions) };
      this.homes.set(customer, home);
    }
    return home;
  }

  /** A record that another producer's hash put here goes to its own partition, with its id and time unchanged. */
  private forward(record: StreamRecord, value: Uint8Array, event: CustomerEvent, origin: Origin): ReadRecord {
    const hops = origin.hops + 1;
    if (hops > MAX_HOPS) return this.dead(record, 'loop', `forwarded ${MAX_HOPS} times without finding its partition`);
    if (value.length > MAX_FORWARDED_BYTES)
      return this.dead(record, 'too_large', 'it lies in the wrong partition and is too large to be forwarded');
    const headers: Record<string, string> = {
      ...record.headers,
      [HEADER_KIND]: KIND_FORWARD,
      [HEADER_ID]: event.id,
      [HEADER_APPEND]: String(origin.append),
      [HEADER_HOPS]: String(hops),
    };
    return {
      kind: 'forward',
      record: { recordId: event.id, target: { key: event.customer }, value, headers, hops },
      client: record.headers?.['client'] ?? 'unknown',
    };
  }

  private dead(record: StreamRecord, reason: string, detail: string): ReadRecord {
    return {
      kind: 'dead letter',
      letter: {
        offset: record.offset,
        reason,
        detail,
        key: record.key,
        value: record.value,
        headers: record.headers,
        holds: this.poisoned.get(record.offset) ?? NOBODY,
      },
    };
  }
}

const NOBODY: readonly string[] = [];

/** Customers whose states it may change. */
export function customersAsked(asks: ReadRecord): readonly string[] {
  switch (asks.kind) {
    case 'event':
      return asks.otherId === null ? [asks.customerId] : [asks.customerId, asks.otherId];
    case 'link':
    case 'handover':
    case 'erase':
    case 'timer':
      return [asks.customerId];
    default:
      return NOBODY;
  }
}

/** When the rule emitted it: it may have waited for its way into the stream. */
function saidAt({ headers, appendTime }: StreamRecord): number {
  const since = Number(headers?.[HEADER_APPEND] ?? NaN);
  return Number.isSafeInteger(since) ? Math.min(since, appendTime) : appendTime;
}

/** 0: it came from outside. null: a header that no rule has written. */
function emitsOf({ headers }: StreamRecord): number | null {
  const said = headers?.[HEADER_EMITS];
  if (said === undefined) return headers?.[HEADER_KIND] === KIND_EMITTED ? null : 0;
  const emits = Number(said);
  return Number.isInteger(emits) && emits > 0 ? emits : null;
}

/** Traits, consent and tokens count whatever call carries them. */
function carriesProfile({ traits, consent, pushToken }: CustomerEvent): boolean {
  return traits !== null || consent !== null || pushToken !== null;
}
