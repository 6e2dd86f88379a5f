import type { Config } from '#config';
import type { StateVersion } from '#core';
import type {
  Clock,
  ContactBook,
  EventHistory,
  EventStream,
  FeedbackBook,
  InboxBook,
  Log,
  MessageLedger,
  PartitionStore,
  ProviderGate,
  RulesetStore,
} from '#engine';
import type { Metrics } from '#observability';

/** What the processes of one installation share: the event stream, the database behind its ports, secrets, log, metrics. */
export interface Backbone {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly stream: EventStream;
  /** Records that could not be read go here too; null on the embedded log, where the table is enough. */
  readonly deadLetters: EventStream | null;
  readonly partitions: PartitionStore;
  /** In which engines write states: the version before until `kairos migrate --finish`. */
  readonly stateVersion: StateVersion;
  readonly ledger: MessageLedger;
  readonly rulesets: RulesetStore;
  readonly contacts: ContactBook;
  /** What became of messages after they left. */
  readonly feedback: FeedbackBook;
  readonly history: EventHistory;
  readonly inbox: InboxBook;
  readonly gate: ProviderGate;
  /** Takes away what is older than it is to be kept; started by delivery. */
  readonly oldMessages: { start(): void; stop(): void };
  /** The event stream again, for the group that records its history; made when first asked for. */
  historyStream(): EventStream;
  /** The server write key of the collector. */
  readonly writeKey: string;
  /** Signs links. */
  readonly secret: string;
  /** Closes stream and pools; the embedded database is its starter's. */
  close(): Promise<void>;
}

export const EVENTS_TOPIC = 'kairos.events';
export const DEAD_LETTERS_TOPIC = 'kairos.dead-letters';
/** Consumer group of the engines. */
export const ENGINE_GROUP = 'kairos.trigger-engine';
/** Consumer group of those who write the history of events. */
export const HISTORY_GROUP = 'kairos.event-history';
