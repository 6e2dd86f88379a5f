import { dayOfText } from '../../time/civil-day.js';

/** Day, month and year in another order or without zeros, as Kairos wants them; null where it is not certain which is which. */
export function dateMeant(written: string): string | null {
  const [, a = '', b = '', c = ''] = /^(\d{1,4})[-./](\d{1,2})[-./](\d{4}|\d{1,2})$/.exec(written.trim()) ?? [];
  if (a.length === 4) return existing(a, b, c);
  if (c.length !== 4 || a.length > 2) return null;
  // 3/4/2026 is April in one country and March in another; with points the day always comes first.
  if (written.includes('.') || Number(a) > 12 || a === b) return existing(c, b, a);
  return Number(b) > 12 ? existing(c, a, b) : null;
}

function existing(year: string, month: string, day: string): string | null {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return /^\d{4}-\d\d-\d\d$/.test(text) && dayOfText(text) !== null ? text : null;
}

/** How to write a date, for a sentence. */
export function dateHint(meant: string | null): string {
  return meant === null ? 'write year, month and day, such as 2026-11-26' : `write ${meant}`;
}
