/** A message for the inbox of a customer. */
export interface InboxMessage {
  /** UUID text: that of the message in the ledger. */
  readonly id: string;
  /** The customer's key, as events name her. */
  readonly customer: string;
  readonly rule: string;
  readonly template: string;
  readonly category: string;
  readonly title: string | null;
  readonly text: string;
}

export interface InboxEntry {
  readonly id: string;
  readonly category: string;
  readonly title: string | null;
  readonly text: string;
  /** ms of the clock port. */
  readonly at: number;
  /** When she read it; null: not yet. */
  readonly readAt: number | null;
}

export interface InboxPage {
  /** The newest first. */
  readonly entries: readonly InboxEntry[];
  readonly unread: number;
  /** For the next page; null: this was the last. */
  readonly next: string | null;
}

/** Messages that customers read in the shop itself. Throws `StoreError` when the database could not be asked. */
export interface InboxBook {
  /** The same id again changes nothing. */
  put(message: InboxMessage): Promise<void>;
  /** @param after `next` of the page before; null: from the newest. A text that is none begins from the newest, too. */
  page(customer: string, after: string | null, limit: number): Promise<InboxPage>;
  /** Of one customer's messages with these ids, or of all (null), those that are unread. */
  unread(customer: string, ids: readonly string[] | null): Promise<readonly string[]>;
  /**
   * Of one customer's messages those with these ids. Returns the ids that were unread until now: of two that mark the same
   * at once one gets it.
   */
  markRead(customer: string, ids: readonly string[]): Promise<readonly string[]>;
}
