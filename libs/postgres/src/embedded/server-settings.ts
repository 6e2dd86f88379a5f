/** Settings of the embedded server, given on its command line so that they hold whatever its files say. */
const SETTINGS: { readonly [name: string]: string } = {
  // Only this machine, by password; no socket file, since its path may be longer than the system allows (107 bytes).
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '256MB',
  // What was acknowledged survives a power cut.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  // Nobody replicates or restores from the log of an embedded server: the smaller log is written faster.
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Fewer checkpoints: each makes every page be written whole once more.
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  // The queue tables turn over quickly; their dead rows cost the claim.
  autovacuum_naptime: '10s',
  // All hot statements are short and confined to one partition: compiling or splitting them costs more than it gives,
  // and parallel workers need more of /dev/shm than containers have.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  // Its log is read when a start fails: only what somebody has to know.
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // A Kairos that was killed leaves sessions: the server notices by itself.
  tcp_keepalives_idle: '30',
};

/** As `pg_ctl start --options` takes them: one text that a shell splits, so each value is quoted. */
export function serverOptions(port: number): string {
  return Object.entries({ ...SETTINGS, port: String(port) })
    .map(([name, value]) => `-c ${name}='${value}'`)
    .join(' ');
}
