import { beSide, measure } from '../measure/side.js';
import { makeRecording, WARM_UP, type RecordingSize } from './recording.js';

await beSide((size: RecordingSize) => {
  const { values, measuredFrom } = makeRecording(size);
  const before = makeRecording(WARM_UP).values;
  const parse = (values: readonly Buffer[], from: number, to: number): Record<string, number> => {
    const names: Record<string, number> = {};
    for (let k = from; k < to; k++) {
      const { event } = JSON.parse(values[k]!.toString()) as { event: string };
      names[event] = (names[event] ?? 0) + 1;
    }
    return names;
  };
  parse(before, 0, before.length);
  parse(values, 0, measuredFrom);
  const done = measure();
  const names = parse(values, measuredFrom, values.length);
  return { sample: done(size.events), result: names };
});
