import { mailboxHeader, plainHeader, textHeader } from './mail-header.js';
import { domainOf, type Mailbox } from './mailbox.js';
import { quotedPrintable } from './quoted-printable.js';

/** Comes back in bounces and complaints, which quote the headers of the mail. */
export const FEEDBACK_HEADER = 'X-Kairos-Feedback';

export interface Mail {
  /** UUID text; with the sender's domain it is the Message-ID. */
  readonly id: string;
  readonly from: Mailbox;
  readonly to: Mailbox;
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly unsubscribeUrl: string | null;
  /** Stands in a header, by which reports about this mail are believed; null: none. */
  readonly feedbackToken: string | null;
  /** ms since 1970 UTC. */
  readonly at: number;
}

/**
 * A mail as it goes over the wire (RFC 5322, MIME): text and HTML as alternatives, UTF-8, CRLF, short lines, ending with a
 * line break. The same mail gives the same bytes. With an unsubscribe address, one click in the mail client is enough
 * (RFC 8058).
 */
export function composeMail(mail: Mail): Buffer {
  const { id, from, to, html, text, unsubscribeUrl } = mail;
  const headers = [
    mailboxHeader('From', from),
    mailboxHeader('To', to),
    textHeader('Subject', mail.subject),
    plainHeader('Date', new Date(mail.at).toUTCString().replace('GMT', '+0000')),
    plainHeader('Message-ID', `<${id}@${domainOf(from.address)}>`),
    ...(unsubscribeUrl === null ? [] : oneClick(unsubscribeUrl)),
    ...(mail.feedbackToken === null ? [] : [plainHeader(FEEDBACK_HEADER, mail.feedbackToken)]),
    'MIME-Version: 1.0',
  ];
  if (html === null) return Buffer.from([...headers, ...part('text/plain', text), ''].join('\r\n'));
  // "=_" is never in quoted-printable text.
  const boundary = `=_${id}`;
  const lines = [
    ...headers,
    `Content-Type: multipart/alternative;\r\n boundary="${boundary}"`,
    '',
    `--${boundary}`,
    ...part('text/plain', text),
    `--${boundary}`,
    ...part('text/html', html),
    `--${boundary}--`,
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

function oneClick(url: string): readonly string[] {
  return [
    plainHeader('List-Unsubscribe', `<${new URL(url).href}>`),
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  ];
}

function part(type: string, content: string): readonly string[] {
  return [
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: quoted-printable',
    '',
    quotedPrintable(content),
  ];
}
