import { ShopTraffic } from '../traffic/shop-traffic.js';

export interface RecordingSize {
  readonly customers: number;
  readonly events: number;
}

/** Calls in one piece of memory, in the order of a log. */
export interface Recording {
  readonly values: readonly Buffer[];
  /** ms */
  readonly appendTimes: Float64Array;
  /** Those before this one make every customer known, and are not measured. */
  readonly measuredFrom: number;
}

/** What both sides go through before, in a life of its own: the compiler has seen it all by then. */
export const WARM_UP: RecordingSize = { customers: 20_000, events: 300_000 };

const DAY_MS = 86_400_000;
const BEGIN = Date.UTC(2026, 2, 2, 9);
const SPAN_MS = 4 * 3_600_000;
const DELAY_MS = 150;
const BYTES_OF_CALL = 512;

/**
 * Every customer orders once, 20 to 15 days before; then four hours of a shop's traffic. So everybody has a state, and
 * some are silent for twenty days while we look.
 */
export function makeRecording({ customers, events }: RecordingSize): Recording {
  const traffic = new ShopTraffic(customers, 7);
  const memory = Buffer.allocUnsafeSlow((customers + events) * BYTES_OF_CALL);
  const values: Buffer[] = [];
  const appendTimes = new Float64Array(customers + events);
  let used = 0;
  const put = (json: string, time: number): void => {
    appendTimes[values.length] = time + DELAY_MS;
    const end = used + memory.write(json, used);
    values.push(memory.subarray(used, end));
    used = end;
  };
  for (let k = 0; k < customers; k++) {
    const time = BEGIN - 20 * DAY_MS + Math.floor((5 * DAY_MS * k) / customers);
    put(traffic.order(k, time).json, time);
  }
  for (let k = 0; k < events; k++) {
    const time = BEGIN + Math.floor((SPAN_MS * k) / events);
    put(traffic.next(time).json, time);
  }
  return { values, appendTimes, measuredFrom: customers };
}
