export { startPostgres, type PostgresForTests } from '../servers/embedded-postgres.mjs';
