import type { Device } from '#core';
import type { SendResult } from '#engine';

/** What became of one device. */
export interface DeviceResult {
  readonly device: Device;
  readonly result: SendResult;
}

/**
 * One message on several devices counts once (delivery.md, The decision): one that took it is enough; then what is least
 * certain says it, since a device that may have it must not get it again.
 */
export function onEveryDevice(results: readonly DeviceResult[]): SendResult {
  const [first] = results;
  if (first === undefined)
    return { kind: 'permanent', detail: 'there is no device of the customer', addressDead: false };
  const gone = results.flatMap(({ device, result }) =>
    result.kind === 'permanent' && result.addressDead ? [device.address] : [],
  );
  const accepted = find(results, 'accepted');
  if (accepted !== undefined) {
    const took = results.filter(({ result }) => result.kind === 'accepted').length;
    const detail = results.length === 1 ? accepted.detail : `${took} of ${results.length} devices, ${accepted.detail}`;
    return { ...accepted, detail, ...(gone.length === 0 ? {} : { deadAddresses: gone }) };
  }
  const worst = find(results, 'unknown') ?? find(results, 'temporary') ?? find(results, 'permanent');
  if (worst === undefined) return first.result;
  return worst.kind === 'permanent' ? { ...worst, addressDead: gone.length === results.length } : worst;
}

function find<Kind extends SendResult['kind']>(
  results: readonly DeviceResult[],
  kind: Kind,
): Extract<SendResult, { kind: Kind }> | undefined {
  return results.map(({ result }) => result).find((result) => result.kind === kind) as
    Extract<SendResult, { kind: Kind }> | undefined;
}
