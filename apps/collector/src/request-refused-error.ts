export interface RefusalDetails {
  readonly headers?: { readonly [name: string]: string };
  /** Stands in the answer beside the message. */
  readonly body?: { readonly [name: string]: unknown };
  readonly cause?: unknown;
}

/** A request that is answered with something else than 2xx. The message is for the client: how to mend it, nothing of the inside. */
export class RequestRefusedError extends Error {
  readonly code = 'request_refused';
  /** The same request may succeed later. */
  readonly retryable: boolean;

  constructor(
    readonly status: number,
    message: string,
    readonly details: RefusalDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'RequestRefusedError';
    this.retryable = status === 429 || status === 503;
  }
}
