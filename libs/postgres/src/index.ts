export { migrate, pendingMigrations } from './migrate/migrate.js';
export { PostgresUnreachableError } from './connect/postgres-unreachable-error.js';
export { PostgresVersionError } from './connect/postgres-version-error.js';
