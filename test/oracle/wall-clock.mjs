// Local time of a zone, by Intl alone. Instants are milliseconds since 1970, wall times are milliseconds as if the wall clock were UTC.

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const formatters = new Map();

function formatterOf(zone) {
  if (!formatters.has(zone)) {
    formatters.set(
      zone,
      new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      }),
    );
  }
  return formatters.get(zone);
}

const known = new Map();

export function isZone(name) {
  if (typeof name !== 'string' || name === '') return false;
  if (!known.has(name)) {
    try {
      formatterOf(name);
      known.set(name, true);
    } catch {
      known.set(name, false);
    }
  }
  return known.get(name);
}

/** What the wall clock shows at an instant. */
export function wallTime(instant, zone) {
  const part = {};
  for (const { type, value } of formatterOf(zone).formatToParts(new Date(instant))) part[type] = value;
  const millisecond = ((instant % 1000) + 1000) % 1000;
  return Date.UTC(+part.year, +part.month - 1, +part.day, +part.hour, +part.minute, +part.second) + millisecond;
}

/** The instant of a wall time: the first of two; in a gap the first instant after it. */
export function instantOf(wall, zone) {
  const offsets = [-48, 0, 48].map((hours) => {
    const near = wall + hours * HOUR;
    return wallTime(near, zone) - near;
  });
  const candidates = [...new Set(offsets)].map((offset) => wall - offset).sort((a, b) => a - b);
  const exact = candidates.filter((candidate) => wallTime(candidate, zone) === wall);
  if (exact.length > 0) return exact[0];
  let before = candidates[0] - 1,
    after = candidates[candidates.length - 1] + 1;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (wallTime(middle, zone) >= wall) after = middle;
    else before = middle;
  }
  return after;
}

/** Midnight (as wall time) of the day an instant falls on. */
export function wallDay(instant, zone) {
  const wall = wallTime(instant, zone);
  return wall - (((wall % DAY) + DAY) % DAY);
}

/** [from, to) of the calendar day, ISO week or month that holds an instant. */
export function calendarPeriod(kind, instant, zone) {
  const day = wallDay(instant, zone);
  const date = new Date(day);
  let from = day,
    to = day + DAY;
  if (kind === 'week') {
    from = day - ((date.getUTCDay() + 6) % 7) * DAY;
    to = from + 7 * DAY;
  } else if (kind === 'month') {
    from = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    to = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  }
  return { from: instantOf(from, zone), to: instantOf(to, zone) };
}

/** Milliseconds after midnight of "09:30". */
export function timeOfDay(text) {
  const [hours, minutes] = text.split(':').map(Number);
  return hours * HOUR + minutes * MINUTE;
}

export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
