/**
 * The host's clock, ms since 1970 UTC, for what happens inside this process only: how long a lease still lasts, how often
 * to tick. These run in real time also while the clock port shows another; nothing that a customer sees depends on them.
 */
export function realNow(): number {
  // eslint-disable-next-line no-restricted-properties -- see above
  return Date.now();
}
