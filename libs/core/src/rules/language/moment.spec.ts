import { readRuleWith } from '../fixtures/read-rule-with.js';

const until = (written: string) => readRuleWith({ steps: `steps: [{ wait: { until: ${written} } }]` }).rule.steps[0];
const fixed = (hours: number) => ({ kind: 'fixed', ms: hours * 3_600_000, days: Math.floor(hours / 24) });

describe('a moment', () => {
  it.each([
    ['"10:00"', { kind: 'time of day', minute: 600 }],
    ['monday', { kind: 'weekdays', days: ['monday'] }],
    ['[saturday, sunday]', { kind: 'weekdays', days: ['saturday', 'sunday'] }],
    ['weekday', { kind: 'weekdays', days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] }],
    ['1970-01-02', { kind: 'day', day: 1 }],
    ['"2024-02-29"', { kind: 'day', day: 19_782 }],
    ['1970-01-01T01:00:00+01:00', { kind: 'instant', time: 0 }],
    ['1970-01-01T00:00:01.5Z', { kind: 'instant', time: 1_500 }],
    ['start.starts_at', { kind: 'path', path: { root: 'start', names: ['starts_at'], text: 'start.starts_at' } }],
    ['2 weeks later', { kind: 'later', duration: fixed(336) }],
    ['1 day 2 hours later', { kind: 'later', duration: { ...fixed(26), days: 1 } }],
  ])('is written %s', (written, moment) => {
    expect(until(written)).toMatchObject({ kind: 'wait until', moment });
  });

  it.each(['before', 'after'] as const)('lies %s a date', (side) => {
    expect(until(`2 hours ${side} start.starts at`)).toMatchObject({
      moment: { kind: 'beside', side, duration: fixed(2), path: { root: 'start', names: ['starts at'] } },
    });
  });
});
