import { setTimeout as pause } from 'node:timers/promises';
import type { InputEvent } from './checker.mjs';
import type { SentCall, ShopClient } from './shop-client.js';
import type { ScheduledCall, Visit } from './traffic.js';

const BATCH = 100;

/** Traffic on its way: what was sent, and what of it was acknowledged. */
export class TrafficUnderWay {
  readonly input: (InputEvent & { acknowledged: boolean })[] = [];
  acknowledged = 0;
  /** Resolves when all is acknowledged; rejects when a client was closed before. */
  readonly done: Promise<void>;

  /** Each lane sends one batch after the other, so that the calls of a customer stay in order. */
  constructor(lanes: readonly { readonly client: ShopClient; readonly visits: readonly Visit[] }[]) {
    const beginning = Date.now();
    this.done = Promise.all(lanes.map(({ client, visits }) => this.drive(client, visits, beginning))).then(
      () => undefined,
    );
    // Whoever awaits it hears of a failure.
    this.done.catch(() => undefined);
  }

  private async drive(client: ShopClient, visits: readonly Visit[], beginning: number): Promise<void> {
    const calls = visits.flatMap((visit) => visit.calls).sort((a, b) => a.at - b.at);
    for (let next = 0; next < calls.length;) {
      const wait = beginning + calls[next]!.at - Date.now();
      if (wait > 0) await pause(wait);
      // By one reading of the clock: were it to go on in between, a call could be left out and a later one go before it.
      const elapsed = Date.now() - beginning;
      const due = calls.slice(next, next + BATCH).filter((call) => call.at <= elapsed);
      if (due.length === 0) continue;
      await this.sendAll(client, due, beginning);
      next += due.length;
    }
  }

  private async sendAll(client: ShopClient, calls: readonly ScheduledCall[], beginning: number): Promise<void> {
    const sent = calls.map(({ happened, call }): SentCall => ({
      ...call,
      timestamp: new Date(beginning + happened).toISOString(),
    }));
    const entries = sent.map((call) => ({ ...call, acknowledged: false }));
    this.input.push(...entries);
    await client.send(
      sent,
      calls.map(({ misplaced }) => misplaced),
    );
    for (const entry of entries) entry.acknowledged = true;
    this.acknowledged += entries.length;
  }
}
