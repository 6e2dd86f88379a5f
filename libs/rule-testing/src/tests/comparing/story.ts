import type { TraceEntry } from '#core';
import { formatMoment } from '../reading/moment.js';
import { eventOf, type TestRun } from '../run-test.js';
import type { RuleTest, TestFile } from '../test-file.js';

/** One test with all that explanations may look at. */
export interface TestedRun {
  readonly file: TestFile;
  readonly test: RuleTest;
  readonly run: TestRun;
}

/** What became of a rule for one customer (null: all), in sentences by time; empty when it never heard of them. */
export function storyOf(tested: TestedRun, rule: string, customer: string | null): readonly string[] {
  return tested.run.traces
    .filter(({ customer: of, trace }) => trace.rule === rule && (customer === null || of === customer))
    .map(({ customer: of, trace }) => tell(tested, trace, customer === null ? ` for ${of}` : ''));
}

function tell(tested: TestedRun, trace: TraceEntry, whom: string): string {
  const { test, file } = tested;
  const at = formatMoment(trace.at, file.clock);
  const key = trace.key === null ? '' : ` (key ${[trace.key].flat().join(', ')})`;
  const by = (id: string | null): string => eventNameOf(test, id) ?? 'silence';
  switch (trace.kind) {
    case 'started':
      return `${at} a run${key} began${whom} with ${by(trace.event)}${trace.heldOut ? ', in the holdout' : ''}`;
    case 'not_started':
      return `${at} ${by(trace.event)} started nothing${whom}: ${trace.reason}${trace.detail === null ? '' : `, ${trace.detail}`}`;
    case 'wait_restarted':
      return `${at} ${by(trace.event)} began its wait anew${key}${whom}`;
    case 'branch':
      return `${at} step ${trace.step} took \`${trace.branch}\`${key}${whom}`;
    case 'collected':
      return `${at} ${by(trace.event)} was added to the start events${key}${whom}`;
    case 'set':
      return `${at} step ${trace.step} set ${JSON.stringify(trace.traits)}${key}${whom}`;
    case 'emitted':
      return `${at} step ${trace.step} emitted ${trace.event}${key}${whom}`;
    case 'paused':
    case 'resumed':
    case 'unsubscribed':
      return `${at} step ${trace.step} ${trace.kind} ${trace.category}${key}${whom}`;
    case 'planned':
      return `${at} step ${trace.step} planned its message${key}${whom}`;
    case 'ended': {
      const name = eventNameOf(test, trace.by);
      return `${at} the run${key} ended${whom}: ${trace.outcome}${name === null ? '' : ` by ${name}`}`;
    }
  }
}

export function eventNameOf(test: RuleTest, id: string | null): string | null {
  const event = eventOf(test, id);
  if (event === undefined) return null;
  return event.call.kind === 'event' ? event.call.name : 'the change of traits';
}
