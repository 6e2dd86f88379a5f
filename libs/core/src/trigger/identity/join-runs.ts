import { customerOf, occurrenceOf, type CustomerState, type Run } from '../../customer/customer-state.js';
import type { StoredEvent } from '../../customer/stored-event.js';
import { endRun } from '../end-run.js';
import { ruleOf, type Evaluation } from '../evaluation.js';
import { meetRunAfterwards } from '../meet-occurrences.js';
import { compareRuns, compareTexts } from '../run-key.js';
import { rearm } from './join-timers.js';
import { joinRings } from './ring.js';

/**
 * Runs of two ids of one customer: each is first held against what happened under the other id, then one of two runs of
 * the same rule and key gives way, with `restart` the earlier, otherwise the later. It withdraws nothing.
 */
export function joinRuns(evaluation: Evaluation, from: CustomerState): void {
  const { state } = evaluation;
  const own = [...state.runs, ...state.ended];
  const incoming = [...from.runs, ...from.ended];
  for (const run of incoming) run.customer ??= from.id;
  state.runs.push(...from.runs);
  state.runs.sort(compareRuns);
  state.ended.push(...from.ended);
  for (const run of from.runs) rearm(evaluation, run, run.startedAt);
  const ownRing = [...state.identity.ring];
  for (const run of incoming) holdAgainst(evaluation, run, ownRing);
  for (const run of own) holdAgainst(evaluation, run, from.identity.ring);
  joinRings(state.identity.ring, from.identity.ring);
  settleRuns(evaluation);
}

/** What is not older than its start ends a run, or the wait it is in, as if it had been there. */
function holdAgainst(evaluation: Evaluation, run: Run, ring: readonly StoredEvent[]): void {
  for (const event of ring) {
    if (event.time < run.startedAt) continue;
    meetRunAfterwards(evaluation, run, {
      kind: 'event',
      name: event.name!,
      time: event.time,
      event: event.snapshot(),
      id: null,
      historical: false,
      hops: 0,
    });
  }
}

function settleRuns(evaluation: Evaluation): void {
  const { state, clock } = evaluation;
  for (let i = 1; i < state.runs.length;) {
    const [one, other] = [state.runs[i - 1]!, state.runs[i]!];
    if (compareRuns(one, other) !== 0) {
      i++;
      continue;
    }
    const restarts = ruleOf(evaluation, one).source.whileRunning === 'restart';
    const otherIsLater = compareStarts(state, one, other) < 0;
    const loser = otherIsLater === restarts ? one : other;
    endRun(evaluation, loser, restarts ? 'restarted' : 'stopped', null, clock);
  }
}

/** Never 0 for two runs: of one instant (`every`) those of different ids are told apart. */
function compareStarts(state: CustomerState, one: Run, other: Run): number {
  return (
    one.startedAt - other.startedAt ||
    compareTexts(occurrenceOf(one), occurrenceOf(other)) ||
    compareTexts(customerOf(state, one), customerOf(state, other))
  );
}
