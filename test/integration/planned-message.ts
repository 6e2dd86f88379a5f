import { randomBytes } from 'node:crypto';
import { customerIdOf, type PlannedMessage } from '#core';

/** A message id of this day, as the ledger expects it: 4 bytes of the day, the rest by chance. */
export function messageIdOf(due: number): string {
  const bytes = randomBytes(16);
  bytes.writeInt32BE(Math.floor(due / 86_400_000));
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** What a rule would have planned for this customer, due a second ago. */
export function plannedMessage(
  customer: string,
  changes: Partial<PlannedMessage> = {},
): { customerId: string; message: PlannedMessage } {
  const due = changes.due ?? Date.now() - 1_000;
  const message: PlannedMessage = {
    id: messageIdOf(due),
    customer,
    rule: 'abandoned-cart',
    version: 1,
    key: 'cart-1',
    occurrence: 'first',
    startedAt: due - 3_600_000,
    step: '2',
    round: 0,
    template: 'cart-reminder',
    channels: ['email'],
    with: null,
    style: null,
    fallback: null,
    ignoresQuietHours: false,
    webhook: null,
    named: null,
    category: 'promotional',
    priority: 5,
    onCapped: null,
    due,
    plannedAt: due,
    expiresAt: null,
    tooLateAfterMs: 3_600_000,
    heldOut: false,
    start: { id: 'event-1', name: 'Product Added', time: due - 3_600_000, properties: { price: 12.5 } },
    starts: null,
    ...changes,
  };
  return { customerId: customerIdOf(customer), message };
}
