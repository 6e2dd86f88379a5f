import type { Timer } from '../customer/customer-state.js';
import type { Evaluation } from './evaluation.js';

const MAX_BORN_LATE_MS = 5 * 60_000;

/**
 * Arms a timer for `due` after a wait of `waitMs` (null: none, as for a step that is ahead of the clock). It fires when the stream has passed its due time by the
 * grace, or, born late by an event that came late, after the shorter of 5 minutes and the wait, so that the rest of a
 * delayed burst is read first; with `grace: 0 seconds` at once (engine.md, Time is a record).
 */
export function armTimer(timer: Timer, due: number, waitMs: number | null, evaluation: Evaluation): void {
  const { clock } = evaluation;
  const { graceMs } = evaluation.rulesets.current.settings;
  const grace = waitMs === null ? graceMs : Math.min(graceMs, Math.floor(waitMs / 10));
  timer.due = due;
  timer.fireAt = due + grace;
  timer.actsAt = Math.max(due, clock);
  if (evaluation.byTimer || timer.fireAt > clock) return;
  timer.fireAt = graceMs === 0 ? clock : clock + Math.min(MAX_BORN_LATE_MS, waitMs ?? Infinity);
  timer.actsAt = timer.fireAt;
}

export function disarmTimer(timer: Timer): void {
  timer.due = 0;
  timer.fireAt = Infinity;
  timer.actsAt = 0;
}
