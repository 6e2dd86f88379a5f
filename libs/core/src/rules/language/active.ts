import { dayOfText } from '../../time/civil-day.js';
import type { Rule } from '../model.js';
import { type FieldTable, mapStart, optional, type Reader, readFields } from '../reading/fields.js';
import { notAllowed, readScalar, short } from '../reading/scalars.js';
import { dateHint, dateMeant } from './date-meant.js';
import { isDate } from './operand.js';

/** A day of the calendar, as days since 1970-01-01. */
const day: Reader<number> = {
  type: 'date',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a date such as 2026-11-01');
    if (scalar === undefined) return undefined;
    const written = String(scalar.value);
    const found = isDate(written) ? dayOfText(written) : null;
    if (found !== null) return found;
    const meant = dateMeant(written);
    const message = `"${short(scalar)}" is not a day that exists; ${dateHint(meant)}`;
    return reading.error(scalar.span, 'value/date', message, meant ?? undefined);
  },
};

export const ACTIVE = {
  from: optional(day, 'The first day on which something may start; without it from the beginning.'),
  until: optional(day, 'The first day on which nothing starts any more; without it for ever.'),
} satisfies FieldTable;

export const active: Reader<Rule['active']> = {
  type: '{ from, until } or `never`',
  allowed: ['never', 'always'],
  read(node, reading) {
    if (node.kind !== 'map') {
      const scalar = readScalar(node, reading, '{ from: 2026-11-01, until: 2026-11-28 } or never');
      if (scalar === undefined) return undefined;
      if (scalar.value === 'never' || scalar.value === 'always') return scalar.value;
      return notAllowed(scalar, reading, ['never', 'always', '{ from: 2026-11-01, until: 2026-11-28 }']);
    }
    const { complete: fields, entry } = readFields(node, reading, ACTIVE, '`active`');
    if (fields === undefined) return undefined;
    const { from, until } = fields;
    if (from === null && until === null)
      return reading.shape(mapStart(node), 'missing-field', '`active` needs "from" or "until" (a date)');
    if (from !== null && until !== null && from >= until)
      return reading.error(
        entry('until')?.value.span ?? node.span,
        'rule/never-active',
        'no day lies between `from` and `until`: `from` is included, `until` is not',
      );
    return { from, until };
  },
};
