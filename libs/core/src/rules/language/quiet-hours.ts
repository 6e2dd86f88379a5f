import { type QuietHours, WEEKDAYS } from '../model.js';
import { listOf, readMap } from '../reading/collections.js';
import { type FieldTable, optional, type Reader, readFields, required, withDefault } from '../reading/fields.js';
import { timeOfDay } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { notAllowed, oneOf, readScalar } from '../reading/scalars.js';
import type { YamlNode } from '../yaml/yaml-node.js';
import { dateHint, dateMeant } from './date-meant.js';
import { isDate } from './operand.js';
import { categoryName, channel } from './policy-values.js';

const day: Reader<string> = {
  type: 'weekday or date',
  allowed: [...WEEKDAYS, '2026-12-24'],
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a weekday or a date');
    if (scalar === undefined) return undefined;
    const written = String(scalar.value);
    if (WEEKDAYS.some((weekday) => weekday === written) || isDate(written)) return written;
    if (/^\d{4}-\d\d-\d\d$/.test(written))
      return reading.error(scalar.span, 'value/date', `${written} is not a day that exists`);
    const meant = dateMeant(written);
    if (meant !== null)
      return reading.error(scalar.span, 'value/date', `"${written}" is not a date; ${dateHint(meant)}`, meant);
    return notAllowed(scalar, reading, this.allowed ?? []);
  },
};

export const QUIET_HOURS = {
  from: required(timeOfDay, 'When they begin, on the wall clock of the customer.'),
  to: required(timeOfDay, 'When they end; a night ends on the next day.'),
  channels: optional(listOf(channel, { unique: true }), 'On which channels; without it on all.'),
  categories: optional(listOf(categoryName, { unique: true }), 'For which categories; without it for all.'),
  days: optional(listOf(day, { unique: true }), 'Weekdays or dates on which they begin; without it every day.'),
  'on quiet': withDefault(oneOf(['hold', 'skip']), 'hold', 'hold', 'Keep the message until they end, or drop it.'),
} satisfies FieldTable;

export const quietHours: Reader<QuietHours> = {
  type: 'quiet hours',
  read(node: YamlNode, reading: Reading) {
    const map = readMap(node, reading, 'quiet hours, such as { from: "21:00", to: "09:00" }');
    if (map === undefined) return undefined;
    const { complete: fields, entry } = readFields(map, reading, QUIET_HOURS, '`quiet hours`');
    if (fields === undefined) return undefined;
    if (fields.from === fields.to) {
      const span = entry('to')?.value.span ?? map.span;
      return reading.error(
        span,
        'settings/quiet-hours-empty',
        'quiet hours that begin and end at the same time are either none or always; write the times that are meant',
      );
    }
    return {
      from: fields.from,
      to: fields.to,
      channels: fields.channels,
      categories: fields.categories,
      days: fields.days,
      onQuiet: fields['on quiet'],
    };
  },
};
