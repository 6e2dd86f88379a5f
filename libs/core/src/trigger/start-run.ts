import type { Run, RunKey } from '../customer/customer-state.js';
import { StoredEvent } from '../customer/stored-event.js';
import type { EventSnapshot } from '../event/event.js';
import { formatInstant } from '../event/instant.js';
import { disarmTimer } from './arm-timer.js';
import type { CompiledRule } from './compiled-rule.js';
import { drawBranches, drawHoldout } from './draw-branches.js';
import type { NotStartedReason } from './effects.js';
import { endRun } from './end-run.js';
import { contextWithoutRun, ruleOf, type Evaluation } from './evaluation.js';
import { explainCondition } from './explain-condition.js';
import { compareRuns, keyFingerprint, sameKey } from './run-key.js';
import { restartWait, runSteps } from './run-steps.js';
import { aboutRun } from './trace-run.js';

/** `starts` holds the latest so many (rule-language.md, Values and paths). */
export const KEPT_STARTS = 50;

/** A start whose `where` held and whose key is known: of an event, or of a silence that has lasted. */
export interface Start {
  readonly rule: CompiledRule;
  readonly key: RunKey;
  /** Event time of the start, ms: the event's, or the instant at which the silence had lasted. */
  readonly time: number;
  /** How late the stream learned of it, ms. */
  readonly lateness: number;
  /** What `start` means in the run. */
  readonly snapshot: EventSnapshot;
  /** Id of the event that starts; null for a silence, which starts at an instant. */
  readonly event: string | null;
  /** How many `emit`s of rules led to it; absent: none. */
  readonly hops?: number;
}

/** Starts a run, or does what `while running` says; a start that comes to nothing stands only in the trace. */
export function considerStart(evaluation: Evaluation, start: Start): void {
  const { rule, key } = start;
  const run = evaluation.state.runs.find((active) => active.rule === rule.name && sameKey(active.key, key));
  if (run !== undefined) return meetRun(evaluation, start, run);
  const refused = refusal(evaluation, start, true);
  if (refused !== null) return traceNotStarted(evaluation, start, refused.reason, refused.detail);
  beginRun(evaluation, start);
}

function meetRun(evaluation: Evaluation, start: Start, run: Run): void {
  const version = ruleOf(evaluation, run);
  if (start.time < run.startedAt)
    return traceNotStarted(evaluation, start, 'already_running', 'it is older than the start of the run');
  switch (version.source.whileRunning) {
    case 'ignore':
      return traceNotStarted(evaluation, start, 'already_running', null);
    case 'restart wait':
    case 'collect':
      // Only events restart a wait: the end of a silence does not.
      if (start.event === null) return traceNotStarted(evaluation, start, 'already_running', null);
      return version.source.whileRunning === 'collect'
        ? collect(evaluation, start, run, start.event)
        : restart(evaluation, start, run, version, start.event);
    case 'restart': {
      const refused = refusal(evaluation, start, false);
      if (refused !== null) return traceNotStarted(evaluation, start, refused.reason, refused.detail);
      endRun(evaluation, run, 'restarted', start.event, start.time);
      return beginRun(evaluation, start);
    }
  }
}

function restart(evaluation: Evaluation, start: Start, run: Run, version: CompiledRule, event: string): void {
  run.occurrence ??= run.start.id;
  run.start = StoredEvent.of(start.snapshot);
  run.startedAt = start.time;
  addStart(run, start);
  // Before the wait: where its duration is unknown now, the run ends there.
  evaluation.effects.traces.push({ kind: 'wait_restarted', ...aboutRun(evaluation, run, start.time), event });
  restartWait(evaluation, version, run, start.time);
}

/** Waits go on, and `start` stays the first. */
function collect(evaluation: Evaluation, start: Start, run: Run, event: string): void {
  addStart(run, start);
  evaluation.effects.traces.push({ kind: 'collected', ...aboutRun(evaluation, run, start.time), event });
}

function addStart(run: Run, { snapshot, hops = 0 }: Start): void {
  if (run.starts !== null) run.starts = [...run.starts, StoredEvent.of(snapshot)].slice(-KEPT_STARTS);
  run.hops = Math.max(run.hops, hops);
}

