import type { CustomerState } from '../customer/customer-state.js';
import { pruneRing } from './identity/ring.js';
import type { EvaluateOptions } from './evaluation.js';
import type { Ruleset } from './ruleset.js';

/** Drops what can no longer matter at this log time, so that a state stays small. Done whenever it is written anyway. */
export function tidyState(ruleset: Ruleset, state: CustomerState, logTime: number, options: EvaluateOptions): void {
  if (!options.rememberForever) state.seen.prune(logTime);
  pruneRing(state.identity.ring, logTime);
  for (const run of state.runs) dropGoneMessages(run, logTime);
  for (const run of state.ended) dropGoneMessages(run, logTime);
  dropFrom(state.ended, (run) => run.messages.length === 0);
  dropFrom(state.pauses, ({ until }) => until <= logTime);
  dropFrom(state.accepted, ({ rule, time }) => !canStillRefuse(ruleset, rule, time, logTime));
  if (state.ruleset !== ruleset.number) forgetUnasked(ruleset, state);
}

function dropGoneMessages(run: CustomerState['runs'][number], logTime: number): void {
  if (run.messages.some(({ until }) => until < logTime))
    run.messages = run.messages.filter(({ until }) => until >= logTime);
}

/** A start that is older than `too late after` is refused anyway, so an older bar than that is never asked for. */
function canStillRefuse(ruleset: Ruleset, name: string, time: number, logTime: number): boolean {
  const rule = ruleset.rule(name);
  if (rule === undefined) return false;
  switch (rule.again.kind) {
    case 'always':
      return false;
    case 'never':
      return true;
    case 'after':
      return time + rule.again.durationMs + rule.source.tooLateAfterMs > logTime;
  }
}

/** After publishing: counters, silences, computed attributes and segments that nobody asks for any more, as soon as no run keeps an older rule version. */
function forgetUnasked(ruleset: Ruleset, state: CustomerState): void {
  if (state.runs.some((run) => ruleset.rule(run.rule)?.version !== run.version)) return;
  state.ruleset = ruleset.number;
  for (const fingerprint of [...state.counters.keys()])
    if (ruleset.counter(fingerprint) === undefined) state.counters.delete(fingerprint);
  for (const fingerprint of [...state.silences.keys()])
    if (ruleset.silence(fingerprint) === undefined) state.silences.delete(fingerprint);
  const { kept, memberships } = state.computed;
  for (const fingerprint of [...kept.keys()]) if (ruleset.computed(fingerprint) === undefined) kept.delete(fingerprint);
  for (const fingerprint of [...memberships.keys()])
    if (ruleset.segment(fingerprint) === undefined) memberships.delete(fingerprint);
}

function dropFrom<T>(list: T[], unneeded: (item: T) => boolean): void {
  for (let i = list.length - 1; i >= 0; i--) if (unneeded(list[i]!)) list.splice(i, 1);
}
