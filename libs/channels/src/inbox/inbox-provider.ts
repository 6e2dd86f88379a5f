import type { ChannelProvider, InboxBook, OutgoingMessage, SendResult } from '#engine';

/** Messages for the storefront's inbox, kept in the database. Writing one twice is one message. */
export class InboxProvider implements ChannelProvider {
  readonly kind = 'inbox';
  readonly concurrency = 16;
  readonly answerWithinMs = 15_000;

  constructor(private readonly book: InboxBook) {}

  async send(message: OutgoingMessage, permit: () => Promise<boolean>): Promise<SendResult> {
    const { id, customer, rule, template, category, rendered } = message;
    if (!(await permit())) return { kind: 'not permitted' };
    try {
      await this.book.put({ id, customer, rule, template, category, title: rendered.subject, text: rendered.text });
      return { kind: 'accepted', providerId: null, detail: null };
    } catch (error) {
      // The same id again is no second message, so a commit whose answer was lost may be repeated.
      return { kind: 'temporary', detail: (error as Error).message, retryAfterMs: null, unreachable: true };
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
