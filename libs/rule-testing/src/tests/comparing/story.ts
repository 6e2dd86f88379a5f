import { decisionRecord, describeDecision, type DeliveryDecision, type TraceEntry } from '#core';
import { traceSentence } from '../../explaining/trace-sentence.js';
import { formatMoment } from '../moment.js';
import type { TestRun } from '../run-test.js';
import type { RuleTest, TestFile } from '../test-file.js';

/** One test with all that explanations may look at. */
export interface TestedRun {
  readonly file: TestFile;
  readonly test: RuleTest;
  readonly run: TestRun;
}

const MOST_BEFORE = 16;
const MOST_AFTER = 4;

/**
 * What became of a rule for one customer (null: all), in sentences by time: its runs, and the decisions about their
 * messages. Empty when it never heard of them. Of a long story what is near to an instant, ms; null: near to its end.
 */
export function storyOf(
  tested: TestedRun,
  rule: string,
  customer: string | null,
  near: number | null,
): readonly string[] {
  const story = wholeStory(tested, rule, customer);
  const later = near === null ? -1 : story.findIndex(({ at }) => at > near);
  const middle = later < 0 ? story.length : later;
  const [from, to] = [Math.max(0, middle - MOST_BEFORE), Math.min(story.length, middle + MOST_AFTER)];
  return [
    ...(from > 0 ? [`… (${from} more before)`] : []),
    ...story.slice(from, to).map(({ at, told }) => `${formatMoment(at, tested.file.clock)} ${told}`),
    ...(to < story.length ? [`… (${story.length - to} more after)`] : []),
  ];
}

function wholeStory(tested: TestedRun, rule: string, customer: string | null) {
  const { run } = tested;
  const concerned = (other: string): boolean => customer === null || other === customer;
  const traced = run.traces
    .filter(({ customer: of, trace }) => trace.rule === rule && concerned(of))
    .map(({ customer: of, trace }) => ({
      at: trace.at,
      told: tell(tested, trace, customer === null ? ` for ${of}` : ''),
    }));
  const decided = run.decisions
    .filter(({ message: { plan } }) => plan.rule === rule && concerned(plan.customer))
    .map((decision) => ({ at: decision.at, told: tellDecision(decision, customer === null) }));
  return [...traced, ...decided].sort((a, b) => a.at - b.at);
}

function tellDecision(decision: DeliveryDecision, naming: boolean): string {
  const { plan } = decision.message;
  const whom = naming ? ` for ${plan.customer}` : '';
  const said = describeDecision(decisionRecord(decision), 'en').verdict;
  return `${said.replace(/\.$/, '')}${whom}${decision.verdict.kind === 'send' ? '' : ` (${decision.verdict.reason})`}`;
}

function tell({ run, file }: TestedRun, trace: TraceEntry, whom: string): string {
  return traceSentence(trace, {
    whom,
    nameOf: (id) => eventNameOf(run, id),
    instant: (at) => formatMoment(at, file.clock),
  });
}

/** null: no event has this id. */
export function eventNameOf({ events }: TestRun, id: string | null): string | null {
  const event = id === null ? undefined : events.get(id);
  return event === undefined ? null : (event.name ?? 'the change of traits');
}
