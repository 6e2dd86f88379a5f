// Who is in which segment, and when that may change by itself.
import { holds, instant } from './conditions.mjs';
import { scopeOf } from './customer.mjs';
import { duration } from './durations.mjs';
import { DAY } from './wall-clock.mjs';

/** Writes down the segments that hold at `now`; what changed: { entered, left }. */
export function noteSegments({ customer, workspace }, now) {
  const scope = scopeOf(customer, workspace, now);
  const names = Object.keys(workspace.segments).filter((name) => holds(workspace.segments[name], scope));
  const before = customer.segments;
  customer.segments = new Set(names);
  customer.segmentsLookedAt = now;
  customer.looks = customer.looks.filter((at) => at > now);
  return {
    entered: names.filter((name) => !before.has(name)),
    left: [...before].filter((name) => !customer.segments.has(name)),
  };
}

/** After every change of what is known of her: when to look again. */
export function planLooks({ customer, workspace }) {
  if (workspace.rules.some((rule) => rule.watchesSegments)) customer.looks = candidates(customer, workspace);
}

/** Every length that stands in a condition. */
function lengthsIn(raw) {
  if (typeof raw === 'string') return /^(\d+ (second|minute|hour|day|week)s? ?)+/.test(raw) ? [duration(raw)] : [];
  if (raw === null || typeof raw !== 'object') return [];
  return Object.values(raw).flatMap(lengthsIn);
}

/** Instants after the last look at which something may grow too old (or a date come near): far too many, and none missing. */
function candidates(customer, workspace) {
  const now = customer.segmentsLookedAt;
  const scope = scopeOf(customer, workspace, now);
  const windows = Object.values(workspace.computed).map((each) => each.within ?? 0);
  const lengths = [...new Set([0, ...lengthsIn(workspace.segments), ...windows])];
  const fixed = JSON.stringify(workspace.segments).match(/\d{4}-\d{2}-\d{2}[^"]*/g) ?? [];
  const dates = [...fixed, ...[...customer.traits.values()].map(({ value }) => value)];
  const times = [
    ...customer.events.map(({ time }) => time),
    ...customer.feedback.map(({ time }) => time),
    ...dates.map((date) => instant(date, scope)),
  ];
  const instants = times.flatMap((time) =>
    lengths.flatMap((length) => [
      time + length,
      time + length + 1,
      time - length,
      time - length + 1,
      (Math.floor(time / DAY) + 1) * DAY + length,
    ]),
  );
  return [...new Set(instants.filter((at) => at > now))].sort((a, b) => a - b);
}

/** The next instant at which segments have to be looked at, Infinity where no rule asks for it or nothing is known of her yet. */
export function nextLookAtSegments({ customer }) {
  return customer.looks[0] ?? Infinity;
}
