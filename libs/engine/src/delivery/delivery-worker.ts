import type { Carrier } from '#core';
import type { SendResult } from '../ports/channel-provider.js';
import type { Clock } from '../ports/clock.js';
import type {
  CloseWrite,
  DecideClaim,
  MessageLedger,
  OutcomeEvent,
  Presence,
  ReservedMessage,
} from '../ports/message-ledger.js';
import type { Log } from '../ports/observer.js';
import { TemplateError } from '../ports/template-renderer.js';
import { Grouped } from './grouped.js';
import type { SuppressedAddress } from './suppressed-addresses.js';
import { ClaimSize } from './claim-size.js';
import { retryAt } from './retry-schedule.js';
import { wayOf, waysOut, type WayOut, type WaysOutOptions } from './ways-out.js';
import { realNow } from '../real-time.js';

/** Length of a lease, real ms (delivery.md, The ledger). */
export const LEASE_MS = 60_000;
/**
 * Messages reserved and not yet closed, over all channels: as many as its connections send in a second or two, so that one
 * that dies leaves little behind. From half of it on more is claimed.
 */
const IN_FLIGHT_PER_ATTEMPT = 50;
const LEAST_IN_FLIGHT = 200;
const MOST_IN_FLIGHT = 2_000;
const POLL_MS = 200;
const RECOVER_MS = 5_000;
const CLOSE_RETRY_MS = 1_000;

export interface DeliveryObserver {
  /** `seconds` from claim to close. */
  delivered(channel: Carrier, result: SendResult['kind'] | 'template_error', seconds: number): void;
  /** Messages that may be judged now, over all processes; told every few seconds. */
  due(count: number): void;
  /** Final outcomes, by what the ledger writes. */
  closed(message: ReservedMessage, outcome: 'sent' | 'failed' | 'unknown', reason: string | null): void;
  /** Messages of a worker that was gone between permit and answer. */
  leftUnknown(count: number): void;
}

export interface DeliveryWorkerOptions extends WaysOutOptions {
  readonly ledger: MessageLedger;
  readonly decide: DecideClaim;
  /** Rows for the stream when a rule listens to outcomes; null otherwise. */
  readonly outcomeEvent: (
    message: ReservedMessage,
    outcome: 'Message Sent' | 'Message Failed',
    at: number,
  ) => OutcomeEvent | null;
  readonly resendCategories: readonly string[];
  readonly clock: Clock;
  readonly observer: DeliveryObserver;
  readonly log: Log;
  /** Tells this process' leases from others'. */
  readonly worker: number;
}

/**
 * One delivery process: claim → render → permit → send → close, as delivery.md describes it.
 * A message is here only while it is reserved or permitted; everything else is in the ledger, so stopping or dying
 * loses nothing: reserved ones are claimed again after their lease, permitted ones are closed as unknown.
 */
export class DeliveryWorker {
  private readonly permits: Grouped<string, boolean>;
  private readonly closes: Grouped<{ write: CloseWrite; outcome: OutcomeEvent | null }, undefined>;
  private readonly queues = new Map<string, ReservedMessage[]>();
  private readonly active = new Map<string, number>();
  private readonly ways: ReadonlyMap<string, WayOut>;
  private readonly maxInFlight: number;
  private presence: Promise<Presence | null> = Promise.resolve(null);
  private inFlight = 0;
  private stopping = false;
  private wakeUp: () => void = () => undefined;
  private running: Promise<void> | null = null;
  private lastRecovery = 0;
  private readonly claimSize = new ClaimSize();
  /** Reason why nothing can be claimed at present; null when all is well. For readiness. */
  trouble: string | null = null;

  constructor(private readonly use: DeliveryWorkerOptions) {
    this.ways = waysOut(use);
    const attempts = [...this.ways.values()].reduce((sum, { concurrency }) => sum + concurrency, 0);
    this.maxInFlight = Math.min(MOST_IN_FLIGHT, Math.max(LEAST_IN_FLIGHT, IN_FLIGHT_PER_ATTEMPT * attempts));
    this.permits = new Grouped(async (ids) => {
      const granted = await use.ledger.permit(use.worker, ids, this.longestAnswerMs());
      return (id) => granted.has(id);
    }, 1_000);
    this.closes = new Grouped(async (items) => {
      await this.closeForSure(items);
      return () => undefined;
    }, 1_000);
  }

  /** Messages reserved and not yet closed. */
  get attempts(): number {
    return this.inFlight;
  }

