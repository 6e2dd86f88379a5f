import { setTimeout as pause } from 'node:timers/promises';
import type { SteppedClock } from '#hosting';
import type { Standalone } from '../start-standalone.js';
import type { TrackedStream } from './tracked-stream.js';

/** One call of a recording and the instant at which it reaches the stream, ms. */
export interface ReplayedCall {
  readonly at: number;
  readonly call: { readonly [name: string]: unknown };
}

/** Puts calls into the stream; resolves when they are there and the tracked stream knows it. */
export type SendCalls = (calls: readonly ReplayedCall[]) => Promise<void>;

/** Calls of one request at most. */
const BATCH = 500;
const LOOK_MS = 2;

/** The collector did not take what was replayed. */
export class ReplayError extends Error {
  readonly code = 'replay';
  readonly retryable = false;
}

/**
 * Replays a recording through a running Kairos in virtual time: over HTTP (or as `send` does it), through the stream, the
 * engine and delivery.
 * The clock steps from instant to instant, and at each: all events, then timers, then delivery. Needs a standalone whose
 * clock is stepped, whose stream is tracked and whose delivery works only when it is told.
 */
export class Replay {
  constructor(
    private readonly standalone: Standalone,
    private readonly clock: SteppedClock,
    private readonly stream: TrackedStream,
    private readonly send: SendCalls = overHttp(standalone),
    /** Calls that do not reach the stream with others of their instant, but by a way of their own. */
    private readonly goesAlone: (call: ReplayedCall) => boolean = () => false,
  ) {}

  /** Calls in the order of their instants. @param onInstant told of each instant that was worked through */
  async run(
    calls: readonly ReplayedCall[],
    onInstant: (instant: number, calls: number) => void = () => undefined,
  ): Promise<void> {
    for (let from = 0; from < calls.length;) {
      const { at } = calls[from]!;
      let to = from + 1;
      while (to < calls.length && calls[to]!.at <= at && !this.isAlone(calls[to]!) && !this.isAlone(calls[from]!)) to++;
      await this.advanceTo(at);
      await this.clock.stepTo(at);
      for (let i = from; i < to; i += BATCH) await this.send(calls.slice(i, Math.min(to, i + BATCH)));
      await this.applied();
      onInstant(at, to - from);
      from = to;
    }
  }

  private isAlone(call: ReplayedCall): boolean {
    return this.isOfThing(call) || this.goesAlone(call);
  }

  /** It takes a way of its own to all partitions: what stands behind it must not overtake it. */
  private isOfThing({ call }: ReplayedCall): boolean {
    const items = this.standalone.loaded.workspace.events?.items ?? {};
    return call['type'] === 'track' && typeof call['event'] === 'string' && Object.hasOwn(items, call['event']);
  }

  /** Lets everything act that is due before `instant`; the clock stands at the last of it. */
  async advanceTo(instant: number): Promise<void> {
    await this.engineReady();
    const { engine, delivery, backbone } = this.standalone;
    for (;;) {
      // A tick of the engine's own may be evaluated and not committed: its timers are gone and its messages not there yet.
      await this.applied();
      const timer = engine.nextTimer;
      const due = (await backbone.ledger.nextDue()) ?? Infinity;
      const next = Math.min(timer?.at ?? Infinity, due);
      if (next >= instant) return;
      if (timer !== null && timer.at <= next) {
        // A timer acts when the stream has passed its instant, so by a record one millisecond later.
        await this.clock.stepTo(timer.at + 1);
        await engine.appendTicks([timer.partition]);
      } else {
        await this.clock.stepTo(next);
        await delivery.worker.deliverDue();
      }
    }
  }

  /** Everything that was appended is committed by the engine, and what that or delivery told the stream as well. */
  private async applied(): Promise<void> {
    const { engine, backbone } = this.standalone;
    for (;;) {
      await this.appendedIsApplied();
      if ((await backbone.partitions.partitionsWithOutbox(engine.ownedPartitions)).length === 0) return;
      await engine.lookAtOutboxes();
      await pause(LOOK_MS);
    }
  }

  private async appendedIsApplied(): Promise<void> {
    const { engine } = this.standalone;
    while (!engine.isSettled || !this.stream.isApplied((partition) => engine.appliedOffset(partition))) {
      const [trouble] = engine.troubles.values();
      if (trouble !== undefined) throw new ReplayError(trouble);
      await pause(LOOK_MS);
    }
  }

  private async engineReady(): Promise<void> {
    const { engine, backbone } = this.standalone;
    const partitions = await backbone.stream.partitionCount();
    const owned = (): boolean =>
      Array.from({ length: partitions }, (_, partition) => engine.appliedOffset(partition)).every(
        (offset) => offset !== null,
      );
    while (!owned()) await pause(LOOK_MS);
  }
}

/** As clients send them. */
export function overHttp({ collectorUrl, backbone }: Standalone): SendCalls {
  const authorization = `Basic ${Buffer.from(`${backbone.writeKey}:`).toString('base64')}`;
  return async (calls) => {
    const response = await fetch(`${collectorUrl}/v1/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ batch: calls.map(({ call }) => call) }),
    });
    if (!response.ok) throw new ReplayError(`the collector answered ${response.status}: ${await response.text()}`);
  };
}
