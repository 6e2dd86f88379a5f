// Lines of a recording, each with its place on the stream's clock and the time that it counts with.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { MINUTE } from './wall-clock.mjs';

const FUTURE_KEPT = 5 * MINUTE;
/** Stands for the customer of an event about a thing. */
export const EVERYBODY = '\0everybody';
const TYPES = ['track', 'identify', 'page', 'screen', 'alias', 'group'];

function readLines(file) {
  const bytes = readFileSync(file === '-' ? 0 : file);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** undefined for a line that cannot be read. `items`: event → the property that names the thing; such an event needs no customer, and a userId it carries is ignored. */
function readLine(line, items = {}) {
  let body;
  try {
    body = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (body === null || typeof body !== 'object' || !TYPES.includes(body.type)) return undefined;
  const isAboutThing = body.type === 'track' && Object.hasOwn(items, body.event);
  const customer = isAboutThing ? EVERYBODY : (body.userId ?? body.anonymousId);
  const timestamp = Date.parse(body.timestamp),
    receivedAt = Date.parse(body.receivedAt);
  if (typeof customer !== 'string' || customer === '' || Number.isNaN(timestamp)) return undefined;
  if (body.type === 'track' && typeof body.event !== 'string') return undefined;
  return {
    customer,
    userId: body.userId,
    anonymousId: body.anonymousId,
    previousId: body.previousId,
    id: body.messageId,
    type: body.type,
    thing: isAboutThing ? body.properties?.[items[body.event]] : undefined,
    name: body.type === 'track' ? body.event : undefined,
    timestamp,
    place: Number.isNaN(receivedAt) ? timestamp : receivedAt,
    properties: body.properties ?? {},
    traits: body.type === 'identify' ? (body.traits ?? {}) : {},
    consent: body.context?.consent?.categoryPreferences,
    token: body.context?.device?.token,
  };
}

/**
 * The file in its order. `clock` is the stream's clock when the line is read (the largest place so far), `time` the event's own time:
 * its timestamp, or the clock where the timestamp is more than 5 minutes ahead of it.
 */
export function readRecording(file, items) {
  let clock = -Infinity;
  const records = [];
  for (const [i, line] of readLines(file).entries()) {
    const record = readLine(line, items);
    if (record === undefined) {
      process.stderr.write(`unreadable: ${line.slice(0, 100)}\n`);
      continue;
    }
    clock = Math.max(clock, record.place);
    const time = record.timestamp - clock > FUTURE_KEPT ? clock : record.timestamp;
    records.push({ ...record, id: record.id ?? `line ${i + 1}`, clock, time });
  }
  return records;
}

/** Identify calls that hold from the beginning, in the order of the file, each at its own timestamp. */
export function readCustomers(file) {
  return readLines(file)
    .map((line) => readLine(line))
    .filter((record) => record !== undefined)
    .map((record) => ({ ...record, time: record.timestamp }));
}
