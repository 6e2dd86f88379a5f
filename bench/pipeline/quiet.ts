import type { Log } from '#engine';

/** Only what must not happen in a benchmark. */
export const quiet: Log = {
  info: () => undefined,
  warn: (message, fields) => console.error(message, fields ?? ''),
  error: (message, fields) => console.error(message, fields ?? ''),
};
