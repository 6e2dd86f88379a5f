/** A key of the language has a kind of value for which no schema is written. Thrown when schemas are generated. */
export class UnknownTypeError extends Error {
  override readonly name = 'UnknownTypeError';
  readonly code = 'unknown_type';
  readonly retryable = false;

  constructor(
    readonly type: string,
    readonly place: string,
  ) {
    super(`no schema says what "${type}" of ${place} looks like; add it to editor-schema/value-schemas.ts`);
  }
}
