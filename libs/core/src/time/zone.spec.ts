import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { localTime, localDay, periodOf } from './calendar.js';
import { civilDate, dayNumber, dayOfText, textOfDay, weekdayOf } from './civil-day.js';
import { findZone, isTimeZone, type Zone } from './zone.js';

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Asia/Beirut',
  'Africa/Cairo',
  'America/St_Johns',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'Antarctica/Troll',
  'UTC',
];

function zone(name: string): Zone {
  const found = findZone(name);
  if (found === null) throw new Error(`no zone ${name}`);
  return found;
}

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const iso = (instant: number): string => Temporal.Instant.fromEpochMilliseconds(instant).toString();

/** Instants close to a change of the clock, where random ones would hardly ever fall. */
function nearChanges(name: string): fc.Arbitrary<number> {
  const changes: number[] = [];
  let here: Temporal.ZonedDateTime | null = Temporal.ZonedDateTime.from(`2005-01-01T00:00:00[${name}]`);
  while ((here = here.getTimeZoneTransition('next')) !== null && here.year < 2030) changes.push(here.epochMilliseconds);
  const random = fc.integer({ min: at('1972-01-01T00:00Z'), max: at('2035-01-01T00:00Z') });
  if (changes.length === 0) return random;
  const near = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -10_800_000, max: 10_800_000 }))
    .map(([change, by]) => change + by);
  const exact = fc.tuple(fc.constantFrom(...changes), fc.constantFrom(-1, 0, 1)).map(([change, by]) => change + by);
  return fc.oneof(near, exact, random);
}

