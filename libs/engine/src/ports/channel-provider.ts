import type { Channel, Device, JsonObject } from '#core';
import type { RenderedMessage } from './template-renderer.js';

/** A message that is ready to leave on one channel. */
export interface OutgoingMessage {
  /** UUID text; the root of the Message-ID header, the webhook id and the provider's idempotency key. */
  readonly id: string;
  readonly channel: Channel;
  /** As the customer's traits say it: a mail address, a phone number, a token; that of the first device. */
  readonly address: string;
  /** Where it goes: on push channels every device of the customer, and it still counts once; elsewhere one. */
  readonly devices: readonly Device[];
  readonly customer: string;
  readonly rule: string;
  readonly template: string;
  readonly category: string;
  /** ms since 1970 UTC; the same for every attempt, so what is made of it is the same, too. */
  readonly plannedAt: number;
  readonly rendered: RenderedMessage;
  /** One-click way out of this category on this channel (RFC 8058); null for categories that need no consent. */
  readonly unsubscribeUrl: string | null;
  /** By which a report about this message is believed; null: none is expected. */
  readonly feedbackToken: string | null;
}

/** The call of a `webhook` step, ready to leave. */
export interface WebhookCall {
  /** UUID text; the `webhook-id` by which the receiver knows copies. */
  readonly id: string;
  readonly rule: string;
  readonly customer: string;
  /** Name of the address in kairos.yaml. */
  readonly to: string;
  /** ms since 1970 UTC; the same for every attempt. */
  readonly plannedAt: number;
  readonly body: JsonObject;
}

/**
 * What became of one attempt.
 * - `temporary`, `permanent`: a definite failure, nothing was accepted. `unreachable`: nobody answered.
 * - `postponed`: not even tried, since the provider takes nothing now (its rate, a pause it asked for, an open circuit).
 * - `unknown`: the connection was lost after the permit, before the answer.
 * - `not permitted`: the permit was refused, nothing was accepted.
 */
export type SendResult =
  | {
      readonly kind: 'accepted';
      readonly providerId: string | null;
      readonly detail: string | null;
      readonly deadAddresses?: readonly string[];
    }
  | { readonly kind: 'not permitted' }
  | { readonly kind: 'postponed'; readonly detail: string; readonly waitMs: number }
  | {
      readonly kind: 'temporary';
      readonly detail: string;
      readonly retryAfterMs: number | null;
      readonly unreachable?: boolean;
    }
  | { readonly kind: 'permanent'; readonly detail: string; readonly addressDead: boolean }
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * How a channel leaves: SMTP, HTTP, a file. `permit` must be asked immediately before the step after which a lost
 * connection would leave the outcome unknown (SMTP: the terminating dot; HTTP: the request), once an attempt; when it
 * says no, nothing may be accepted. Never throws for what the other side does: it rejects when `permit` does (nothing was
 * accepted then, but whether the permit was recorded nobody knows), and on programming errors.
 */
export interface ChannelProvider {
  readonly kind: string;
  /** Attempts at the same time. */
  readonly concurrency: number;
  /** Longest time from permit to answer, ms: what is left of the lease must exceed it. */
  readonly answerWithinMs: number;
  send(message: OutgoingMessage, permit: () => Promise<boolean>): Promise<SendResult>;
  close(): Promise<void>;
}

/** How the calls of `webhook` steps to one address leave; the contract of `ChannelProvider.send` holds for `call`. */
export interface WebhookCaller {
  readonly kind: string;
  readonly concurrency: number;
  readonly answerWithinMs: number;
  call(call: WebhookCall, permit: () => Promise<boolean>): Promise<SendResult>;
  close(): Promise<void>;
}
