import { CHANNELS, type Channel } from '../rules/model.js';
import { longId, readSignedText, shortId, signText } from './signed-text.js';

/** What one click withdraws: one category on one channel, of one customer. */
export interface Unsubscription {
  /** UUID text. */
  readonly customerId: string;
  readonly category: string;
  readonly channel: Channel;
  /** Message in which the link stood. */
  readonly messageId: string;
}

const PURPOSE = 'unsubscribe';
/** People unsubscribe from mails that lie in their box for a long time. */
const VALID_DAYS = 730;

/**
 * Signed text for a link: `PAYLOAD.SIGNATURE`, URL-safe. Bound to its purpose and to the day it was made.
 * @param now ms since 1970 UTC
 */
export function unsubscribeToken(of: Unsubscription, secret: string, now: number): string {
  const fields = [shortId(of.customerId), shortId(of.messageId), `${CHANNELS.indexOf(of.channel)}`, of.category];
  return signText(PURPOSE, fields, secret, now);
}

/** The reverse: null when the token was not made with this secret, or is older than two years. */
export function readUnsubscribeToken(token: string, secret: string, now: number): Unsubscription | null {
  const fields = readSignedText(PURPOSE, token, secret, { now, validDays: VALID_DAYS });
  const [customer, message, channelIndex, category] = fields ?? [];
  const channel = CHANNELS[Number(channelIndex)];
  if (customer === undefined || message === undefined || channel === undefined || category === undefined) return null;
  return { customerId: longId(customer), messageId: longId(message), channel, category };
}
