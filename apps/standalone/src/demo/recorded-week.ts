import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ReplayedCall } from '../replay/replay.js';

const DAY_MS = 86_400_000;
/** The recording has no names, so the demonstration gives some: every third customer reads German. */
const NAMES = ['Ada', 'Emil', 'Ines', 'Olu', 'Mara', 'Yuki', 'Tom', 'Zoe', 'Ravi', 'Lena'];

export interface RecordedWeek {
  /** ms; when the recording begins, and where the replay ends. */
  readonly from: number;
  readonly to: number;
  readonly calls: readonly ReplayedCall[];
  readonly customers: readonly string[];
}

interface RecordedCall {
  readonly userId: string;
  readonly timestamp: string;
}

/** The first days of a recording (gzipped NDJSON in Segment's shape). */
export function readRecordedWeek(file: string, days: number): RecordedWeek {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n').filter(Boolean);
  const all = lines.map((line) => JSON.parse(line) as RecordedCall & Record<string, unknown>);
  const from = Date.parse(all[0]!.timestamp);
  const to = from + days * DAY_MS;
  const calls = all.map((call) => ({ at: Date.parse(call.timestamp), call })).filter(({ at }) => at < to);
  return { from, to, calls, customers: [...new Set(all.map((call) => call.userId))] };
}

/** Who they are: an address each, and consent for all but every fifth. Known before the first event. */
export function demoCustomers({ customers, from }: RecordedWeek): ReplayedCall[] {
  return customers.map((userId, index) => ({
    at: from,
    call: {
      type: 'identify',
      userId,
      messageId: `demo-${userId}`,
      timestamp: new Date(from).toISOString(),
      traits: {
        name: NAMES[index % NAMES.length],
        email: `${userId}@customers.test`,
        timezone: 'Europe/Berlin',
        locale: index % 3 === 0 ? 'de' : 'en',
      },
      context: { consent: { categoryPreferences: { promotional: index % 5 === 4 ? false : ['email'], care: true } } },
    },
  }));
}