describe.each(ZONES)('the wall clock of %s', (name) => {
  const near = nearChanges(name);

  it('shows what Temporal says', () => {
    fc.assert(
      fc.property(near, (instant) => {
        const expected = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(name);
        expect(localTime(zone(name), instant)).toEqual({
          year: expected.year,
          month: expected.month,
          day: expected.day,
          dayNumber: dayNumber(expected.year, expected.month, expected.day),
          weekday: expected.dayOfWeek - 1,
          minute: expected.hour * 60 + expected.minute,
          second: expected.second,
        });
      }),
      { numRuns: 150 },
    );
  });

  it('has each local time at the first of two instants, or right after the gap', () => {
    fc.assert(
      fc.property(near, (instant) => {
        const { year, month, day, dayNumber: number, minute } = localTime(zone(name), instant);
        // The minutes around it too, so that skipped ones are met.
        for (const shift of [0, 17, 44]) {
          const shifted = Math.min(1439, minute + shift);
          const wanted = new Temporal.PlainDateTime(year, month, day, Math.floor(shifted / 60), shifted % 60);
          expect(iso(zone(name).instantOf(number, shifted))).toBe(iso(expectedInstant(wanted, name)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('tiles time with days, weeks and months', () => {
    fc.assert(
      fc.property(near, fc.constantFrom('day' as const, 'week' as const, 'month' as const), (instant, unit) => {
        const period = periodOf(zone(name), unit, instant);
        expect(period.from <= instant && instant < period.to).toBe(true);
        expect(periodOf(zone(name), unit, period.from)).toEqual(period);
        expect(periodOf(zone(name), unit, period.to - 1)).toEqual(period);
        expect(periodOf(zone(name), unit, period.to).from).toBe(period.to);
      }),
      { numRuns: 100 },
    );
  });
});

/** By Temporal: `compatible` is the first of two; in a gap it shifts forward, which is later than the gap's end. */
function expectedInstant(wanted: Temporal.PlainDateTime, name: string): number {
  const compatible = wanted.toZonedDateTime(name);
  if (compatible.toPlainDateTime().equals(wanted)) return compatible.epochMilliseconds;
  const change = wanted.toZonedDateTime(name, { disambiguation: 'earlier' }).getTimeZoneTransition('next');
  if (change === null) throw new Error('a gap without a change');
  return change.epochMilliseconds;
}

describe('a day that the clock disturbs', () => {
  it.each([
    // Midnight does not exist: the day begins at one o'clock.
    ['America/Sao_Paulo', '2018-11-04T12:00:00Z', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z'],
    ['Asia/Beirut', '2022-03-27T12:00:00Z', '2022-03-26T22:00:00Z', '2022-03-27T21:00:00Z'],
    ['Africa/Cairo', '2023-04-28T12:00:00Z', '2023-04-27T22:00:00Z', '2023-04-28T21:00:00Z'],
    // 23 and 25 hours.
    ['Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    ['Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    // Half an hour.
    ['Australia/Lord_Howe', '2026-10-04T02:00:00Z', '2026-10-03T13:30:00Z', '2026-10-04T13:00:00Z'],
    // The clock goes back from midnight to 23:00: still the day before.
    ['America/Sao_Paulo', '2018-02-18T02:30:00Z', '2018-02-17T02:00:00Z', '2018-02-18T03:00:00Z'],
    // It went back at 00:01: the new day had begun and goes on.
    ['America/St_Johns', '2008-11-02T02:45:00Z', '2008-11-02T02:30:00Z', '2008-11-03T03:30:00Z'],
  ])('in %s at %s begins %s and ends %s', (name, instant, from, to) => {
    expect(periodOf(zone(name), 'day', at(instant))).toEqual({ from: at(from), to: at(to) });
  });

  it('begins on the next one that exists where a whole day was skipped', () => {
    const apia = zone('Pacific/Apia');
    expect(apia.instantOf(dayNumber(2011, 12, 30), 600)).toBe(at('2011-12-30T10:00:00Z'));
    expect(textOfDay(localDay(apia, at('2011-12-30T10:00:00Z')))).toBe('2011-12-31');
  });
});

describe('weeks and months', () => {
  it('begin on Monday and on the first', () => {
    const berlin = zone('Europe/Berlin');
    expect(periodOf(berlin, 'week', at('2026-11-22T22:59:59Z'))).toEqual({
      from: at('2026-11-15T23:00Z'),
      to: at('2026-11-22T23:00Z'),
    });
    expect(periodOf(berlin, 'month', at('2026-10-31T22:59:59Z'))).toEqual({
      from: at('2026-09-30T22:00Z'),
      to: at('2026-10-31T23:00Z'),
    });
    expect(periodOf(berlin, 'month', at('2026-12-31T23:00:00Z'))).toEqual({
      from: at('2026-12-31T23:00Z'),
      to: at('2027-01-31T23:00Z'),
    });
  });
});

describe('names of zones', () => {
  it.each(['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'UTC', 'GMT'])('%s is one', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each([
    '',
    'Berlin',
    '+02:00',
    'Mars/Olympus',
    'Europe/Berlin ',
    'Europe/Berlin\n',
    '../etc',
    'x'.repeat(500),
    'ОМСК',
  ])('%j is none', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });

  it('stay known when thousands of unknown ones were asked for', () => {
    for (let index = 0; index < 4_100; index++) expect(isTimeZone(`No/Zone${index}`)).toBe(false);
    expect(isTimeZone('Europe/Berlin')).toBe(true);
  });
});

describe('day numbers', () => {
  it('go there and back as Temporal does', () => {
    fc.assert(
      fc.property(fc.integer({ min: -900_000, max: 2_000_000 }), (number) => {
        const date = Temporal.PlainDate.from('1970-01-01').add({ days: number });
        expect(civilDate(number)).toEqual({ year: date.year, month: date.month, day: date.day });
        expect(dayNumber(date.year, date.month, date.day)).toBe(number);
        expect(weekdayOf(number)).toBe(date.dayOfWeek - 1);
      }),
    );
  });

  it('are read from texts of days that exist', () => {
    expect(dayOfText('1970-01-02')).toBe(1);
    expect(textOfDay(dayOfText('2024-02-29') ?? 0)).toBe('2024-02-29');
    expect(dayOfText('2026-02-29')).toBeNull();
    expect(dayOfText('2026-2-9')).toBeNull();
    expect(dayOfText('2026-13-01')).toBeNull();
  });
});
