import type { Json } from '../../event/event.js';
import { readInstant } from '../../event/instant.js';
import { findZone, type Zone } from '../../time/zone.js';
import type { ConditionContext } from './condition-context.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A date as the wall clock of the customer shows it. */
export interface CustomerDate {
  /** ms since 1970 as that clock counts them; the default time of a plain date. */
  readonly local: number;
  /** ms; null: only a day or a wall-clock time was said, so the instant moves with the customer's zone. */
  readonly exact: number | null;
}

/**
 * The instant that a value names, ms; null where it names none. A plain date is that day at the workspace's default
 * time in the customer's zone (rule-language.md, Moments), a wall-clock time without zone is the customer's.
 */
export function readMoment(value: Json | undefined, context: ConditionContext): number | null {
  const written = typeof value === 'string' ? readInstant(value) : null;
  if (written === null) return null;
  if (written.offset !== null) return written.local - written.offset;
  const ofDay = written.day === null ? 0 : context.defaultTime * MINUTE_MS;
  return customerZone(context).instantAt(written.local + ofDay);
}

/** As `readMoment`, before the wall clock is taken for an instant. */
export function readDate(value: Json | undefined, context: ConditionContext, zone: Zone): CustomerDate | null {
  const written = typeof value === 'string' ? readInstant(value) : null;
  if (written === null) return null;
  if (written.offset !== null) return dateAt(written.local - written.offset, zone);
  return written.day === null ? { local: written.local, exact: null } : dateOfDay(written.day, context);
}

/** What the customer's wall clock shows at this instant. */
export function dateAt(instant: number, zone: Zone): CustomerDate {
  return { local: zone.wallClockAt(instant), exact: instant };
}

/** A plain day: at the workspace's default time. */
export function dateOfDay(day: number, { defaultTime }: ConditionContext): CustomerDate {
  return { local: day * DAY_MS + defaultTime * MINUTE_MS, exact: null };
}

/** The customer's own zone where the trait `timezone` names one, else the workspace's. */
export function customerZone(context: ConditionContext): Zone {
  const own = context.overlay?.get('timezone') ?? context.state.traits.get('timezone');
  const zone = (typeof own === 'string' ? findZone(own) : null) ?? findZone(context.timeZone);
  if (zone === null) throw new RangeError(`the workspace's time zone ${context.timeZone} is unknown`);
  return zone;
}