  /** Works through what is due now and waits for its outcomes: for drivers of virtual time, instead of `start`. */
  async deliverDue(): Promise<void> {
    for (;;) {
      const claimed = await this.claim();
      if (this.trouble !== null) throw new Error(this.trouble);
      while (this.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
      if (claimed === 0) return;
    }
  }

  start(): void {
    this.presence = this.attend();
    this.running = this.loop();
  }

  /** Claims nothing more, ends what is in flight, gives back what has not begun. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    const notBegun = [...this.queues.values()].flatMap((queue) => queue.splice(0));
    await Promise.all(
      notBegun.map((message) => this.finish(message, { kind: 'release', messageId: message.messageId }, null)),
    );
    await this.running;
    await (await this.presence)?.leave();
  }

  /** Without it others learn from the leases alone that this process is gone. */
  private async attend(): Promise<Presence | null> {
    try {
      return await this.use.ledger.attend(this.use.worker);
    } catch (error) {
      this.use.log.warn('others cannot see that this process is at work', { error: String(error) });
      return null;
    }
  }

  /** The engine in the same process planned something: no need to wait for the next poll. */
  wake(): void {
    this.wakeUp();
  }

  private async loop(): Promise<void> {
    while (!this.stopping || this.inFlight > 0) {
      let claimed = 0;
      if (!this.stopping && this.hasRoom) claimed = await this.claim();
      if (claimed === 0 || !this.hasRoom || this.stopping) await this.sleep();
    }
  }

  private get hasRoom(): boolean {
    return this.inFlight <= this.maxInFlight / 2;
  }

  private async claim(): Promise<number> {
    const { ledger, worker, decide, log } = this.use;
    try {
      await this.recoverNowAndThen();
      const limit = Math.min(this.claimSize.current, this.maxInFlight - this.inFlight);
      const began = realNow();
      const { reserved, customers } = await ledger.claim({ worker, limit, leaseMs: LEASE_MS }, decide);
      this.claimSize.succeeded(realNow() - began);
      for (const message of reserved) this.enqueue(message);
      this.trouble = null;
      return customers;
    } catch (error) {
      this.claimSize.failed();
      this.trouble = error instanceof Error ? error.message : String(error);
      log.error('nothing could be claimed, it will be tried again', { error: this.trouble });
      return 0;
    }
  }

  private async recoverNowAndThen(): Promise<void> {
    if (realNow() - this.lastRecovery < RECOVER_MS) return;
    this.lastRecovery = realNow();
    this.use.observer.due(await this.use.ledger.dueCount());
    const { replanned, unknown } = await this.use.ledger.recover(this.use.resendCategories);
    if (unknown > 0) this.use.observer.leftUnknown(unknown);
    if (replanned + unknown > 0)
      this.use.log.warn('messages of a worker that is gone were taken over', { replanned, unknown });
  }

  private async sleep(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wakeUp = resolve;
      timer = setTimeout(resolve, POLL_MS);
    });
    clearTimeout(timer);
  }

  private enqueue(message: ReservedMessage): void {
    this.inFlight++;
    const way = wayOf(message);
    let queue = this.queues.get(way);
    if (queue === undefined) this.queues.set(way, (queue = []));
    queue.push(message);
    this.pump(way);
  }

  private pump(name: string): void {
    const way = this.ways.get(name);
    const queue = this.queues.get(name)!;
    while (queue.length > 0 && (this.active.get(name) ?? 0) < (way?.concurrency ?? 1)) {
      const message = queue.shift()!;
      this.active.set(name, (this.active.get(name) ?? 0) + 1);
      void this.deliver(message, way).finally(() => {
        this.active.set(name, this.active.get(name)! - 1);
        this.pump(name);
      });
    }
  }

  private async deliver(message: ReservedMessage, way: WayOut | undefined): Promise<void> {
    const started = performance.now();
    let result: SendResult;
    try {
      if (way === undefined)
        result = { kind: 'permanent', detail: `no provider for ${wayOf(message)}`, addressDead: false };
      else if (realNow() + way.answerWithinMs > message.giveUpAt) result = { kind: 'not permitted' };
      else {
        const attempt = await way.attempt(message, () => this.permits.ask(message.messageId));
        ({ result } = attempt);
        return await this.settle(message, result, started, attempt.dead);
      }
    } catch (error) {
      if (error instanceof TemplateError) return this.templateFailed(message, error, started);
      // Whatever it was, it came before or instead of an answer; the lease decides what is known of it.
      this.use.log.error('a message could not be attempted', {
        message: message.messageId,
        channel: message.channel,
        error: String(error),
      });
      this.inFlight--;
      return;
    }
    await this.settle(message, result, started, []);
  }

  private async templateFailed(message: ReservedMessage, error: TemplateError, started: number): Promise<void> {
    this.use.observer.delivered(message.channel, 'template_error', (performance.now() - started) / 1000);
    await this.finish(
      message,
      {
        kind: 'failed',
        messageId: message.messageId,
        reason: 'template_error',
        detail: error.message,
        suppressAddresses: [],
        nextChannel: message.plan.fallback !== null,
      },
      failureOf(message),
    );
  }

  private async settle(
    message: ReservedMessage,
    result: SendResult,
    started: number,
    dead: readonly SuppressedAddress[],
  ): Promise<void> {
    const { messageId } = message;
    this.use.observer.delivered(message.channel, result.kind, (performance.now() - started) / 1000);
    switch (result.kind) {
      case 'accepted':
        return this.finish(
          message,
          {
            kind: 'sent',
            messageId,
            providerId: result.providerId,
            detail: result.detail,
            fallbackAfterMs: message.plan.fallback?.afterMs ?? null,
            suppressAddresses: dead,
          },
          'Message Sent',
        );
      case 'not permitted':
        return this.finish(message, { kind: 'release', messageId }, null);
      case 'postponed': {
        const notBefore = this.use.clock.at(realNow() + result.waitMs);
        return this.finish(message, { kind: 'release', messageId, notBefore }, null);
      }
      case 'unknown':
        if (this.resends(message)) return this.tryLater(message, result.detail, null);
        return this.finish(message, { kind: 'unknown', messageId, detail: result.detail }, null);
      case 'permanent':
        return this.finish(
          message,
          {
            kind: 'failed',
            messageId,
            reason: 'provider_rejected',
            detail: result.detail,
            suppressAddresses: dead,
            nextChannel: message.plan.fallback !== null,
          },
          failureOf(message),
        );
      case 'temporary':
        return this.tryLater(message, result.detail, result.retryAfterMs);
    }
  }

  /** Rather twice than never: categories that say so, and calls, whose receiver knows copies by their id. */
  private resends({ plan }: ReservedMessage): boolean {
    return plan.webhook !== null || this.use.resendCategories.includes(plan.category);
  }

  private tryLater(message: ReservedMessage, detail: string, retryAfterMs: number | null): Promise<void> {
    const { messageId } = message;
    const notBefore = retryAt(message.plan, message.attempt, retryAfterMs, this.use.clock.now());
    if (notBefore !== null) return this.finish(message, { kind: 'retry', messageId, notBefore, detail }, null);
    const given = { messageId, detail: `given up: ${detail}` };
    return this.finish(
      message,
      {
        kind: 'failed',
        ...given,
        reason: 'provider_rejected',
        suppressAddresses: [],
        nextChannel: message.plan.fallback !== null,
      },
      failureOf(message),
    );
  }

  private async finish(
    message: ReservedMessage,
    write: CloseWrite,
    outcome: 'Message Sent' | 'Message Failed' | null,
  ): Promise<void> {
    const event = outcome === null ? null : this.use.outcomeEvent(message, outcome, this.use.clock.now());
    await this.closes.ask({ write, outcome: event });
    if (write.kind === 'failed' || write.kind === 'unknown') {
      // Without its detail: providers quote addresses. `kairos messages why` has it.
      const { messageId: id, channel, plan } = message;
      const reason = write.kind === 'failed' ? write.reason : 'unknown_outcome';
      this.use.log.warn('a message did not leave for sure', { message: id, rule: plan.rule, channel, reason });
    }
    const goesOn = write.kind === 'failed' && write.nextChannel === true;
    if ((write.kind === 'sent' || write.kind === 'failed' || write.kind === 'unknown') && !goesOn) {
      this.use.observer.closed(
        message,
        write.kind,
        write.kind === 'failed' ? write.reason : write.kind === 'unknown' ? 'unknown_outcome' : null,
      );
    }
    this.inFlight--;
    const isFreed = write.kind === 'release' && write.notBefore === undefined;
    if (this.stopping || isFreed || this.inFlight === Math.floor(this.maxInFlight / 2)) this.wake();
  }

  /** What was accepted must be recorded: this keeps trying as long as the process lives. */
  private async closeForSure(items: readonly { write: CloseWrite; outcome: OutcomeEvent | null }[]): Promise<void> {
    const writes = items.map((item) => item.write);
    const outcomes = items.flatMap((item) => (item.outcome === null ? [] : [item.outcome]));
    for (;;) {
      try {
        return await this.use.ledger.close(this.use.worker, writes, outcomes);
      } catch (error) {
        this.trouble = error instanceof Error ? error.message : String(error);
        this.use.log.error('outcomes could not be recorded, it will be tried again', {
          messages: writes.length,
          error: this.trouble,
        });
        await new Promise((resolve) => setTimeout(resolve, CLOSE_RETRY_MS));
      }
    }
  }

  private longestAnswerMs(): number {
    return Math.max(0, ...[...this.ways.values()].map((way) => way.answerWithinMs));
  }
}

/** With a fallback it has failed only when no channel is left, and the claim that finds none says so. */
function failureOf({ plan }: ReservedMessage): 'Message Failed' | null {
  return plan.fallback === null ? 'Message Failed' : null;
}
