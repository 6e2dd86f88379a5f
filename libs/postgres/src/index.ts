export { migrate, pendingMigrations } from './migrate/migrate.js';
export { PostgresUnreachableError } from './connect/postgres-unreachable-error.js';
export { PostgresVersionError } from './connect/postgres-version-error.js';
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded/start-embedded-postgres.js';
export { EmbeddedPostgresError, type EmbeddedPostgresCode } from './embedded/embedded-postgres-error.js';
