/** A test waited for something that did not happen. */
export class WaitedInVainError extends Error {
  override readonly name = 'WaitedInVainError';
  readonly code = 'waited_in_vain';
  readonly retryable = false;
  readonly details: { readonly what: string; readonly limitMs: number };

  constructor(what: string, limitMs: number, last: string, cause?: unknown) {
    super(`Waited ${limitMs / 1000} s for ${what}; last seen: ${last}`, { cause });
    this.details = { what, limitMs };
  }
}
