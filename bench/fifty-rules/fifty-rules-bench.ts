import { expectSame } from '../measure/expect-same.js';
import { interleave } from '../measure/interleave.js';
import { report } from '../measure/report.js';
import { runSide } from '../measure/side.js';
import { expectedOf } from './expected.js';
import type { Found } from './found.js';
import { makeRecording, type Recording, type RecordingSize } from './recording.js';

/** R1: the core alone against JSON.parse alone. */
export async function fiftyRulesBench(size: RecordingSize, rounds: number): Promise<boolean> {
  console.log(`R1: ${size.events.toLocaleString('en')} events of ${size.customers.toLocaleString('en')} customers`);
  const { found, names } = expectations(makeRecording(size));
  const core = async () => {
    const { sample, result } = await runSide<Found>('fifty-rules/core-side.js', size);
    expectSame('the core', result, found);
    return sample;
  };
  const parse = async () => {
    const { sample, result } = await runSide<Record<string, number>>('fifty-rules/parse-side.js', size);
    expectSame('JSON.parse', result, names);
    return sample;
  };
  const measured = await interleave({ core, parse }, 'parse', rounds, console.log);
  const { started, planned } = found;
  return report(
    {
      id: 'R1',
      title: `core with 50 rules, ${size.customers.toLocaleString('en')} customers / JSON.parse of the same buffers`,
      ours: 'core',
      baseline: 'parse',
      gate: 1,
      aim: 3,
      checked: `${started.cart + started['win-back'] + started.care} runs, ${planned} messages, ${found.goals} goals, ${found.cancelled} taken back: as expected`,
    },
    measured,
  );
}

function expectations(recording: Recording): { readonly found: Found; readonly names: Record<string, number> } {
  const names: Record<string, number> = {};
  for (const value of recording.values.slice(recording.measuredFrom)) {
    const name = /"event":"([^"]+)"/.exec(value.toString())![1]!;
    names[name] = (names[name] ?? 0) + 1;
  }
  return { found: expectedOf(recording), names };
}
