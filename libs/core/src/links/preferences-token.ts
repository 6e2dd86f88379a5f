import { longId, readSignedText, shortId, signText } from './signed-text.js';

/** Whose preference centre a link opens. */
export interface PreferencesAccess {
  /** UUID text. */
  readonly customerId: string;
  /** Message in which the link stood. */
  readonly messageId: string;
}

const PURPOSE = 'preferences';
/** It may give consent, not only withdraw it: so it lives shorter than a link to unsubscribe. */
const VALID_DAYS = 180;

/**
 * Signed text for a link, URL-safe. Bound to its purpose and to the day it was made.
 * @param now ms since 1970 UTC
 */
export function preferencesToken(of: PreferencesAccess, secret: string, now: number): string {
  return signText(PURPOSE, [shortId(of.customerId), shortId(of.messageId)], secret, now);
}

/** The reverse: null when the token was not made with this secret, or is older than half a year. */
export function readPreferencesToken(token: string, secret: string, now: number): PreferencesAccess | null {
  const [customer, message] = readSignedText(PURPOSE, token, secret, { now, validDays: VALID_DAYS }) ?? [];
  if (customer === undefined || message === undefined) return null;
  return { customerId: longId(customer), messageId: longId(message) };
}
