import type { Output } from '../../terminal/terminal.js';
import type { ComparisonReport } from './comparison-report.js';
import type { SimulationReport } from './simulation-report.js';

const AT_ONCE = 1_000;

/** One object. Differences stand one in a line and are handed on in pieces: there may be more than a string can hold. */
export async function writeJson(
  out: Output,
  report: SimulationReport,
  comparison: ComparisonReport | null,
): Promise<void> {
  if (comparison === null) return out.line(JSON.stringify(report, null, 2));
  const { differences, ...head } = comparison;
  const text = JSON.stringify({ ...report, comparison: head }, null, 2);
  out.write(`${text.slice(0, text.lastIndexOf('\n  }\n}'))},\n    "differences": [`);
  for (let at = 0; at < differences.length; at += AT_ONCE) {
    const lines = differences.slice(at, at + AT_ONCE).map((each) => `\n      ${JSON.stringify(each)}`);
    out.write(`${at === 0 ? '' : ','}${lines.join(',')}`);
    await out.drained();
  }
  out.line(`${differences.length === 0 ? '' : '\n    '}]\n  }\n}`);
}
