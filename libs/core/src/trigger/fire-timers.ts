import {
  nextFire,
  occurrenceOf,
  type CustomerState,
  type Run,
  type Silence,
  type Timer,
} from '../customer/customer-state.js';
import { decodeState, encodeState } from '../customer/state-codec.js';
import { forgetErasure } from '../customer/tombstone.js';
import type { CalendarTimer } from '../customer/calendar-state.js';
import { comeByCalendar } from './calendar/come-by-calendar.js';
import type { CalendarPlan } from './calendar/compile-calendar.js';
import type { SilencePlan } from './compiled-rule.js';
import { flipSegments } from './computed/judge-segments.js';
import { cutEffects, markEffects, type EffectMarks, type Effects } from './effects.js';
import { beginEvaluation, ruleOf, type EvaluateOptions, type Evaluation } from './evaluation.js';
import { meetOccurrences } from './meet-occurrences.js';
import { compareKeys, compareTexts } from './run-key.js';
import { resumeRun } from './run-steps.js';
import type { Rulesets } from './ruleset.js';
import { meetRuleset } from './follow-customer.js';
import { endSilence } from './silences.js';
import { mayPass } from './may-pass.js';
import { stopRemovedRuns } from './stop-removed-runs.js';
import { suspendTimer, type SuspendedTimer } from './suspended-timer.js';
import { tidyState } from './tidy-state.js';

const NO_OPTIONS: EvaluateOptions = {};
/** More starts than a rule can have. */
const AFTER_SILENCES = 1_000_000;

type DueTimer =
  /** Time alone has changed a segment. */
  | { readonly kind: 'flip'; readonly flip: Timer }
  | { readonly kind: 'run'; readonly run: Run }
  | { readonly kind: 'silence'; readonly silence: Silence; readonly plan: SilencePlan }
  | { readonly kind: 'calendar'; readonly calendar: CalendarTimer; readonly plan: CalendarPlan };

/**
 * Fires all timers of this customer with fireAt < `before` in the order (due, rule, key), those included that are
 * armed by it and already due. The core sees now = due. Appends to `effects`.
 * @param before largest append time of the partition including the record that is about to be applied, ms
 * @returns whether the state has changed and must be written
 * @throws MissingRuleVersionError, and what a fault of the core throws; the state is then half changed and must be thrown away
 */
export function fireTimers(
  rulesets: Rulesets,
  state: CustomerState,
  before: number,
  effects: Effects,
  options: EvaluateOptions = NO_OPTIONS,
): boolean {
  return firePass({ rulesets, before, effects, options, last: null, onTimer: null }, state);
}

/** What fired apart from what threw. */
export interface FiredApart {
  /** In place of the one given, which is half changed. */
  readonly state: CustomerState;
  readonly changed: boolean;
  /** Each was taken out of the state as it was before it fired. */
  readonly suspended: readonly { readonly timer: SuspendedTimer; readonly error: unknown }[];
}

/**
 * The same for a customer one of whose timers throws: that one is suspended with nothing of what it did, all others fire
 * as if it had never been armed. Costs a copy of the state a timer: only for those for whom `fireTimers` threw.
 * @throws what no timer can be blamed for; nothing of it may then be used
 */
export function fireTimersApart(
  rulesets: Rulesets,
  state: CustomerState,
  before: number,
  effects: Effects,
  options: EvaluateOptions = NO_OPTIONS,
): FiredApart {
  const suspended: { timer: SuspendedTimer; error: unknown }[] = [];
  let firing: { readonly timer: SuspendedTimer; readonly bytes: Uint8Array; readonly marks: EffectMarks } | null = null;
  const onTimer = (timer: SuspendedTimer | null): void => {
    firing = timer === null ? null : { timer, bytes: encodeState(state), marks: markEffects(effects) };
  };
  const pass: Pass = { rulesets, before, effects, options, last: null, onTimer };
  let changed = false;
  for (;;) {
    try {
      firing = null;
      if (firePass(pass, state)) changed = true;
      return { state, changed, suspended };
    } catch (error) {
      // What fired before it has set `firing`; TypeScript does not see that.
      const failed = firing as { timer: SuspendedTimer; bytes: Uint8Array; marks: EffectMarks } | null;
      if (failed === null || mayPass(error)) throw error;
      cutEffects(effects, failed.marks);
      state = decodeState(failed.bytes);
      suspendTimer(state, failed.timer);
      suspended.push({ timer: failed.timer, error });
      changed = true;
    }
  }
}

/** One walk through a customer's timers. */
interface Pass {
  readonly rulesets: Rulesets;
  readonly before: number;
  readonly effects: Effects;
  readonly options: EvaluateOptions;
  /** The latest start by a timer: two of one rule at one instant are one. */
  last: Place | null;
  /** Called before each fires, and with null when it has; null: nobody wants to know. */
  readonly onTimer: ((timer: SuspendedTimer | null) => void) | null;
}

