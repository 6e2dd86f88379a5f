import type { OutgoingMessage, SendResult } from '#engine';

const LONGEST_DETAIL = 300;

/** Providers repeat the recipient in their answers, also without its plus; results are kept, shown and logged without it. */
export function withoutAddresses(result: SendResult, { address, devices }: OutgoingMessage): SendResult {
  if (!('detail' in result) || result.detail === null) return result;
  let { detail } = result;
  for (const one of [address, ...devices.map((device) => device.address)]) {
    const written = [one, one.replace(/[^\da-z]/gi, '')].filter((text) => text.length > 3);
    for (const text of written) detail = detail.replaceAll(text, '(recipient)');
  }
  return { ...result, detail: detail.slice(0, LONGEST_DETAIL) };
}
