import type { Rule } from '#core';
import { formatMoment } from '../moment.js';
import type { Happening } from './happening.js';
import type { TestedRun } from './story.js';

/** Of runs that still wait when the clock stops: what was expected may only come afterwards. */
export function cutOffRuns({ file, test, run }: TestedRun, rule: string, customer: string | null): readonly string[] {
  const stopped = formatMoment(run.stoppedAt, file.clock);
  return run
    .openRuns()
    .filter((open) => open.rule === rule && (customer === null || open.customer === customer))
    .flatMap(({ step, until }) => {
      if (until === null || until <= run.stoppedAt) return [];
      const due = formatMoment(until, file.clock);
      const cure = test.until === null ? `add \`until: ${due}\`` : `write \`until: ${due}\``;
      return [`the test ends at ${stopped}, and step ${step} of ${rule} is due at ${due}: ${cure} or later to see it`];
    });
}

/**
 * Of what comes after all that the test is about, of the calendar or a silence or of a rule that it does not speak of:
 * nothing has told the clock to stop.
 */
export function missingEnd(
  { file, test }: TestedRun,
  { starts }: Pick<Rule, 'starts'>,
  { at }: Pick<Happening, 'at'>,
  isSpokenOf: boolean,
): readonly string[] {
  const last = Math.max(...[...test.events, ...test.expect].map((each) => each.at));
  const comesOfTime = starts.some(({ kind }) => kind === 'inactive' || kind === 'date' || kind === 'every');
  if (test.until !== null || at <= last || (isSpokenOf && !comesOfTime)) return [];
  return [
    `the test has no \`until\`, so the clock goes on until nothing is pending (400 days at most) in all rules; where this is not its matter, add \`until: ${formatMoment(last, file.clock)}\``,
  ];
}
