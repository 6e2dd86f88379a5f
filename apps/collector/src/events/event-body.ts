import type { HttpRequest } from '../http.js';

/** events.md: 500 KB a batch, compressed or not. */
export const BODY_LIMIT_BYTES = 500 * 1024;
/** Browsers' beacons say text/plain. */
const JSON_TYPE = /^(application\/(json|[\w.+-]+\+json)|text\/plain)$/i;

/** Whether the body of this request is read as events; the links of mails take none. */
export function isEventBody(request: Pick<HttpRequest, 'headers'> & { readonly url?: string }): boolean {
  return /^\/v1\//i.test(request.url ?? '') && JSON_TYPE.test(contentType(request));
}

/** The form of the preference centre, whose length the workspace's categories decide. */
export const FORM_LIMIT_BYTES = 64 * 1024;

/** WhatsApp tells of many messages at once, up to 3 MB. */
export const REPORT_LIMIT_BYTES = 4 * 1024 * 1024;

/** Whether the body of this request is what a provider tells of messages. */
export function isProviderReport(request: { readonly url?: string }): boolean {
  return /^\/v1\/feedback\/(twilio|whatsapp|viber)(\?|$)/i.test(request.url ?? '');
}

/** A report with the mail that it is about. */
export const MAIL_LIMIT_BYTES = 2 * 1024 * 1024;

/** Whether the body of this request is the form of the preference centre. */
export function isForm(request: Pick<HttpRequest, 'headers'> & { readonly url?: string }): boolean {
  return /^\/u\/p\//i.test(request.url ?? '') && /^application\/x-www-form-urlencoded$/i.test(contentType(request));
}

/** Without parameters; empty where it is not said. */
export function contentType({ headers }: Pick<HttpRequest, 'headers'>): string {
  return String(headers['content-type'] ?? '')
    .split(';', 1)[0]!
    .trim();
}