function firePass(pass: Pass, state: CustomerState): boolean {
  const { rulesets, before, effects, options } = pass;
  let changed = dropUnknownSilences(rulesets, state, before);
  if (forgetErasure(state, before)) changed = true;
  // Nothing else concerns an id that is another customer's.
  if (state.identity.redirect !== null) return changed;
  // A ruleset came into force before the earliest timer that is left: those that were passed before it have fired.
  const evaluation = beginEvaluation(rulesets, state, effects, options, Math.min(before, nextFire(state)));
  evaluation.byTimer = true;
  if (stopRemovedRuns(evaluation, before)) changed = true;
  if (meetRuleset(evaluation)) changed = true;
  for (let next = firstDue(rulesets, state, before); next !== null; next = firstDue(rulesets, state, before)) {
    changed = true;
    const place = placeOf(next);
    pass.onTimer?.(nameOf(next));
    const timer = timerOf(next);
    const late = timer.actsAt > timer.due && timer.fireAt === timer.actsAt;
    fire(evaluation, next, place, pass.last);
    pass.onTimer?.(null);
    if (next.kind === 'silence' || next.kind === 'calendar') pass.last = place;
    options.onTimer?.(late);
    if (effects.emitted.length > 0) options.onEmitted?.();
  }
  if (changed) tidyState(rulesets.current, state, before, options);
  return changed;
}

function timerOf(next: DueTimer): Timer {
  switch (next.kind) {
    case 'flip':
      return next.flip;
    case 'run':
      return next.run;
    case 'silence':
      return next.silence;
    case 'calendar':
      return next.calendar;
  }
}

function nameOf(next: DueTimer): SuspendedTimer {
  switch (next.kind) {
    case 'flip':
      return { kind: 'flip', ...timesOf(next.flip) };
    case 'run': {
      const { rule, key, node } = next.run;
      return { kind: 'run', rule, key, occurrence: occurrenceOf(next.run), node, ...timesOf(next.run) };
    }
    case 'silence':
      return {
        kind: 'silence',
        rule: next.plan.rule,
        fingerprint: next.plan.fingerprint,
        ...timesOf(next.silence),
      };
    case 'calendar': {
      const { plan, calendar } = next;
      return {
        kind: 'calendar',
        rule: plan.rule,
        fingerprint: plan.fingerprint,
        next: calendar.next,
        ...timesOf(calendar),
      };
    }
  }
}

function timesOf({ due, fireAt, actsAt }: Timer): Timer {
  return { due, fireAt, actsAt };
}

function fire(evaluation: Evaluation, timer: DueTimer, place: Place, last: Place | null): void {
  const again = last !== null && last.due === place.due && last.rule === place.rule;
  evaluation.clock = place.actsAt;
  switch (timer.kind) {
    case 'flip': {
      const changes = flipSegments(evaluation);
      if (changes.length > 0) meetOccurrences(evaluation, changes);
      break;
    }
    case 'run':
      resumeRun(evaluation, ruleOf(evaluation, timer.run), timer.run);
      break;
    case 'silence':
      endSilence(evaluation, timer.silence, timer.plan, again);
      break;
    case 'calendar':
      comeByCalendar(evaluation, timer.calendar, timer.plan, again);
      break;
  }
}

function firstDue({ current }: Rulesets, state: CustomerState, before: number): DueTimer | null {
  let first: DueTimer | null = null;
  const meet = (candidate: DueTimer): void => {
    if (first === null || compareTimers(candidate, first) < 0) first = candidate;
  };
  if (state.computed.flip.fireAt < before) meet({ kind: 'flip', flip: state.computed.flip });
  for (const run of state.runs) if (run.fireAt < before) meet({ kind: 'run', run });
  for (const [fingerprint, silence] of state.silences) {
    const plan = silence.fireAt < before ? current.silence(fingerprint) : undefined;
    if (plan !== undefined) meet({ kind: 'silence', silence, plan });
  }
  for (const [fingerprint, calendar] of state.calendar.timers) {
    const plan = calendar.fireAt < before ? current.calendarPlan(fingerprint) : undefined;
    if (plan !== undefined) meet({ kind: 'calendar', calendar, plan });
  }
  return first;
}

function compareTimers(left: DueTimer, right: DueTimer): number {
  const [a, b] = [placeOf(left), placeOf(right)];
  return a.due - b.due || compareTexts(a.rule, b.rule) || compareKeys(a.key, b.key) || a.rank - b.rank;
}

/** Of a rule's timers at one instant its run goes first, then silences, then dates, each as they are written. */
interface Place {
  readonly due: number;
  readonly rule: string;
  readonly key: Run['key'];
  readonly rank: number;
  readonly actsAt: number;
}

function placeOf(timer: DueTimer): Place {
  // Segments come before all rules, as they do for an event.
  if (timer.kind === 'flip') {
    const { due, actsAt } = timer.flip;
    return { due, rule: '', key: null, rank: -1, actsAt };
  }
  if (timer.kind === 'run') {
    const { due, rule, key, actsAt } = timer.run;
    return { due, rule, key, rank: -1, actsAt };
  }
  const { due, actsAt } = timer.kind === 'silence' ? timer.silence : timer.calendar;
  const rank = timer.plan.place + (timer.kind === 'silence' ? 0 : AFTER_SILENCES);
  return { due, rule: timer.plan.rule, key: null, rank, actsAt };
}

/** Silences of rules that are gone: nobody would end them. */
function dropUnknownSilences(rulesets: Rulesets, state: CustomerState, before: number): boolean {
  let dropped = false;
  for (const [fingerprint, silence] of state.silences) {
    if (silence.fireAt < before && rulesets.current.silence(fingerprint) === undefined) {
      state.silences.delete(fingerprint);
      dropped = true;
    }
  }
  return dropped;
}
