import type { Channel } from '#core';
import type { ChannelProvider, OutgoingMessage, SendResult, WebhookCaller } from '../ports/channel-provider.js';
import type { ReservedMessage } from '../ports/message-ledger.js';
import type { SuppressedAddress } from './suppressed-addresses.js';

/** A claimed message made ready to leave: rendered, addressed. Throws TemplateError. */
export type PrepareMessage = (message: ReservedMessage) => Promise<OutgoingMessage>;

export interface WaysOutOptions {
  readonly prepare: PrepareMessage;
  readonly providers: ReadonlyMap<Channel, ChannelProvider>;
  /** By the names of kairos.yaml. */
  readonly callers: ReadonlyMap<string, WebhookCaller>;
}

/** One way in which reserved messages leave, with its own queue: a channel, or an address that `webhook` steps call. */
export interface WayOut {
  readonly concurrency: number;
  readonly answerWithinMs: number;
  /** `dead`: addresses that must not be used any more. Throws TemplateError. */
  attempt(
    message: ReservedMessage,
    permit: () => Promise<boolean>,
  ): Promise<{
    readonly result: SendResult;
    readonly dead: readonly SuppressedAddress[];
  }>;
}

/** `email`, `webhook:helpdesk`. */
export function wayOf({ channel, plan }: ReservedMessage): string {
  return plan.webhook === null ? channel : `webhook:${plan.webhook.to}`;
}

export function waysOut({ providers, callers, prepare }: WaysOutOptions): ReadonlyMap<string, WayOut> {
  const ways = new Map<string, WayOut>();
  for (const [channel, provider] of providers) {
    const { concurrency, answerWithinMs } = provider;
    ways.set(channel, {
      concurrency,
      answerWithinMs,
      async attempt(message, permit) {
        const outgoing = await prepare(message);
        const result = await provider.send(outgoing, permit);
        return { result, dead: deadOf(result, outgoing) };
      },
    });
  }
  for (const [to, caller] of callers) {
    const { concurrency, answerWithinMs } = caller;
    ways.set(`webhook:${to}`, {
      concurrency,
      answerWithinMs,
      async attempt({ plan }, permit) {
        const { id, rule, customer, plannedAt, webhook } = plan;
        const body = webhook?.body ?? {};
        return { result: await caller.call({ id, rule, customer, to, plannedAt, body }, permit), dead: [] };
      },
    });
  }
  return ways;
}

function deadOf(result: SendResult, { channel, address, devices }: OutgoingMessage): readonly SuppressedAddress[] {
  if (result.kind === 'accepted') return (result.deadAddresses ?? []).map((dead) => ({ channel, address: dead }));
  if (result.kind !== 'permanent' || !result.addressDead) return [];
  // Dead for all devices that were tried; where there is none the address itself.
  const tried = devices.length === 0 ? [address] : devices.map((device) => device.address);
  return tried.map((dead) => ({ channel, address: dead }));
}