/** Why a run cannot begin now; null when it can. `again` is not asked for the restart of an active run. */
function refusal(
  evaluation: Evaluation,
  start: Start,
  askAgain: boolean,
): { reason: NotStartedReason; detail: string | null } | null {
  const { rule, snapshot, time } = start;
  const { warming } = evaluation.rulesets.current;
  const { explain = false } = evaluation.options;
  if (warming.size > 0 && rule.needs.some((fingerprint) => warming.has(fingerprint)))
    return { reason: 'warming', detail: 'the history that it needs is still being read' };
  if (rule.who !== null) {
    const context = contextWithoutRun(evaluation, null, snapshot, time);
    if (!rule.who(context))
      return {
        reason: 'who_false',
        detail: explain ? explainCondition(rule.source.who!, context, evaluation.rulesets.current.definitions) : null,
      };
  }
  if (askAgain) {
    const latest = latestAccepted(evaluation, start);
    if (latest !== undefined && refusesAgain(rule, latest, time))
      return { reason: 'again', detail: explain ? `the latest start was at ${formatInstant(latest)}` : null };
  }
  if (start.lateness > rule.source.tooLateAfterMs) {
    return {
      reason: 'too_late',
      detail: explain ? `it was of ${formatInstant(time)}, the stream at ${formatInstant(evaluation.clock)}` : null,
    };
  }
  if (time < rule.activeFrom || time >= rule.activeUntil) return { reason: 'not_active', detail: null };
  return null;
}

function refusesAgain({ again }: CompiledRule, latest: number, time: number): boolean {
  switch (again.kind) {
    case 'always':
      return false;
    case 'never':
      return true;
    case 'after':
      return time < latest + again.durationMs;
  }
}

function latestAccepted({ state }: Evaluation, { rule, key }: Start): number | undefined {
  const wanted = acceptedKey(rule, key);
  return state.accepted.find((start) => start.rule === rule.name && start.key === wanted)?.time;
}

function rememberAccepted({ state }: Evaluation, { rule, key, time }: Start): void {
  if (rule.again.kind === 'always') return;
  const wanted = acceptedKey(rule, key);
  const known = state.accepted.find((start) => start.rule === rule.name && start.key === wanted);
  if (known === undefined) state.accepted.push({ rule: rule.name, key: wanted, time });
  else known.time = Math.max(known.time, time);
}

/** 0 where starts of all keys count together. */
function acceptedKey({ again }: CompiledRule, key: RunKey): number {
  return again.kind === 'after' && again.perCustomer ? 0 : keyFingerprint(key);
}

function beginRun(evaluation: Evaluation, start: Start): void {
  const { state, effects } = evaluation;
  const { rule, key, time, snapshot } = start;
  rememberAccepted(evaluation, start);
  const stored = StoredEvent.of(snapshot);
  const run: Run = {
    rule: rule.name,
    version: rule.version,
    key,
    occurrence: start.event === null ? String(time) : null,
    start: stored,
    startedAt: time,
    starts: rule.keepsStarts ? [stored] : null,
    heldOut: drawHoldout(evaluation, rule),
    node: rule.first,
    held: false,
    due: 0,
    fireAt: Infinity,
    actsAt: 0,
    messages: [],
    latest: [],
    named: null,
    draws: drawBranches(evaluation, rule),
    rounds: [],
    hops: start.hops ?? 0,
    customer: null,
    until: null,
  };
  disarmTimer(run);
  const later = state.runs.findIndex((other) => compareRuns(other, run) > 0);
  state.runs.splice(later < 0 ? state.runs.length : later, 0, run);
  const at = Math.max(time, evaluation.clock);
  const occurrence = run.occurrence ?? snapshot.id;
  effects.traces.push({
    kind: 'started',
    rule: rule.name,
    version: rule.version,
    key,
    occurrence,
    at,
    event: start.event,
    heldOut: run.heldOut,
  });
  runSteps(evaluation, rule, run, rule.first, time);
}

function traceNotStarted(evaluation: Evaluation, start: Start, reason: NotStartedReason, detail: string | null): void {
  if (!evaluation.options.explain) return;
  const at = Math.max(start.time, evaluation.clock);
  evaluation.effects.traces.push({
    kind: 'not_started',
    rule: start.rule.name,
    key: start.key,
    at,
    event: start.event,
    reason,
    detail,
  });
}
