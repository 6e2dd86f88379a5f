/** The server is older than the oldest one that Kairos runs on. Thrown before anything is changed. */
export class PostgresVersionError extends Error {
  override readonly name = 'PostgresVersionError';
  readonly code = 'postgres_too_old';
  readonly retryable = false;
  readonly details: { readonly version: string; readonly oldest: number };

  constructor(version: string, oldest: number) {
    super(
      `the PostgreSQL server has version ${version}, Kairos needs ${oldest} or newer: upgrade it, point DATABASE_URL to a newer one, ` +
        `or leave DATABASE_URL out to use the embedded PostgreSQL`,
    );
    this.details = { version, oldest };
  }
}
