import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SendResult } from '#engine';
import { classifySmtpError, type SmtpError } from './classify-smtp-error.js';
import { HeldMail } from './held-mail.js';

export interface MailToSend {
  readonly from: string;
  readonly to: string;
  readonly body: Buffer;
  readonly permit: () => Promise<boolean>;
  /** Until the permit is asked, and again from the dot to its answer, ms. */
  readonly withinMs: number;
}

export interface Attempt {
  readonly result: SendResult;
  /** The server had asked for the text: this connection knew of the mail. */
  readonly begun: boolean;
}

type Answer =
  | { readonly kind: 'answer'; readonly response: string; readonly providerId: string | null }
  | { readonly kind: 'error'; readonly error: SmtpError };

/**
 * One mail over one connection: envelope, text, permit, dot, answer. The permit is asked when all of the text has left
 * this process and only the dot is missing. The connection is closed whenever it was left within a mail.
 * Rejects only when `permit` does; then nothing was accepted.
 */
export async function sendHeldMail(connection: SMTPConnection, mail: MailToSend): Promise<Attempt> {
  const held = new HeldMail(mail.body);
  const sending = begin(connection, held, mail);
  const ready = held.written.then(() => flushed(connection, held));
  const first = await withTimeout(Promise.race([ready, sending.answer]), connection, mail.withinMs);
  if (first !== 'flushed') return { result: await beforeDot(connection, first), begun: held.begun };
  const permitted = await mail.permit().catch((error: unknown) => {
    connection.close();
    throw error;
  });
  // It may have broken while the permit was asked; then no dot follows, whatever was said.
  if (sending.ended !== null) return { result: await beforeDot(connection, sending.ended), begun: true };
  if (!permitted) {
    connection.close();
    return { result: { kind: 'not permitted' }, begun: true };
  }
  held.end();
  return { result: afterDot(await withTimeout(sending.answer, connection, mail.withinMs)), begun: true };
}

interface Sending {
  readonly answer: Promise<Answer>;
  /** The same, to be looked at. */
  ended: Answer | null;
}

function begin(connection: SMTPConnection, held: HeldMail, { from, to, body }: MailToSend): Sending {
  const { promise, resolve } = deferred<Answer>();
  const sending: Sending = { answer: promise, ended: null };
  // The envelope is explicit, one recipient: nothing is taken from the headers.
  connection.send({ from, to: [to], size: body.length }, held, (error, info) => {
    sending.ended = error
      ? { kind: 'error', error }
      : { kind: 'answer', response: info.response, providerId: info.serverMessageId ?? null };
    resolve(sending.ended);
  });
  return sending;
}

async function beforeDot(connection: SMTPConnection, answer: Answer): Promise<SendResult> {
  if (answer.kind === 'error') {
    if (answer.error.code === 'EENVELOPE') await reset(connection);
    else connection.close();
    return classifySmtpError(answer.error, 'before the dot');
  }
  connection.close();
  return { kind: 'temporary', detail: 'the server answered before the end of the mail', retryAfterMs: null };
}

/** After a refused envelope the connection is in order, once the server has forgotten it. */
async function reset(connection: SMTPConnection): Promise<void> {
  const error = await new Promise<Error | null>((resolve) => {
    connection.once('end', () => resolve(null));
    connection.reset((failure) => resolve(failure ?? null));
  });
  if (error !== null) connection.close();
}

function afterDot(answer: Answer): SendResult {
  if (answer.kind === 'error') return classifySmtpError(answer.error, 'after the dot');
  return { kind: 'accepted', providerId: answer.providerId, detail: answer.response };
}

async function withTimeout<T>(wanted: Promise<T>, connection: SMTPConnection, limitMs: number): Promise<T | Answer> {
  const { promise: late, resolve } = deferred<Answer>();
  const timer = setTimeout(() => {
    connection.close();
    resolve({ kind: 'error', error: new Error(`nothing for ${limitMs} ms`) });
  }, limitMs);
  const first = await Promise.race([wanted, late]);
  clearTimeout(timer);
  return first;
}

/** When everything written was handed to the network; never, when the connection breaks. */
async function flushed(connection: SMTPConnection, held: HeldMail): Promise<'flushed'> {
  const socket = connection._socket;
  while (socket && (held.pendingBytes > 0 || socket.writableLength > 0)) {
    // An empty write comes to its end behind all that was written before it.
    await new Promise<void>((resolve) => socket.write('', (error) => (error ? undefined : resolve())));
  }
  return 'flushed';
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
