import { isIP } from 'node:net';
import type { OutgoingMessage } from '#engine';
import { isPublicAddress } from '../http/public-addresses.js';

/** Path of the collector where Twilio tells what became of a message. */
const TWILIO_STATUS_PATH = '/v1/feedback/twilio';

/**
 * The address is the message's own: the token in it says which one, and only Twilio was told it. null where nobody
 * outside could reach it: Twilio refuses a message with such an address (21609).
 */
export function twilioStatusUrl(publicUrl: string): ((message: OutgoingMessage) => string | null) | null {
  if (!isPublicHost(new URL(publicUrl).hostname)) return null;
  return ({ feedbackToken: token }) =>
    token === null ? null : `${publicUrl}${TWILIO_STATUS_PATH}?m=${encodeURIComponent(token)}`;
}

function isPublicHost(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0) return isPublicAddress(address);
  return hostname.includes('.') && !hostname.includes('_') && !/\.(?:local|internal|localhost)\.?$/.test(hostname);
}
