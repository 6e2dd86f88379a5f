import type { SendResult } from '#engine';
import { addressGone, classifyStatus, member, refused, temporary, textIn, type HttpAnswer } from '../http/answers.js';

/**
 * The one table of what an answer means, by the `errorCode` of its FcmError, else by its `status`
 * (https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode):
 *
 * | answer                                                        | means |
 * |---------------------------------------------------------------|-------|
 * | 200 with `name`                                               | accepted |
 * | UNREGISTERED (404), SENDER_ID_MISMATCH (403)                  | permanent, the token is dead |
 * | INVALID_ARGUMENT as FcmError, "not a valid FCM registration token" | permanent, the token is dead |
 * | QUOTA_EXCEEDED (429), UNAVAILABLE (503), INTERNAL (500)       | temporary, with Retry-After |
 * | UNAUTHENTICATED, PERMISSION_DENIED, THIRD_PARTY_AUTH_ERROR    | temporary: it is about us |
 * | any other INVALID_ARGUMENT                                    | permanent, this message only |
 * | a 5xx without their words, but 503                            | unknown |
 */
export function classifyFcm(answer: HttpAnswer): SendResult {
  const { status, json } = answer;
  if (status >= 200 && status < 300)
    return { kind: 'accepted', providerId: textIn(json, 'name'), detail: `HTTP ${status}` };
  const error = member(json, 'error');
  const own = fcmErrorOf(error);
  const code = own ?? textIn(error, 'status');
  if (code === null) return classifyStatus(answer);
  const detail = `HTTP ${status}, ${code}: ${textIn(error, 'message') ?? ''}`;
  switch (code) {
    case 'UNREGISTERED':
    case 'SENDER_ID_MISMATCH':
      return addressGone(detail);
    case 'QUOTA_EXCEEDED':
    case 'RESOURCE_EXHAUSTED':
    case 'UNAVAILABLE':
    case 'INTERNAL':
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
    case 'THIRD_PARTY_AUTH_ERROR':
      return temporary(detail, answer.retryAfterMs);
    case 'INVALID_ARGUMENT':
      // FCM's own word for it is about the token; that of its gateway (BadRequest) about the message.
      return own !== null && /registration token/i.test(detail) ? addressGone(detail) : refused(detail);
    default:
      return classifyStatus(answer, detail);
  }
}

function fcmErrorOf(error: HttpAnswer['json']): string | null {
  const details = error?.['details'];
  if (!Array.isArray(details)) return null;
  const own = (details as readonly unknown[]).find(
    (one) => typeof one === 'object' && one !== null && 'errorCode' in one,
  );
  return textIn(own ?? null, 'errorCode');
}
