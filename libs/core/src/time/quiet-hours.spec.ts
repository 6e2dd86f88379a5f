import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { endOfQuietHours } from './quiet-hours.js';
import { findZone, type Zone } from './zone.js';

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const iso = (instant: number | null): string | null =>
  instant === null ? null : Temporal.Instant.fromEpochMilliseconds(instant).toString();

function zone(name: string): Zone {
  const found = findZone(name);
  if (found === null) throw new Error(`no zone ${name}`);
  return found;
}

const clock = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

function end(
  now: string,
  from: string,
  to: string,
  name = 'Europe/Berlin',
  days: readonly string[] | null = null,
): string | null {
  return iso(endOfQuietHours(at(now), { from: clock(from), to: clock(to), days }, zone(name)));
}

describe('quiet hours', () => {
  it('include their beginning and not their end', () => {
    expect(end('2026-03-02T19:59:59.999Z', '21:00', '09:00')).toBeNull();
    expect(end('2026-03-02T20:00:00Z', '21:00', '09:00')).toBe('2026-03-03T08:00:00Z');
    expect(end('2026-03-03T07:59:59.999Z', '21:00', '09:00')).toBe('2026-03-03T08:00:00Z');
    expect(end('2026-03-03T08:00:00Z', '21:00', '09:00')).toBeNull();
  });

  it('may lie within one day', () => {
    expect(end('2026-03-02T12:30:00Z', '13:00', '15:00')).toBe('2026-03-02T14:00:00Z');
    expect(end('2026-03-02T14:00:00Z', '13:00', '15:00')).toBeNull();
  });

  it('belong to the day on which the night begins', () => {
    // 2026-03-06 is a Friday.
    expect(end('2026-03-06T23:30:00Z', '21:00', '09:00', 'Europe/Berlin', ['friday'])).toBe('2026-03-07T08:00:00Z');
    expect(end('2026-03-06T02:30:00Z', '21:00', '09:00', 'Europe/Berlin', ['friday'])).toBeNull();
    expect(end('2026-03-07T21:00:00Z', '21:00', '09:00', 'Europe/Berlin', ['friday'])).toBeNull();
    expect(end('2026-12-25T01:00:00Z', '21:00', '09:00', 'Europe/Berlin', ['2026-12-24'])).toBe('2026-12-25T08:00:00Z');
  });

  it('end at nine on the wall clock whatever the clock did that night', () => {
    expect(end('2026-03-28T22:00:00Z', '21:00', '09:00')).toBe('2026-03-29T07:00:00Z');
    expect(end('2026-10-24T22:00:00Z', '21:00', '09:00')).toBe('2026-10-25T08:00:00Z');
    expect(end('2026-03-08T05:00:00Z', '21:00', '09:00', 'America/New_York')).toBe('2026-03-08T13:00:00Z');
    expect(end('2026-10-03T14:00:00Z', '21:00', '09:00', 'Australia/Lord_Howe')).toBe('2026-10-03T22:00:00Z');
  });

  it('take a skipped end at the first instant after the gap, and one that exists twice at its first', () => {
    expect(end('2026-03-29T00:59:59Z', '21:00', '02:30')).toBe('2026-03-29T01:00:00Z');
    expect(end('2026-03-29T01:00:00Z', '21:00', '02:30')).toBeNull();
    expect(end('2026-10-25T00:29:59Z', '21:00', '02:30')).toBe('2026-10-25T00:30:00Z');
    // Half past two and later for the second time: over.
    expect(end('2026-10-25T01:10:00Z', '21:00', '02:30')).toBeNull();
  });

  it('take a skipped beginning at the first instant after the gap, and one that exists twice at its first', () => {
    expect(end('2026-03-29T00:59:59Z', '02:30', '09:00')).toBeNull();
    expect(end('2026-03-29T01:00:00Z', '02:30', '09:00')).toBe('2026-03-29T07:00:00Z');
    expect(end('2026-10-25T00:45:00Z', '02:30', '09:00')).toBe('2026-10-25T08:00:00Z');
    // 02:10 for the second time: the hours have begun at the first 02:30.
    expect(end('2026-10-25T01:10:00Z', '02:30', '09:00')).toBe('2026-10-25T08:00:00Z');
  });

  it('end with the day that has no midnight', () => {
    expect(end('2018-11-04T02:30:00Z', '21:00', '00:00', 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00Z');
    expect(end('2023-04-27T20:00:00Z', '21:00', '00:30', 'Africa/Cairo')).toBe('2023-04-27T22:00:00Z');
    expect(end('2022-03-26T21:00:00Z', '21:00', '00:15', 'Asia/Beirut')).toBe('2022-03-26T22:00:00Z');
  });

  it('go on when a clock set back over midnight shows the day before again', () => {
    // 23:30 for the second time in Sao Paulo: the night that began 00:00 on the 18th has not begun yet.
    expect(end('2018-02-18T02:30:00Z', '00:00', '06:00', 'America/Sao_Paulo')).toBeNull();
    // St. John's went back at 00:01 to 23:01: the night that began at the first midnight goes on.
    expect(end('2008-11-02T02:45:00Z', '00:00', '06:00', 'America/St_Johns')).toBe('2008-11-02T09:30:00Z');
  });

  it('hold exactly between what Temporal says are their ends', () => {
    const names = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
      'Asia/Beirut',
      'Africa/Cairo',
    );
    const minute = fc.integer({ min: 0, max: 1439 });
    const instant = fc.integer({ min: at('2010-01-01T00:00Z'), max: at('2028-01-01T00:00Z') });
    fc.assert(
      fc.property(names, minute, minute, instant, (name, from, to, now) => {
        fc.pre(from !== to);
        expect(endOfQuietHours(now, { from, to, days: null }, zone(name))).toBe(byTemporal(now, from, to, name));
      }),
      { numRuns: 400 },
    );
  });
});

/** The same sentence by other means; random instants hardly ever meet a change of the clock, those have their own tests. */
function byTemporal(now: number, from: number, to: number, name: string): number | null {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(name).toPlainDate();
  const moment = (day: Temporal.PlainDate, minute: number): number => {
    const wanted = day.toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 });
    const zoned = wanted.toZonedDateTime(name);
    if (zoned.toPlainDateTime().equals(wanted)) return zoned.epochMilliseconds;
    return (
      wanted.toZonedDateTime(name, { disambiguation: 'earlier' }).getTimeZoneTransition('next')?.epochMilliseconds ??
      NaN
    );
  };
  for (const day of [today, today.subtract({ days: 1 })]) {
    const end = moment(from > to ? day.add({ days: 1 }) : day, to);
    if (moment(day, from) <= now && now < end) return end;
  }
  return null;
}
