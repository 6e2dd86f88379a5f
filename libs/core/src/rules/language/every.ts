import { type EveryStart, WEEKDAYS } from '../model.js';
import type { Reader } from '../reading/fields.js';
import { notAllowed, readScalar } from '../reading/scalars.js';
import { namedDays, weekdays } from './moment.js';

const WORDS = ['day', 'weekday', 'month', ...WEEKDAYS] as const;

/** On which days a start `every` comes again. */
export const everyDays: Reader<EveryStart['days']> = {
  type: '`day`, weekday, list of weekdays, `weekday` or `month`',
  allowed: WORDS,
  read(node, reading) {
    if (node.kind === 'list') return weekdays.read(node, reading);
    const scalar = readScalar(node, reading, 'a day, such as monday');
    if (scalar === undefined) return undefined;
    if (scalar.value === 'day' || scalar.value === 'month') return scalar.value;
    return namedDays(scalar.value) ?? notAllowed(scalar, reading, WORDS);
  },
};
