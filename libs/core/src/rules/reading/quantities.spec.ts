import { parseDuration } from './quantities.js';

describe('parseDuration', () => {
  it.each([
    ['30 seconds', 30_000],
    ['1 minute', 60_000],
    ['1 hour 30 minutes', 5_400_000],
    ['3 days', 259_200_000],
    ['2 weeks', 1_209_600_000],
    ['1 week 1 day 1 hour 1 minute 1 second', 694_861_000],
    ['0 seconds', 0],
  ])('reads %s', (written, ms) => {
    expect(parseDuration(written)).toBe(ms);
  });

  it.each([
    '',
    '1',
    'hour',
    '1hour',
    '1 hr',
    '1.5 hours',
    '-1 hours',
    '30 minutes 1 hour',
    '1 hour 1 hour',
    '1 hour 30',
    'one hour',
    '1 Hour',
    '1\u00a0hour',
    '1 month',
  ])('does not read "%s"', (written) => {
    expect(parseDuration(written)).toBeNull();
  });
});
