import { customerOf, occurrenceOf, runFingerprint, type Run } from '../customer/customer-state.js';
import type { StepNode } from './compiled-rule.js';
import { contextOf, type Evaluation } from './evaluation.js';
import { messageIdOf } from './message-id.js';
import { aboutRun } from './trace-run.js';

type Node<Kind extends StepNode['kind']> = StepNode & { readonly kind: Kind };
type Act = 'set' | 'emit' | 'pause' | 'resume' | 'unsubscribe';

/** The steps that change something without saying anything to the customer, reached at `time` (event time, ms). */
export function actStep(evaluation: Evaluation, run: Run, node: Node<Act>, time: number): void {
  switch (node.kind) {
    case 'set':
      return writeTraits(evaluation, run, node, time);
    case 'emit':
      return emitEvent(evaluation, run, node, time);
    case 'pause':
      return pause(evaluation, run, node, time);
    case 'resume':
      return resume(evaluation, run, node, time);
    case 'unsubscribe':
      return unsubscribe(evaluation, run, node, time);
  }
}

/**
 * What a path does not find is missing afterwards. The run's next steps see it as it was written; for all others what is
 * known of a later time stays.
 */
function writeTraits(evaluation: Evaluation, run: Run, { path, traits: written }: Node<'set'>, time: number): void {
  const { state, effects } = evaluation;
  const writer = fingerprintOf(run);
  const context = contextOf(evaluation, run, null, time);
  const values = written.map(({ name, read }) => [name, read(context) ?? null] as const);
  for (const [name, value] of values) {
    const earlier = state.written.findLastIndex((other) => other.time <= time);
    state.written.splice(earlier + 1, 0, { name, value, time, run: writer });
  }
  const traits = Object.fromEntries(values);
  effects.traces.push({ kind: 'set', ...aboutRun(evaluation, run, time), step: path, traits });
}

function emitEvent(evaluation: Evaluation, run: Run, node: Node<'emit'>, time: number): void {
  const { state, effects } = evaluation;
  const { path: step, event } = node;
  const about = aboutRun(evaluation, run, time);
  const properties = node.properties(contextOf(evaluation, run, null, time));
  effects.emitted.push({
    id: stepId(evaluation, run, step, time),
    customer: state.id,
    event,
    properties,
    time,
    at: about.at,
    rule: run.rule,
    hops: run.hops + 1,
  });
  effects.traces.push({ kind: 'emitted', ...about, step, event, properties });
}

/** A run has one pause of a category: a later one takes its place. */
function pause(evaluation: Evaluation, run: Run, { path, category, until: read }: Node<'pause'>, time: number): void {
  const { pauses } = evaluation.state;
  const until = read(contextOf(evaluation, run, null, time), time);
  const own = fingerprintOf(run);
  if (until !== null) {
    endPause(evaluation, own, category);
    if (until > time) pauses.push({ category, until, run: own });
  }
  tracePause(evaluation, run, { kind: 'paused', step: path, category, until }, time);
}

function resume(evaluation: Evaluation, run: Run, { path, category }: Node<'resume'>, time: number): void {
  endPause(evaluation, fingerprintOf(run), category);
  tracePause(evaluation, run, { kind: 'resumed', step: path, category, until: null }, time);
}

function endPause({ state: { pauses } }: Evaluation, run: number, category: string): void {
  const known = pauses.findIndex((pause) => pause.run === run && pause.category === category);
  if (known >= 0) pauses.splice(known, 1);
}

function unsubscribe(evaluation: Evaluation, run: Run, node: Node<'unsubscribe'>, time: number): void {
  const { path: step, category, channels } = node;
  const id = stepId(evaluation, run, step, time);
  evaluation.effects.withdrawals.push({ id, category, channels, time, rule: run.rule });
  tracePause(evaluation, run, { kind: 'unsubscribed', step, category, until: null }, time);
}

function tracePause(
  evaluation: Evaluation,
  run: Run,
  what: { kind: 'paused' | 'resumed' | 'unsubscribed'; step: string; category: string; until: number | null },
  time: number,
): void {
  evaluation.effects.traces.push({ ...what, ...aboutRun(evaluation, run, time) });
}

/** Follows from the run, the step and the rounds: doing it twice is doing it once. */
function stepId({ state }: Evaluation, run: Run, step: string, time: number): string {
  const { rule, key, rounds } = run;
  const occurrence = occurrenceOf(run);
  // The rounds of nested repeats are told apart by their list.
  const path = rounds.length > 1 ? `${step} ${rounds.join('.')}` : step;
  return messageIdOf(
    { customer: customerOf(state, run), rule, key, occurrence, step: path, round: rounds.at(-1) ?? 1 },
    time,
  );
}

function fingerprintOf(run: Run): number {
  return runFingerprint(run.rule, run.key, occurrenceOf(run));
}
