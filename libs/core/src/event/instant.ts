import { dayNumber, civilDate, textOfDay } from '../time/civil-day.js';

const DAY_MS = 86_400_000;
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?)?$/;

/** A date or instant as a text says it (ISO 8601). */
export interface WrittenInstant {
  /** ms since 1970 of the wall clock that was written, whatever its zone; whole, further digits are cut off. */
  readonly local: number;
  /** ms that this wall clock is ahead of UTC; null: not said. */
  readonly offset: number | null;
  /** Days since 1970 where it is a plain date. */
  readonly day: number | null;
}

/** null where the text is no date or instant, or one that does not exist (30 February, 25:00). */
export function readInstant(text: string): WrittenInstant | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const day = dayNumber(year, month, date);
  const back = civilDate(day);
  if (back.month !== month || back.day !== date) return null;
  if (match[4] === undefined) return { local: day * DAY_MS, offset: null, day };
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const fraction = match[7] === undefined ? 0 : Math.floor(Number(`0.${match[7]}`) * 1000 + 1e-6);
  const offset = readOffset(match);
  if (Number.isNaN(offset)) return null;
  return { local: day * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + fraction, offset, day: null };
}

let latestText = '';
let latestInstant: number | null = null;

/** ms since 1970 UTC of an ISO 8601 text; without a zone it is UTC. null where it is no date or instant. */
export function parseInstant(text: string): number | null {
  // An event is asked for its instant by several readers, one after the other.
  if (text === latestText) return latestInstant;
  latestInstant = parse(text);
  latestText = text;
  return latestInstant;
}

function parse(text: string): number | null {
  const fast = parsePlain(text);
  if (fast !== null) return fast;
  const written = readInstant(text);
  return written === null ? null : written.local - (written.offset ?? 0);
}

/** `2026-03-02T09:00:00.000Z`. Only years 0 to 9999. */
export function formatInstant(instant: number): string {
  const day = Math.floor(instant / DAY_MS);
  const ms = instant - day * DAY_MS;
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}`;
  return `${textOfDay(day)}T${time}.${String(ms % 1000).padStart(3, '0')}Z`;
}

function readOffset(match: RegExpExecArray): number | null {
  if (match[8] !== undefined) return 0;
  if (match[9] === undefined) return null;
  const [hours, minutes] = [Number(match[10]), Number(match[11] ?? 0)];
  if (hours > 23 || minutes > 59) return NaN;
  return (match[9] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** `parsePlain` for the bytes of a text, of which there are 24: nothing is built. NaN for what it leaves to others. */
export function parsePlainBytes(bytes: Uint8Array, at: number): number {
  if (
    bytes[at + 23] !== 90 ||
    bytes[at + 10] !== 84 ||
    bytes[at + 19] !== 46 ||
    bytes[at + 4] !== 45 ||
    bytes[at + 7] !== 45 ||
    bytes[at + 13] !== 58 ||
    bytes[at + 16] !== 58
  )
    return NaN;
  const month = twoDigits(bytes, at + 5);
  const date = twoDigits(bytes, at + 8);
  const hour = twoDigits(bytes, at + 11);
  const minute = twoDigits(bytes, at + 14);
  const second = twoDigits(bytes, at + 17);
  if (!(date >= 1 && date <= daysOf(month) && hour <= 23 && minute <= 59 && second <= 59)) return NaN;
  const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
  const ms = twoDigits(bytes, at + 20) * 10 + oneDigit(bytes, at + 22);
  return dayNumber(year, month, date) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return oneDigit(bytes, at) * 10 + oneDigit(bytes, at + 1);
}

/** NaN where it is none. */
function oneDigit(bytes: Uint8Array, at: number): number {
  const digit = bytes[at]! - 48;
  return digit >= 0 && digit <= 9 ? digit : NaN;
}

const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** 29 February and anything odd is left to the careful reader. */
function daysOf(month: number): number {
  return DAYS[month] ?? 0;
}

/** The form that nearly every client writes, `2026-03-02T09:00:00.000Z`, without a regular expression; else null. */
function parsePlain(text: string): number | null {
  if (text.length !== 24 || text.charCodeAt(23) !== 90 || text.charCodeAt(10) !== 84 || text.charCodeAt(19) !== 46)
    return null;
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58
  )
    return null;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const date = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  const ms = digits(text, 20, 3);
  if (!(date >= 1 && date <= daysOf(month) && hour <= 23 && minute <= 59 && second <= 59)) return null;
  if (Number.isNaN(year) || Number.isNaN(ms)) return null;
  return dayNumber(year, month, date) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/** NaN where one of them is no digit. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value;
}
