export type EmbeddedPostgresCode =
  | 'EMBEDDED_POSTGRES_DISK_FULL'
  | 'EMBEDDED_POSTGRES_NOT_WRITABLE'
  | 'EMBEDDED_POSTGRES_OTHER_VERSION'
  | 'EMBEDDED_POSTGRES_IN_USE'
  | 'EMBEDDED_POSTGRES_UNSUPPORTED'
  | 'EMBEDDED_POSTGRES_FAILED';

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
    'EMBEDDED_POSTGRES_FAILED',
    `the data folder ${folder} cannot be used (${error instanceof Error ? error.message : String(error)}): set KAIROS_DATA to another folder`,
    { folder },
    error,
  );
}

export function diskFull(folder: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'EMBEDDED_POSTGRES_DISK_FULL',
    `the disk that holds ${folder} is full: free some space there, or set KAIROS_DATA to a folder on another disk`,
    { folder },
    cause,
  );
}

export function notWritable(folder: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'EMBEDDED_POSTGRES_NOT_WRITABLE',
    `the data folder ${folder} is not writable for this user: change its owner (chown -R "$(id -un)" ${folder}), or set KAIROS_DATA to a folder of your own`,
    { folder },
    cause,
  );
}
