import type { Clock, ContactBook, EventStream, FeedbackBook, InboxBook, Log, RulesetStore } from '#engine';
import type { Metrics } from '#observability';

/** What the collector needs of the installation it stands in. */
export interface CollectorBackbone {
  /** `publicUrl`: base of the addresses that providers call, without a slash at its end. */
  readonly config: { readonly publicUrl: string };
  readonly stream: EventStream;
  readonly contacts: ContactBook;
  readonly feedback: FeedbackBook;
  readonly inbox: InboxBook;
  readonly rulesets: RulesetStore;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  /** The server write key; events come with it as Basic user. */
  readonly writeKey: string;
  /** Signs links. */
  readonly secret: string;
}

export const BACKBONE = Symbol('collector backbone');
