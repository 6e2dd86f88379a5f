import type { Clock } from '#engine';

const BEGIN = Date.UTC(2026, 2, 2, 9);
const SPAN_MS = 2 * 3_600_000;

/** The recording's time when this share of it (0 to 1) has been loaded. */
export function recordingTime(share: number): number {
  return BEGIN + Math.floor(SPAN_MS * share);
}

/**
 * On this clock loading a topic took two hours, however fast it was, so that waits of an hour end within it. When the
 * topic is loaded the clock stands.
 *
 * @param marks real ms of evenly spread moments of the loading, the first and the last included
 */
export function recordingClock(marks: readonly number[]): Clock {
  const end = recordingTime(1);
  const at = (realMs: number): number => {
    if (realMs < marks[0]!) return BEGIN;
    if (realMs >= marks.at(-1)!) return end;
    let [low, high] = [0, marks.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (marks[middle]! <= realMs) low = middle;
      else high = middle;
    }
    const within = (realMs - marks[low]!) / (marks[high]! - marks[low]!);
    return recordingTime((low + within) / (marks.length - 1));
  };
  return { at, now: () => end };
}
