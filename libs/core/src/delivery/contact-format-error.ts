/** A column of `contact` or `message` that cannot be read. Not retryable: the bytes stay what they are. */
export class ContactFormatError extends Error {
  readonly code = 'contact_format';
  readonly retryable = false;
  readonly details: { readonly column: string };

  constructor(column: string, problem: string, cause?: unknown) {
    super(`${column} cannot be read: ${problem}`, { cause });
    this.name = 'ContactFormatError';
    this.details = { column };
  }
}

/** Runs a reader; whatever it stumbles over becomes a `ContactFormatError` that names the column. */
export function readColumn<T>(column: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ContactFormatError) throw error;
    throw new ContactFormatError(column, error instanceof Error ? error.message : String(error), error);
  }
}
