export type EmbeddedPostgresCode =
  | 'embedded_postgres_disk_full'
  | 'embedded_postgres_not_writable'
  | 'embedded_postgres_other_version'
  | 'embedded_postgres_in_use'
  | 'embedded_postgres_unsupported'
  | 'embedded_postgres_failed';

/** The embedded server cannot run; the message is one sentence for the person at the terminal, with the cure. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
  readonly retryable = false;

  constructor(
    readonly code: EmbeddedPostgresCode,
    message: string,
    readonly details: { readonly [name: string]: string | number | null } = {},
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** What an error of the file system means for the data folder, in one sentence. */
export function explainFileError(folder: string, error: unknown): EmbeddedPostgresError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOSPC') return diskFull(folder, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return notWritable(folder, error);
  return new EmbeddedPostgresError(
    'embedded_postgres_failed',
    `the data folder ${folder} cannot be used (${error instanceof Error ? error.message : String(error)}): set KAIROS_DATA to another folder`,
    { folder },
    error,
  );
}

export function diskFull(folder: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'embedded_postgres_disk_full',
    `the disk that holds ${folder} is full: free some space there, or set KAIROS_DATA to a folder on another disk`,
    { folder },
    cause,
  );
}

export function notWritable(folder: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'embedded_postgres_not_writable',
    `the data folder ${folder} is not writable for this user: change its owner (chown -R "$(id -un)" ${folder}), or set KAIROS_DATA to a folder of your own`,
    { folder },
    cause,
  );
}
