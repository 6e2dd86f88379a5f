/** The bytes of a state row are not what this program writes: another version, or damage. */
export class StateFormatError extends Error {
  readonly code = 'state_format';
  readonly retryable = false;

  constructor(
    message: string,
    readonly details: { readonly version?: number } = {},
  ) {
    super(message);
    this.name = 'StateFormatError';
  }
}
