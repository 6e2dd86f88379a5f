import { beSide, measure } from '../measure/side.js';
import { makeRecording, type RecordingSize } from './recording.js';

await beSide((size: RecordingSize) => {
  const { values, measuredFrom } = makeRecording(size);
  const parse = (from: number, to: number): Record<string, number> => {
    const names: Record<string, number> = {};
    for (let k = from; k < to; k++) {
      const { event } = JSON.parse(values[k]!.toString()) as { event: string };
      names[event] = (names[event] ?? 0) + 1;
    }
    return names;
  };
  parse(0, measuredFrom);
  const done = measure();
  const names = parse(measuredFrom, values.length);
  return { sample: done(size.events), result: names };
});
