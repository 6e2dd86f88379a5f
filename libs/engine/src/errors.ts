/** An adapter could not do what a port promises. `retryable`: asking again later may work. */
export class StoreError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly retryable: boolean,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'StoreError';
  }
}

/** The log now begins behind the position that is wanted: records were lost, nobody may go on silently. */
export class LogTruncatedError extends Error {
  readonly code = 'log_truncated';
  readonly retryable = false;

  constructor(
    readonly stream: string,
    readonly partition: number,
    readonly expected: number,
    readonly start: number,
  ) {
    super(
      `the log of ${stream}, partition ${partition}, was truncated: it begins at offset ${start}, but offset ${expected} was not read yet. ` +
        'Records between them are lost. Raise the retention of the log, then decide with `kairos doctor` where to go on.',
    );
    this.name = 'LogTruncatedError';
  }
}

/** The log is not laid out as Kairos was set up: partition count or timestamp type. The message names the command that mends it. */
export class StreamLayoutError extends Error {
  readonly code = 'stream_layout';
  readonly retryable = false;

  constructor(message: string) {
    super(message);
    this.name = 'StreamLayoutError';
  }
}

/** A record's append time lies too far ahead of this host's clock: log time cannot go back, so nothing is applied. */
export class ClockAheadError extends Error {
  readonly code = 'clock_ahead';
  readonly retryable = true;

  constructor(
    readonly partition: number,
    readonly aheadMs: number,
  ) {
    super(
      `a record of partition ${partition} was appended ${Math.round(aheadMs / 1000)} s ahead of this machine's clock. ` +
        'Set the clocks of the broker and of this machine (NTP); the partition goes on by itself when they agree.',
    );
    this.name = 'ClockAheadError';
  }
}
