import { createHash } from 'node:crypto';
import PostalMime, { type Attachment } from 'postal-mime';
import { FEEDBACK_HEADER } from '../mail/compose-mail.js';

/** What a server or a mailbox provider says of a mail of ours. */
export interface MailReport {
  readonly kind: 'bounced' | 'complained' | 'delivered';
  /** Of a bounce: `soft` where it is still tried, or failed for a while. */
  readonly bounce: 'hard' | 'soft' | null;
  /** The address does not exist, or its owner does not want our mails. */
  readonly isAddressDead: boolean;
  /** Whom it is about, as the report has it; null: it does not say (many providers black it out). */
  readonly recipient: string | null;
  /** Enhanced status code, `5.1.1`. */
  readonly code: string | null;
  /** What stands in our header of the mail reported on; null: the report does not have it. */
  readonly token: string | null;
  /** The same for copies of the report. */
  readonly fingerprint: string;
}

type Fields = ReadonlyMap<string, string>;

/**
 * Reads a report about a mail: delivery status (RFC 3464) or complaint (ARF, RFC 5965). null: it is none, such as an answer by
 * hand or an absence note. Never throws for what the mail holds.
 */
export async function readMailReport(raw: Uint8Array): Promise<MailReport | null> {
  const mail = await PostalMime.parse(raw, { forceRfc822Attachments: true, maxNestingDepth: 16 }).catch(() => null);
  if (mail === null) return null;
  const part = (...types: string[]) => mail.attachments.find(({ mimeType }) => types.includes(mimeType));
  const fingerprint = createHash('sha256').update(raw).digest('base64url').slice(0, 16);
  const token = await tokenIn(part('message/rfc822', 'text/rfc822-headers', 'message/rfc822-headers'));
  const complaint = part('message/feedback-report');
  if (complaint !== undefined) return readComplaint(fieldsOf(complaint)[0] ?? new Map(), token, fingerprint);
  const status = part('message/delivery-status');
  // The first group is about the mail, those after it about its recipients; ours has one.
  return status === undefined ? null : readStatus(fieldsOf(status)[1] ?? new Map(), token, fingerprint);
}

function readComplaint(fields: Fields, token: string | null, fingerprint: string): MailReport | null {
  const type = fields.get('feedback-type')?.toLowerCase();
  if (type !== 'abuse' && type !== 'fraud' && type !== 'opt-out' && type !== 'opt-out-list') return null;
  const recipient = addressOf(fields.get('original-rcpt-to'));
  return { kind: 'complained', bounce: null, isAddressDead: true, recipient, code: null, token, fingerprint };
}

function readStatus(fields: Fields, token: string | null, fingerprint: string): MailReport | null {
  const code = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(fields.get('status') ?? '')?.[0] ?? null;
  const recipient = addressOf(fields.get('original-recipient')) ?? addressOf(fields.get('final-recipient'));
  const said = { recipient, code, token, fingerprint };
  switch (fields.get('action')?.toLowerCase()) {
    case 'delivered':
      return { ...said, kind: 'delivered', bounce: null, isAddressDead: false };
    case 'delayed':
      return { ...said, kind: 'bounced', bounce: 'soft', isAddressDead: false };
    case 'failed': {
      const isHard = code?.startsWith('5') !== false;
      return {
        ...said,
        kind: 'bounced',
        bounce: isHard ? 'hard' : 'soft',
        isAddressDead: isHard && isAboutAddress(code, fields.get('diagnostic-code') ?? ''),
      };
    }
    default:
      return null;
  }
}

/** As for answers of the server itself (delivery.md): 5.1.x, or 550, 551, 553 where no code says that it is about something else. */
function isAboutAddress(code: string | null, diagnostic: string): boolean {
  if (code?.startsWith('5.1.') === true) return true;
  const isVague = code === null || code === '5.0.0';
  return (
    isVague && /^smtp\s*;\s*(?:550|551|553)\b/i.test(diagnostic) && !/\b5\.(?!0\.0|1\.)\d+\.\d+\b/.test(diagnostic)
  );
}

/** `rfc822; ann@shop.test`, `<ann@shop.test>`. */
function addressOf(field: string | undefined): string | null {
  const [, address] = /([^\s<>;,]+@[^\s<>;,]+)/.exec(field ?? '') ?? [];
  return address === undefined || address.length > 254 ? null : address;
}

/** Groups of `Name: value`, divided by empty lines. */
function fieldsOf(part: Attachment): readonly Fields[] {
  return textOf(part)
    .replace(/\r\n?/g, '\n')
    .split(/\n[ \t]*\n/)
    .filter((group) => group.trim() !== '')
    .map((group) => {
      const lines = group.replace(/\n[ \t]+/g, ' ').split('\n');
      return new Map(
        lines.map((line): [string, string] => {
          const at = line.indexOf(':');
          return [line.slice(0, Math.max(0, at)).trim().toLowerCase(), line.slice(at + 1).trim()];
        }),
      );
    });
}

async function tokenIn(part: Attachment | undefined): Promise<string | null> {
  if (part === undefined) return null;
  const mail = await PostalMime.parse(textOf(part), { maxNestingDepth: 16 }).catch(() => null);
  return mail?.headers.find(({ key }) => key === FEEDBACK_HEADER.toLowerCase())?.value.trim() ?? null;
}

function textOf({ content }: Attachment): string {
  return typeof content === 'string' ? content : Buffer.from(content as ArrayBuffer).toString('utf8');
}
