import type { Timer } from '../customer/timer.js';
import { occurrenceOf, type CustomerState, type RunKey } from '../customer/customer-state.js';
import { disarmTimer } from './arm-timer.js';
import { sameKey } from './run-key.js';

/** Which of a customer's timers, and what it stood at: enough to arm it again as it was. Plain data. */
export type SuspendedTimer = Timer &
  (
    | {
        readonly kind: 'run';
        readonly rule: string;
        readonly key: RunKey;
        readonly occurrence: string;
        /** Where the run stood, in the flattened steps of its rule version. */
        readonly node: number;
      }
    | { readonly kind: 'silence'; readonly rule: string; readonly fingerprint: number }
    | { readonly kind: 'calendar'; readonly rule: string; readonly fingerprint: number; readonly next: number }
    /** Time alone changes a segment; whatever rule listens to it. */
    | { readonly kind: 'flip' }
  );

/** null: no rule can be named. */
export function ruleOfTimer(timer: SuspendedTimer): string | null {
  return timer.kind === 'flip' ? null : timer.rule;
}

/** Disarms it and keeps everything else: what else happens to the run goes on (`stop`, `goal`, what it listens to). */
export function suspendTimer(state: CustomerState, suspended: SuspendedTimer): void {
  const timer = findTimer(state, suspended);
  if (timer === null) throw new Error(`a timer (${suspended.kind}) that failed is not in the state it was taken from`);
  disarmTimer(timer);
}

/**
 * Arms it again where it stood, so that it fires with the next record of the stream. One that has gone on by other means
 * meanwhile (a run that was ended or woken, a silence that was broken) stays as it is.
 * @returns whether the state has changed
 */
export function resumeTimer(state: CustomerState, suspended: SuspendedTimer): boolean {
  const timer = findTimer(state, suspended);
  if (timer === null || !mayResume(timer, suspended)) return false;
  timer.due = suspended.due;
  timer.fireAt = suspended.fireAt;
  timer.actsAt = suspended.actsAt;
  if (suspended.kind === 'calendar') state.calendar.timers.get(suspended.fingerprint)!.next = suspended.next;
  return true;
}

/** A date or a flip may have been armed anew for something later, which follows by itself. */
function mayResume({ fireAt }: Timer, suspended: SuspendedTimer): boolean {
  const goesOn = suspended.kind === 'calendar' || suspended.kind === 'flip';
  return goesOn ? fireAt > suspended.fireAt : fireAt === Infinity;
}

function findTimer(state: CustomerState, which: SuspendedTimer): Timer | null {
  switch (which.kind) {
    case 'flip':
      return state.computed.flip;
    case 'silence': {
      const silence = state.silences.get(which.fingerprint);
      return silence === undefined || silence.over ? null : silence;
    }
    case 'calendar': {
      const timer = state.calendar.timers.get(which.fingerprint);
      return timer === undefined || timer.done ? null : timer;
    }
    case 'run': {
      const { rule, key, occurrence, node } = which;
      const isIt = (run: CustomerState['runs'][number]): boolean =>
        run.rule === rule && run.node === node && sameKey(run.key, key) && occurrenceOf(run) === occurrence;
      return state.runs.find(isIt) ?? null;
    }
  }
}
