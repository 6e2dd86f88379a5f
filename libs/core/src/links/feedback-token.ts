import { longId, readSignedText, shortId, signText } from './signed-text.js';

const PURPOSE = 'feedback';
/** Servers give up after days, people complain after weeks. */
const VALID_DAYS = 120;

/**
 * Signed text that a mail carries in a header: a report about it that holds it comes from somebody who has the mail.
 * @param now ms since 1970 UTC
 */
export function feedbackToken(messageId: string, secret: string, now: number): string {
  return signText(PURPOSE, [shortId(messageId)], secret, now);
}

/** The message; null when the token was not made with this secret for a report, or is older than 120 days. */
export function readFeedbackToken(token: string, secret: string, now: number): string | null {
  const [message] = readSignedText(PURPOSE, token, secret, { now, validDays: VALID_DAYS }) ?? [];
  return message === undefined ? null : longId(message);
}
