import type { OutgoingMessage } from '#engine';

/** Path of the collector where Twilio tells what became of a message. */
export const TWILIO_STATUS_PATH = '/v1/feedback/twilio';

/**
 * The address is the message's own: the token in it says which one, and only Twilio was told it. null where nobody
 * outside this machine could reach it, since Twilio refuses such addresses.
 */
export function twilioStatusUrl(publicUrl: string): ((message: OutgoingMessage) => string | null) | null {
  const { hostname } = new URL(publicUrl);
  if (hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')) return null;
  return ({ feedbackToken: token }) =>
    token === null ? null : `${publicUrl}${TWILIO_STATUS_PATH}?m=${encodeURIComponent(token)}`;
}
