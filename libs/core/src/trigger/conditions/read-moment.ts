import type { Json } from '../../event/event.js';
import { readInstant } from '../../event/instant.js';
import { findZone, type Zone } from '../../time/zone.js';
import type { ConditionContext } from './condition-context.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * The instant that a value names, ms; null where it names none. A plain date is that day at the workspace's default
 * time in the customer's zone (rule-language.md, Moments), a wall-clock time without zone is the customer's.
 */
export function readMoment(value: Json | undefined, context: ConditionContext): number | null {
  if (typeof value !== 'string') return null;
  const written = readInstant(value);
  if (written === null) return null;
  if (written.offset !== null) return written.local - written.offset;
  const zone = zoneOf(context);
  if (written.day !== null) return zone.instantOf(written.day, context.defaultTime);
  const day = Math.floor(written.local / DAY_MS);
  const ofDay = written.local - day * DAY_MS;
  const minute = Math.floor(ofDay / MINUTE_MS);
  return zone.instantOf(day, minute) + (ofDay - minute * MINUTE_MS);
}

/** The customer's own zone where the trait `timezone` names one, else the workspace's. */
function zoneOf(context: ConditionContext): Zone {
  const own = context.state.traits.get('timezone');
  const zone = (typeof own === 'string' ? findZone(own) : null) ?? findZone(context.timeZone);
  if (zone === null) throw new RangeError(`the workspace's time zone ${context.timeZone} is unknown`);
  return zone;
}
