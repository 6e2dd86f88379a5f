import type { ChannelProvider, OutgoingMessage, SendResult } from '#engine';
import type { DkimKey } from '../dkim/dkim-key.js';
import { signMail } from '../dkim/sign-mail.js';
import { composeMail } from '../mail/compose-mail.js';
import { parseAddress, type Mailbox } from '../mail/mailbox.js';
import { classifySmtpError, type SmtpError } from './classify-smtp-error.js';
import { sendHeldMail } from './send-held-mail.js';
import { SmtpConnections } from './smtp-connections.js';
import type { SmtpServer } from './smtp-url.js';

export interface SmtpOptions {
  readonly server: SmtpServer;
  readonly from: Mailbox;
  readonly clock: { now(): number };
  /** Mails under way at the same time, and so connections; 10. */
  readonly connections?: number | null;
  /** null: mails are not signed here. */
  readonly dkim?: DkimKey | null;
  /** From the dot to its answer, ms; 30,000. */
  readonly answerWithinMs?: number | null;
  /** Until connected and greeted, ms; 10,000. */
  readonly connectWithinMs?: number;
  /** Certificate authority, PEM, besides those that Node knows. */
  readonly ca?: string;
}

/** Mails to one SMTP server, with the permit before the dot. */
export class SmtpProvider implements ChannelProvider {
  readonly kind = 'smtp';
  readonly concurrency: number;
  readonly answerWithinMs: number;
  private readonly connections: SmtpConnections;

  constructor(private readonly options: SmtpOptions) {
    this.concurrency = options.connections ?? 10;
    this.answerWithinMs = options.answerWithinMs ?? 30_000;
    const timeouts = { connectMs: options.connectWithinMs ?? 10_000, silenceMs: this.answerWithinMs };
    this.connections = new SmtpConnections(
      options.server,
      timeouts,
      options.ca === undefined ? {} : { ca: options.ca },
    );
  }

  async send(message: OutgoingMessage, permit: () => Promise<boolean>): Promise<SendResult> {
    const to = parseAddress(message.address);
    if (to === null) return { kind: 'permanent', detail: 'the recipient is not a mail address', addressDead: true };
    const { from, clock } = this.options;
    const { subject, text, html } = message.rendered;
    const { id, unsubscribeUrl, feedbackToken } = message;
    const recipient = { name: '', address: to };
    const mail = composeMail({
      id,
      from,
      to: recipient,
      subject: subject ?? '',
      text,
      html,
      unsubscribeUrl,
      feedbackToken,
      at: clock.now(),
    });
    const { dkim = null } = this.options;
    const body = dkim === null ? mail : await signMail(mail, dkim, clock.now());
    return withoutAddress(await this.attempt(to, body, permit), to);
  }

  async close(): Promise<void> {
    this.connections.close();
  }

  private async attempt(to: string, body: Buffer, permit: () => Promise<boolean>): Promise<SendResult> {
    const mail = { from: this.options.from.address, to, body, permit, withinMs: this.answerWithinMs };
    const idle = this.connections.takeIdle();
    if (idle !== null) {
      const { result, begun } = await sendHeldMail(idle, mail);
      this.connections.release(idle);
      // The server may have ended it while it lay idle: nothing of this mail was said, so a new one is tried at once.
      if (begun || result.kind !== 'temporary' || !idle.destroyed) return result;
    }
    let connection;
    try {
      connection = await this.connections.open();
    } catch (error) {
      return classifySmtpError(error as SmtpError, 'before the dot');
    }
    const { result } = await sendHeldMail(connection, mail);
    this.connections.release(connection);
    return result;
  }
}

/** Servers repeat the recipient in their answers; results are kept, shown and logged without it. */
function withoutAddress(result: SendResult, address: string): SendResult {
  if (!('detail' in result) || result.detail === null) return result;
  return { ...result, detail: result.detail.replaceAll(address, '(recipient)').slice(0, 500) };
}
