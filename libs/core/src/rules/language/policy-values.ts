import { CHANNELS, type Channel, type OnCapped } from '../model.js';
import type { Reader } from '../reading/fields.js';
import { readFixedDuration } from '../reading/quantities.js';
import type { Reading } from '../reading/reading.js';
import { checkName, notAllowed, readScalar, wholeNumber } from '../reading/scalars.js';
import type { YamlScalar } from '../yaml/yaml-node.js';
import { closestName } from '../reading/closest-name.js';

export const priority = wholeNumber(0, 100);

/** A category by its name; in a rule it must be one of kairos.yaml's. */
export const categoryName: Reader<string> = {
  type: 'name of a category',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'the name of a category');
    const found = scalar && checkName(String(scalar.value), scalar.span, reading, 'a category');
    const known = reading.names.categories;
    if (scalar === undefined || found === undefined || known === null || known.has(found)) return found;
    const closest = closestName(found, known);
    const hint = closest === null ? `kairos.yaml has: ${[...known].join(', ')}` : `did you mean "${closest}"?`;
    const code = reading.kind === 'settings' ? 'settings/unknown-category' : 'rule/unknown-category';
    return reading.error(scalar.span, code, `there is no category "${found}" (${hint})`, closest ?? undefined);
  },
};

/** One of the channels that exist; in rules and in most of kairos.yaml it must be one that the shop uses. */
export const channel: Reader<Channel> = {
  type: 'channel',
  allowed: CHANNELS,
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a channel');
    const found = scalar && readChannelName(scalar, reading);
    const used = reading.names.channels;
    if (scalar === undefined || found === undefined || used === null || used.includes(found)) return found;
    const code = reading.kind === 'settings' ? 'settings/unknown-channel' : 'rule/unknown-channel';
    return reading.error(
      scalar.span,
      code,
      `the channel "${found}" is not listed under \`channels\` of kairos.yaml (${used.join(', ')})`,
    );
  },
};

function readChannelName(scalar: YamlScalar, reading: Reading): Channel | undefined {
  const found = CHANNELS.find((known) => known === scalar.value);
  if (found !== undefined) return found;
  return notAllowed(scalar, reading, CHANNELS);
}

/** `drop`, `next channel`, `defer up to DURATION`. */
export const onCapped: Reader<OnCapped> = {
  type: '`drop`, `next channel` or `defer up to DURATION`',
  allowed: ['drop', 'next channel', 'defer up to DURATION'],
  read(node, reading) {
    const scalar = readScalar(node, reading, 'drop, next channel or defer up to DURATION');
    if (scalar === undefined) return undefined;
    if (scalar.value === 'drop' || scalar.value === 'next channel') return { kind: scalar.value };
    const upToMs = readDurationAfter('defer up to ', scalar, reading);
    if (upToMs === undefined) return undefined;
    return upToMs === null
      ? notAllowed(scalar, reading, ['drop', 'next channel', 'defer up to DURATION'])
      : { kind: 'defer', upToMs };
  },
};

/**
 * The duration in a text such as `after 3 days per customer`: null when the text does not begin with `prefix`,
 * `undefined` when what follows is no duration (reported at its own place).
 */
export function readDurationAfter(
  prefix: string,
  scalar: YamlScalar,
  reading: Reading,
  suffix = '',
): number | null | undefined {
  const value = String(scalar.value);
  if (!value.startsWith(prefix) || !value.endsWith(suffix)) return null;
  const written = value.slice(prefix.length, value.length - suffix.length);
  const start = scalar.span.start + (scalar.quoted ? 1 : 0) + prefix.length;
  const span = { start, end: Math.min(start + written.length, scalar.span.end) };
  return readFixedDuration({ ...scalar, value: written, written, span }, reading)?.ms;
}
