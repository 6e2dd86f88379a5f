export { migrate, pendingMigrations } from './migrate/migrate.js';
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded/start-embedded-postgres.js';
export { findHeldPostgres, type HeldPostgres } from './embedded/find-held-postgres.js';
export { EmbeddedPostgresError, type EmbeddedPostgresCode } from './embedded/embedded-postgres-error.js';
export {
  PostgresPool,
  type Parameter,
  type PoolOptions,
  type Rows,
  type Session,
  type Statement,
} from './connect/postgres-pool.js';
export { describeServer, PostgresUnreachableError } from './connect/postgres-unreachable-error.js';
export { PostgresVersionError } from './connect/postgres-version-error.js';
export * from './binary/binary-arrays.js';
export { fixStreamLayout, readStreamLayout } from './partitions/fix-stream-layout.js';
export {
  beginStateVersion,
  finishStateVersion,
  readStateVersion,
  StateVersionError,
} from './partitions/state-version.js';
export { visitStates } from './partitions/visit-states.js';
export { PostgresPartitionStore } from './partitions/postgres-partition-store.js';
export { OldMessages, type Dropped, type OldMessagesOptions } from './messages/old-messages.js';
export { PostgresMessageLedger } from './messages/postgres-message-ledger.js';
export { PostgresDeadLetterBook } from './dead-letters/postgres-dead-letter-book.js';
export { PostgresFeedbackBook } from './feedback/postgres-feedback-book.js';
export { PostgresContactBook } from './contacts/postgres-contact-book.js';
export { PostgresInboxBook } from './inbox/postgres-inbox-book.js';
export { PostgresProviderGate } from './providers/postgres-provider-gate.js';
export { PostgresEventHistory } from './history/postgres-event-history.js';
export { PostgresRulesetStore } from './rulesets/postgres-ruleset-store.js';
