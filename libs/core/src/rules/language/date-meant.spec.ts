import { dateMeant } from './date-meant.js';

describe('a date as people write it', () => {
  it.each([
    ['26.11.2026', '2026-11-26'],
    ['1.2.2026', '2026-02-01'],
    ['2026-11-1', '2026-11-01'],
    ['2026/11/26', '2026-11-26'],
    ['26/11/2026', '2026-11-26'],
    ['11/26/2026', '2026-11-26'],
    ['3/3/2026', '2026-03-03'],
    ['3/4/2026', null],
    ['31.02.2026', null],
    ['26.11.26', null],
    ['soon', null],
  ])('%s is %s', (written, meant) => {
    expect(dateMeant(written)).toBe(meant);
  });
});
