export interface PostgresForTests {
  /** Of its superuser `postgres`, who needs no password. */
  readonly url: string;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
  /** Ends the server like this (`SIGQUIT`: as `pg_ctl restart -m immediate` does) and starts it on the same port and data. */
  restart(signal: 'SIGKILL' | 'SIGQUIT' | 'SIGINT'): Promise<void>;
  /** Freezes the server and all of its backends: connections stay open and say nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/**
 * A PostgreSQL server on a free port with an empty temporary folder, as the child of this process. `settings` change its own, which are
 * for speed: with `synchronous_commit` off, what was committed last is lost when the server is killed.
 */
export function startPostgres(settings?: { readonly [name: string]: string }): Promise<PostgresForTests>;
