/**
 * What a test run comes to. Results are { name, outcome: 'passed' | 'failed' | 'skipped', reason? }.
 *
 * A skipped test says why in its title: "[needs ../shared/data/x.ndjson.gz]". In CI a skipped test is a failure, except for recorded
 * data that is not there (`dataIsThere` false), which no machine can make up, and a browser and promtool, which not every one has.
 */
export function tally(results, { ci, dataIsThere }) {
  const isExcused = ({ reason }) =>
    !ci || /^(?:a browser|promtool)/.test(reason ?? '') || (!dataIsThere && reason?.startsWith('../shared/data'));
  const judged = results.map((result) =>
    result.outcome === 'skipped' && !isExcused(result)
      ? { ...result, outcome: 'failed', reason: `skipped in CI (${result.reason ?? 'no reason given'})` }
      : result,
  );
  const having = (outcome) => judged.filter((result) => result.outcome === outcome);
  return { passed: having('passed'), failed: having('failed'), skipped: having('skipped') };
}

const listed = (heading, results) =>
  results.length === 0
    ? []
    : ['', heading, ...results.map(({ name, reason }) => `  ${name}${reason ? `: ${reason}` : ''}`)];

// One line a reason: a missing broker skips fifty tests for one cause.
function byReason(skipped) {
  const groups = new Map();
  for (const { name, reason = 'no reason given' } of skipped) groups.set(reason, [...(groups.get(reason) ?? []), name]);
  return [...groups].map(([reason, names]) => ({
    name: names.length > 1 ? `${names[0]} and ${names.length - 1} more` : names[0],
    reason,
  }));
}

/** The end of the report: what was skipped and why, what failed, and the one line that counts. */
export function summaryLines({ passed, failed, skipped }) {
  const counts = `${passed.length} passed, ${failed.length} failed`;
  return [
    ...listed('NOT RUN (needs what this machine does not have):', byReason(skipped)),
    ...listed('FAILED:', failed),
    '',
    skipped.length > 0 ? `${counts}, ${skipped.length} skipped` : counts,
  ];
}
