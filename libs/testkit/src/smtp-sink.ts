import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { Arrivals } from './arrivals.js';

/** What the server does wrong. A refusal of 4xx is temporary, of 5xx final. */
export type SmtpFault =
  | { readonly refuse: 'connection' | 'sender' | 'mail'; readonly code: number; readonly text?: string }
  /** Refuses the recipient of this number within its mail, from 1. */
  | { readonly refuse: 'recipient'; readonly number: number; readonly code: number; readonly text?: string }
  /** Breaks the connection: within the mail's text, or when it had all of it and has not answered, so that the sender cannot know. */
  | { readonly hangUp: 'before the dot' | 'after the dot' }
  /** Answers the dot this much later. */
  | { readonly delayMs: number };

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As which user the client signed in, if it did. */
  readonly user: string | undefined;
  /** The client heard that it was taken. */
  readonly acknowledged: boolean;
  readonly receivedAt: Date;
  readonly raw: Buffer;
  /** Subject, text, html, addresses, attachments. */
  readonly parsed: Email;
  /** Value of the first header of this name. */
  header(name: string): string | undefined;
}

/** A real SMTP server on a free port that takes every mail and keeps it. */
export class SmtpSink {
  readonly mails = new Arrivals<ReceivedMail>('a mail');
  private fault: SmtpFault | undefined;
  private timesLeft = 0;
  private readonly recipients = new Map<string, number>();
  private readonly server: SMTPServer;

  private constructor() {
    this.server = new SMTPServer({
      authOptional: true,
      // Its certificate is its own: a client that checks certificates could not go on.
      hideSTARTTLS: true,
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      disableReverseLookup: true,
      onAuth: (auth, _session, answer) => answer(null, { user: auth.username ?? '' }),
      onConnect: (_session, answer) => answer(this.refusal('connection')),
      onMailFrom: (_address, session, answer) => {
        this.recipients.set(session.id, 0);
        answer(this.refusal('sender'));
      },
      onRcptTo: (_address, session, answer) => {
        const number = (this.recipients.get(session.id) ?? 0) + 1;
        this.recipients.set(session.id, number);
        answer(this.refusal('recipient', number));
      },
      onData: (stream, session, answer) => void this.receive(stream, session, answer),
      onClose: (session) => void this.recipients.delete(session.id),
    });
    // A client that goes away in the middle is nothing to tell here.
    this.server.on('error', () => undefined);
  }

  static async start(): Promise<SmtpSink> {
    const sink = new SmtpSink();
    sink.server.listen(0, '127.0.0.1');
    await once(sink.server.server, 'listening');
    return sink;
  }

  /** `smtp://127.0.0.1:port`, the value for SMTP_URL. */
  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  /** From now on this goes wrong, the given number of times (default: until `heal`). */
  misbehave(fault: SmtpFault, times = Infinity): void {
    this.fault = fault;
    this.timesLeft = times;
  }

  heal(): void {
    this.fault = undefined;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(resolve));
  }

  private async receive(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    answer: (error?: Error | null) => void,
  ): Promise<void> {
    if (this.strikes((fault) => 'hangUp' in fault && fault.hangUp === 'before the dot')) return this.hangUp(session);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of stream) chunks.push(chunk as Buffer);
    } catch {
      return; // the client went away before the dot
    }
    const refusal = this.refusal('mail');
    if (refusal) return answer(refusal);
    const slow = this.strikes((fault) => 'delayMs' in fault);
    if (slow && 'delayMs' in slow) await pause(slow.delayMs);
    const silent = this.strikes((fault) => 'hangUp' in fault) !== undefined;
    const mail = await received(Buffer.concat(chunks), session, !silent);
    this.mails.add(mail);
    if (silent) this.hangUp(session);
    else answer();
  }

  private refusal(phase: 'connection' | 'sender' | 'mail' | 'recipient', number?: number): Error | null {
    const fault = this.strikes(
      (now) => 'refuse' in now && now.refuse === phase && (now.refuse !== 'recipient' || now.number === number),
    );
    if (!fault || !('refuse' in fault)) return null;
    return Object.assign(new Error(fault.text ?? 'refused by the test'), { responseCode: fault.code });
  }

  private strikes(concerns: (fault: SmtpFault) => boolean): SmtpFault | undefined {
    if (!this.fault || this.timesLeft === 0 || !concerns(this.fault)) return undefined;
    this.timesLeft -= 1;
    return this.fault;
  }

  private hangUp(session: SMTPServerSession): void {
    for (const connection of this.server.connections as Set<{ id: string; _socket: { destroy(): void } }>) {
      if (connection.id === session.id) connection._socket.destroy();
    }
  }
}

async function received(raw: Buffer, session: SMTPServerSession, acknowledged: boolean): Promise<ReceivedMail> {
  const parsed = await PostalMime.parse(raw);
  const { mailFrom, rcptTo } = session.envelope;
  return {
    from: mailFrom ? mailFrom.address : '',
    to: rcptTo.map(({ address }) => address),
    user: session.user,
    acknowledged,
    receivedAt: new Date(),
    raw,
    parsed,
    header: (name) => parsed.headers.find(({ key }) => key === name.toLowerCase())?.value,
  };
}
