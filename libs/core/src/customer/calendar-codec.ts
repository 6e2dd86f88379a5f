import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import type { CalendarState, CalendarTimer } from './calendar-state.js';
import type { MomentWait } from './customer-state.js';

const ARMED = 1;
const HAS_VALUE = 2;
const DONE = 4;

/** The section of the calendar starts in a state; two bytes where there is nothing. */
export function writeCalendar(writer: ByteWriter, { ruleset, timers }: CalendarState): void {
  writer.varint(ruleset);
  writer.varint(timers.size);
  for (const [fingerprint, timer] of timers) {
    writer.varint(fingerprint);
    const isArmed = timer.fireAt !== Infinity;
    writer.byte((isArmed ? ARMED : 0) | (timer.value === 0 ? 0 : HAS_VALUE) | (timer.done ? DONE : 0));
    if (timer.value !== 0) writer.varint(timer.value);
    if (!isArmed) continue;
    writer.signed(timer.next);
    writer.instant(timer.due);
    writer.instant(timer.fireAt);
    writer.instant(timer.actsAt);
  }
}

export function readCalendar(reader: ByteReader): CalendarState {
  const ruleset = reader.varint();
  const timers = new Map<number, CalendarTimer>();
  for (let left = reader.varint(); left > 0; left--) timers.set(reader.varint(), readTimer(reader));
  return { ruleset, timers };
}

function readTimer(reader: ByteReader): CalendarTimer {
  const flags = reader.byte();
  const value = (flags & HAS_VALUE) === 0 ? 0 : reader.varint();
  const done = (flags & DONE) !== 0;
  if ((flags & ARMED) === 0) return { value, done, next: 0, due: 0, fireAt: Infinity, actsAt: 0 };
  const next = reader.signed();
  return { value, done, next, due: reader.instant(), fireAt: reader.instant(), actsAt: reader.instant() };
}

export function writeMomentWait(writer: ByteWriter, { reachedAt, moment }: MomentWait): void {
  writer.instant(reachedAt);
  writer.byte(moment === null ? 0 : 1);
  if (moment !== null) writer.instant(moment);
}

export function readMomentWait(reader: ByteReader): MomentWait {
  return { reachedAt: reader.instant(), moment: reader.byte() === 0 ? null : reader.instant() };
}
