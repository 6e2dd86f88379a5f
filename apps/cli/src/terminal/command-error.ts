/** Wrong usage or an environment that does not allow it: the sentence says what and how to mend it; exit status 2. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code = 'command';
  readonly retryable = false;

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
  }
}

/** Exit status of every command (interfaces.md): fine, findings or failed tests, wrong usage or environment. */
export const EXIT = { fine: 0, findings: 1, usage: 2 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
