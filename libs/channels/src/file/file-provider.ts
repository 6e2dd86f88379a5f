import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChannelProvider, OutgoingMessage, SendResult, WebhookCall, WebhookCaller } from '#engine';
import { composeMail } from '../mail/compose-mail.js';
import { parseAddress, type Mailbox } from '../mail/mailbox.js';
import { textHeader } from '../mail/mail-header.js';

export interface FileOptions {
  /** Made when it is missing. */
  readonly folder: string;
  /** Of mails. */
  readonly from: Mailbox;
  readonly clock: { now(): number };
}

/** A draft this old is nobody's any more: an attempt takes seconds. ms */
const ABANDONED_MS = 60 * 60_000;

/**
 * The outbox of a development machine: mails as .eml, calls of `webhook` steps as .json, everything else as .txt. The file of a message is always called
 * the same, so an attempt that is repeated writes no second one; it appears at once and whole.
 */
export class FileProvider implements ChannelProvider, WebhookCaller {
  readonly kind = 'file';
  readonly concurrency = 8;
  readonly answerWithinMs = 5_000;

  private tidied: Promise<void> | null = null;

  constructor(private readonly options: FileOptions) {}

  async send(message: OutgoingMessage, permit: () => Promise<boolean>): Promise<SendResult> {
    const content = message.channel === 'email' ? this.mail(message) : shortMessage(message, this.options.clock.now());
    if (content === null)
      return { kind: 'permanent', detail: 'the recipient is not a mail address', addressDead: true };
    const { template, channel } = message;
    return this.write(
      fileName({ ...message, what: template, ending: channel === 'email' ? 'eml' : 'txt' }),
      content,
      permit,
    );
  }

  call(call: WebhookCall, permit: () => Promise<boolean>): Promise<SendResult> {
    const { rule, to, plannedAt, body } = call;
    const content = { to, type: rule, timestamp: new Date(plannedAt).toISOString(), data: body };
    const name = fileName({ ...call, what: `webhook-${to}`, ending: 'json' });
    return this.write(name, `${JSON.stringify(content, null, 2)}\n`, permit);
  }

  private async write(name: string, content: string | Buffer, permit: () => Promise<boolean>): Promise<SendResult> {
    const draft = join(this.options.folder, `.${name}.part`);
    try {
      await mkdir(this.options.folder, { recursive: true, mode: 0o700 });
      await (this.tidied ??= removeAbandoned(this.options.folder));
      await writeFile(draft, content, { mode: 0o600 });
    } catch (error) {
      return failed(error);
    }
    // A permit whose answer is lost leaves only the draft, which the next attempt overwrites.
    if (!(await permit())) {
      await rm(draft, { force: true });
      return { kind: 'not permitted' };
    }
    try {
      await rename(draft, join(this.options.folder, name));
    } catch (error) {
      return failed(error);
    }
    return { kind: 'accepted', providerId: name, detail: null };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private mail({ id, address, rendered, unsubscribeUrl, feedbackToken }: OutgoingMessage): Buffer | null {
    const to = parseAddress(address);
    if (to === null) return null;
    const { subject, text, html } = rendered;
    const { from, clock } = this.options;
    return composeMail({
      id,
      from,
      to: { name: '', address: to },
      subject: subject ?? '',
      text,
      html,
      unsubscribeUrl,
      feedbackToken,
      at: clock.now(),
    });
  }
}

/** Drafts that processes left behind which died between writing and the permit. Somebody else may remove them at the same time. */
async function removeAbandoned(folder: string): Promise<void> {
  const drafts = (await readdir(folder)).filter((name) => name.startsWith('.') && name.endsWith('.part'));
  for (const name of drafts) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  }
}

/** When it was planned, to whom, what, and the end of the id: `2026-03-02T090000Z_ann_cart-reminder_1f0c….eml`. */
function fileName(of: {
  readonly id: string;
  readonly plannedAt: number;
  readonly customer: string;
  readonly what: string;
  readonly ending: string;
}): string {
  const { id, plannedAt, customer, what, ending } = of;
  const time = new Date(plannedAt).toISOString().slice(0, 19).replaceAll(':', '');
  const who = customer
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 40);
  return `${time}Z_${who || 'customer'}_${what}_${id.slice(id.lastIndexOf('-') + 1)}.${ending}`;
}

function shortMessage(message: OutgoingMessage, at: number): string {
  const { subject, text } = message.rendered;
  const headers = [
    textHeader('Channel', message.channel),
    textHeader('To', message.address),
    ...(subject === null ? [] : [textHeader('Subject', subject)]),
    textHeader('Date', new Date(at).toISOString()),
    textHeader('Message-ID', message.id),
    textHeader('Customer', message.customer),
    textHeader('Rule', message.rule),
    textHeader('Template', message.template),
    textHeader('Category', message.category),
    ...(message.unsubscribeUrl === null ? [] : [textHeader('Unsubscribe', message.unsubscribeUrl)]),
  ];
  return `${headers.map((header) => header.replaceAll('\r\n', '\n')).join('\n')}\n\n${text.trimEnd()}\n`;
}

/** A full disk or a missing right is mended by people; the message waits for that. */
function failed(error: unknown): SendResult {
  const { code = 'unknown error', syscall = 'writing' } = error as NodeJS.ErrnoException;
  return { kind: 'temporary', detail: `the outbox: ${syscall} failed with ${code}`, retryAfterMs: null };
}
