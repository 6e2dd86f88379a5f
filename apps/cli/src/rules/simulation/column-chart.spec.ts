import { columnChart } from './column-chart.js';

const days = (...values: readonly number[]) => values.map((value, index) => ({ name: `day ${index + 1}`, value }));

describe('a chart of columns', () => {
  it('is as high as its highest value, and shows what is there at all', () => {
    const { lines, each } = columnChart(days(0, 48, 24, 1), 80);
    expect(each).toBe(1);
    expect(lines).toEqual(['48 ┤ █', '   ┤ █', '   ┤ █', '   ┤ ██', '   ┤ ██', ' 0 ┤ ██▁', '    day 1 day 4']);
  });

  it('puts several values into one column where they do not fit', () => {
    const { lines, each } = columnChart(days(...Array.from({ length: 90 }, () => 1)), 40);
    expect(each).toBe(3);
    expect(lines.every((line) => line.length <= 40)).toBe(true);
    expect(lines[0]).toBe(`3 ┤${'█'.repeat(30)}`);
  });
});
