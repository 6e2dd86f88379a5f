import { base64Url, fromBase64Url, longId, readSignedText, shortId, signText } from './signed-text.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const CLICK = 'click';
const OPEN = 'open';
/** As long as somebody may still read the mail. */
const VALID_DAYS = 730;

/** A link of a message: the address lies inside the signature, so nobody can be sent anywhere else by it. */
export interface TrackedLink {
  readonly messageId: string;
  /** http or https. */
  readonly target: string;
}

/** Signed text for a link. @param now ms since 1970 UTC */
export function clickToken({ messageId, target }: TrackedLink, secret: string, now: number): string {
  return signText(CLICK, [shortId(messageId), base64Url(encoder.encode(target))], secret, now);
}

/** The reverse: null when the token was not made with this secret for a click, or is older than two years. */
export function readClickToken(token: string, secret: string, now: number): TrackedLink | null {
  const [message, encoded] = readSignedText(CLICK, token, secret, { now, validDays: VALID_DAYS }) ?? [];
  const bytes = encoded === undefined ? null : fromBase64Url(encoded);
  return message === undefined || bytes === null ? null : { messageId: longId(message), target: decoder.decode(bytes) };
}

/** Signed text for the picture that says that a message was opened. @param now ms since 1970 UTC */
export function openToken(messageId: string, secret: string, now: number): string {
  return signText(OPEN, [shortId(messageId)], secret, now);
}

/** The message; null when the token was not made with this secret for an open, or is older than two years. */
export function readOpenToken(token: string, secret: string, now: number): string | null {
  const [message] = readSignedText(OPEN, token, secret, { now, validDays: VALID_DAYS }) ?? [];
  return message === undefined ? null : longId(message);
}
