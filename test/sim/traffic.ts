import { formatInstant } from '#core';
import { HEADER_HISTORICAL, type StreamHeaders } from '#engine';
import type { Random } from './random.js';

/** A record as a client writes it. */
export interface Call {
  readonly key: string | null;
  readonly value: string;
  readonly headers: StreamHeaders;
  readonly misplaced: boolean;
}

const CUSTOMERS = ['ann', 'ben', 'cleo', 'dora', 'eve', 'fay', 'gus'];
const THINGS = ['p1', 'p2'];
const MINUTE = 60_000;

/** What a small shop's clients write; each call is made at the instant it is asked for. */
export class Traffic {
  private readonly sent: Call[] = [];
  private number = 0;

  constructor(private readonly random: Random) {}

  next(now: number): Call {
    const { random } = this;
    const call = random.chance(0.15) && this.sent.length > 0 ? random.pick(this.sent.slice(-12)) : this.fresh(now);
    this.sent.push(call);
    return { ...call, misplaced: random.chance(0.1) };
  }

  private fresh(now: number): Call {
    const { random } = this;
    const n = this.number++;
    if (random.chance(0.02)) return { key: random.pick(CUSTOMERS), value: 'no json', headers: {}, misplaced: false };
    const lateMs = random.chance(0.1) ? random.pick([1_000, MINUTE, 20 * MINUTE, 30 * 60 * MINUTE]) : 0;
    const timestamp = formatInstant(now - lateMs);
    if (random.chance(0.12)) {
      const properties = { thing: random.pick(THINGS) };
      const value = JSON.stringify({ type: 'track', event: 'Restocked', messageId: `m${n}`, timestamp, properties });
      return { key: null, value, headers: {}, misplaced: false };
    }
    const customer = random.pick(CUSTOMERS);
    const event = random.pick([
      'Ping',
      'Ping',
      'Cart',
      'Cart',
      'Order',
      'View',
      'Wished',
      'Liked',
      'Unwished',
      'Other',
    ]);
    const properties = { id: `i${n}`, cart: random.pick(['a', 'b', 'c', 'd']), thing: random.pick(THINGS) };
    const call = { type: 'track', event, userId: customer, messageId: `m${n}`, timestamp, properties };
    const headers: StreamHeaders = random.chance(0.03) ? { [HEADER_HISTORICAL]: '1' } : {};
    return { key: customer, value: JSON.stringify(call), headers, misplaced: false };
  }
}
