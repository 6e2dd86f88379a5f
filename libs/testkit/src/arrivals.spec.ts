import { Arrivals } from './arrivals.js';
import { waitUntil } from './wait-until.js';
import { WaitedInVainError } from './waited-in-vain-error.js';

describe('Arrivals', () => {
  it('gives what arrived already and what arrives later', async () => {
    const numbers = new Arrivals<number>('a number');
    numbers.add(1);
    const later = numbers.first((n) => n > 1);
    const three = numbers.atLeast(3);
    numbers.add(2);
    numbers.add(3);
    expect(await numbers.first()).toBe(1);
    expect(await later).toBe(2);
    expect(await three).toEqual([1, 2, 3]);
  });

  it('says what did not arrive', async () => {
    const numbers = new Arrivals<number>('a number');
    numbers.add(1);
    await expect(numbers.first((n) => n > 1, 5)).rejects.toThrow('for a number; last seen: 1 arrived');
  });
});

describe('waitUntil', () => {
  it('asks again after a failure and returns what was found', async () => {
    let asked = 0;
    const look = (): string => {
      asked += 1;
      if (asked < 3) throw new Error('not yet');
      return 'found';
    };
    expect(await waitUntil('it', look)).toBe('found');
  });

  it('tells the last failure', async () => {
    const look = (): never => {
      throw new Error('no such row');
    };
    await expect(waitUntil('the row', look, 1)).rejects.toThrow(WaitedInVainError);
    await expect(waitUntil('the row', look, 1)).rejects.toThrow('for the row; last seen: no such row');
  });
});
