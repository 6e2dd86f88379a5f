import { listOf, mapOf } from '../reading/collections.js';
import type { Reading } from '../reading/reading.js';
import type { Span } from '../yaml/source-text.js';
import { channel } from './policy-values.js';
import { segmentName } from './referred-names.js';

/** `channels by segment: { app-users: [push, email] }`, in the order written: the first segment that holds decides. */
export const channelsBySegment = mapOf(
  listOf(channel, { unique: true, max: 8 }),
  readSegment,
  'map of segments to lists of channels',
);

function readSegment(key: string, span: Span, reading: Reading): string | undefined {
  const node = { kind: 'scalar', value: key, written: key, quoted: true, empty: false, cutOff: null, span } as const;
  return segmentName.read(node, reading);
}
