import { mapStart } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import type { YamlMap } from '../yaml/yaml-node.js';

/** Shares are written with two decimals or so; adding them up may lose the last bit. */
const TOLERANCE = 1e-9;

/** Whether the shares of a split or of variants make 100% together; says by how much they do not. */
export function checkShares(
  parts: readonly { readonly share: number }[],
  map: YamlMap,
  what: string,
  reading: Reading,
): boolean {
  if (parts.length === 0) {
    reading.error(map.span, 'value/list-length', `${what} has no branches`);
    return false;
  }
  const sum = parts.reduce((total, { share }) => total + share, 0);
  if (Math.abs(sum - 1) <= TOLERANCE) return true;
  const shown = Number((sum * 100).toFixed(6));
  const by = Number((Math.abs(sum - 1) * 100).toFixed(6));
  const hint = sum < 1 ? `${by}% are missing` : `${by}% too much`;
  reading.error(mapStart(map), 'value/shares', `the shares of ${what} make ${shown}% together, not 100% (${hint})`);
  return false;
}
