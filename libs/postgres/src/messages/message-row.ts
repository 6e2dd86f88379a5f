import type { PlannedMessage } from '#core';

/** Parts of the queue: workers begin at different ones. A power of two, fixed with the rows. */
export const SHARDS = 16;

/** From the customer's id, which is a hash: the low half of its first byte. */
export function shardOf(customerId: string): number {
  return Number.parseInt(customerId[1]!, 16) % SHARDS;
}

/** `message_open.plan`: JSON, written once and read by claims. */
export function encodePlan(message: PlannedMessage): string {
  return JSON.stringify(message);
}

export function decodePlan(bytes: Buffer): PlannedMessage {
  return JSON.parse(bytes.toString('utf8')) as PlannedMessage;
}
