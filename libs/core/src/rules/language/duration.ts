import type { Duration } from '../model.js';
import type { Reader } from '../reading/fields.js';
import { readFixedDuration } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { isDecimalComma, readScalar, short } from '../reading/scalars.js';
import type { Span } from '../yaml/source-text.js';
import type { YamlScalar } from '../yaml/yaml-node.js';
import { readPath, SCOPES } from './path.js';

/** `[N x] PATH [or DURATION]`, the path with anything but a point in its names. */
const OF_CUSTOMER = /^(?:(\S+?) *([xX×х*]) *)?((?:customer|start|starts|event|item|repeat)\.[^]*?)(?: or ([^]+))?$/u;
const MAX_FACTOR = 1_000;

/** A DURATION where it may be one of the customer: `0.9 x customer.order_gap or 30 days`. */
export const durationOfCustomer: Reader<Duration> = {
  type: 'DURATION, also of a customer',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a duration such as `1 hour`');
    if (scalar === undefined) return undefined;
    const match = typeof scalar.value === 'string' ? OF_CUSTOMER.exec(scalar.value.trim()) : null;
    return match === null ? readFixedDuration(scalar, reading) : readOfCustomer(scalar, match, reading);
  },
};

function readOfCustomer(scalar: YamlScalar, match: RegExpExecArray, reading: Reading): Duration | undefined {
  const [, times, sign, path = '', or] = match;
  const factor = times === undefined ? 1 : readFactor(scalar, times, sign ?? 'x', reading);
  const found = readPath(path, partOf(scalar, path), reading, SCOPES.duration);
  const fixed = or === undefined ? null : readFixedDuration(partScalar(scalar, or), reading);
  if (factor === undefined || found === undefined || fixed === undefined) return undefined;
  if (!isAverageGap(found.names, path, partOf(scalar, path), reading)) return undefined;
  return { kind: 'of customer', factor, path: found, orMs: fixed?.ms ?? null };
}

function readFactor(scalar: YamlScalar, times: string, sign: string, reading: Reading): number | undefined {
  const span = partOf(scalar, times);
  if (isDecimalComma(times)) {
    const meant = times.replace(',', '.');
    return reading.error(
      span,
      'value/decimal-comma',
      `"${times}" is written with a comma; decimals have a point`,
      meant,
    );
  }
  const factor = Number(times);
  if (!/^\d+(?:\.\d+)?$/.test(times) || factor === 0 || factor > MAX_FACTOR || sign !== 'x') {
    return reading.error(
      scalar.span,
      'value/duration',
      `"${short(scalar)}" is not a duration; one of a customer is written \`0.9 x customer.order_gap or 30 days\``,
    );
  }
  return factor;
}

/** Only an average gap is a length of time; false after it was reported. */
function isAverageGap(names: readonly string[], path: string, span: Span, reading: Reading): boolean {
  const { computed } = reading.names;
  if (computed === null || (names.length === 1 && computed.get(names[0] ?? '') === 'average gap')) return true;
  const gaps = [...computed].flatMap(([name, kind]) => (kind === 'average gap' ? [`customer.${name}`] : []));
  const hint = gaps.length === 0 ? 'segments.yaml has none' : `segments.yaml has: ${gaps.join(', ')}`;
  reading.error(
    span,
    'value/duration-of-customer',
    `"${path.slice(0, 80)}" is no \`average gap\`, and only that is a duration of a customer (${hint})`,
    gaps.length === 1 ? gaps[0] : undefined,
  );
  return false;
}

/** A part of the text as a scalar of its own, so that a finding points at that part. */
export function partScalar(scalar: YamlScalar, part: string): YamlScalar {
  return { ...scalar, value: part, written: part, span: partOf(scalar, part) };
}

function partOf(scalar: YamlScalar, part: string): Span {
  const start = scalar.span.start + (scalar.quoted ? 1 : 0) + Math.max(0, String(scalar.value).lastIndexOf(part));
  return { start: Math.min(start, scalar.span.end), end: Math.min(start + part.length, scalar.span.end) };
}
