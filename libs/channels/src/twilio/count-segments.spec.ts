import { countSegments } from './count-segments.js';

describe('the segments of a text message', () => {
  it.each<[string, string, number]>([
    ['a'.repeat(160), 'GSM-7', 1],
    ['a'.repeat(161), 'GSM-7', 2],
    ['a'.repeat(306), 'GSM-7', 2],
    ['a'.repeat(307), 'GSM-7', 3],
    ['€'.repeat(80), 'GSM-7', 1],
    ['€'.repeat(81), 'GSM-7', 2],
    // 153 is odd: the euro that does not fit goes into the next one.
    ['€'.repeat(153), 'GSM-7', 3],
    ['ж'.repeat(70), 'UCS-2', 1],
    ['ж'.repeat(71), 'UCS-2', 2],
    ['ж'.repeat(134), 'UCS-2', 2],
    ['ж'.repeat(135), 'UCS-2', 3],
    ['😀'.repeat(35), 'UCS-2', 1],
    // 67 is odd: an emoji is never cut in two.
    ['😀'.repeat(67), 'UCS-2', 3],
    ['', 'GSM-7', 1],
  ])('%# of %j', (text, alphabet, count) => {
    expect(countSegments(text)).toEqual({ alphabet, count });
  });
});
