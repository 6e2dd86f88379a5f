import { isIP } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpServer } from './smtp-url.js';

export interface SmtpTimeouts {
  /** Until connected and greeted, ms. */
  readonly connectMs: number;
  /** Of silence, ms. */
  readonly silenceMs: number;
}

/** Mails over one connection, and how long it may wait for the next one. */
const MAILS_PER_CONNECTION = 200;
const IDLE_MS = 20_000;

interface Idle {
  readonly connection: SMTPConnection;
  readonly timer: NodeJS.Timeout;
}

/**
 * Connections to one SMTP server that are used again. Made directly on nodemailer's SMTPConnection and not on its pool:
 * the pool does not tell when the server has asked for the text of a mail, which is where the permit has its place, and
 * it retries by itself.
 */
export class SmtpConnections {
  private readonly idle: Idle[] = [];
  private readonly mailsOf = new WeakMap<SMTPConnection, number>();
  private closed = false;

  constructor(
    private readonly server: SmtpServer,
    private readonly timeouts: SmtpTimeouts,
    private readonly tls: { readonly ca?: string } = {},
  ) {}

  /** One that waits, or null. It may have been closed by the server without our knowing. */
  takeIdle(): SMTPConnection | null {
    const found = this.idle.pop();
    if (found === undefined) return null;
    clearTimeout(found.timer);
    return found.connection;
  }

  /** A new one, signed in. Throws nodemailer's errors, see classifySmtpError. */
  async open(): Promise<SMTPConnection> {
    const { host, port, secure, credentials } = this.server;
    const connection = new SMTPConnection({
      host,
      port,
      secure,
      // A password never goes over a line that others can read.
      requireTLS: !secure && credentials !== null && !isLoopback(host),
      connectionTimeout: this.timeouts.connectMs,
      greetingTimeout: this.timeouts.connectMs,
      dnsTimeout: this.timeouts.connectMs,
      socketTimeout: this.timeouts.silenceMs,
      tls: this.tls,
    });
    try {
      await settled(connection, (done) => connection.connect(done));
      // The dot is a small segment after a large one: without this it waits for the acknowledgement of the large one.
      if (connection._socket) connection._socket.setNoDelay(true);
      if (credentials !== null) {
        const auth = { credentials: { user: credentials.user, pass: credentials.password } };
        await settled(connection, (done) => connection.login(auth, done));
      }
    } catch (error) {
      connection.close();
      throw error;
    }
    // Later errors reach whoever sends a mail; an idle connection that fails is only gone.
    connection.on('error', () => undefined);
    connection.on('end', () => this.forget(connection));
    return connection;
  }

  /** After a mail: kept for the next one if it is fit for that. */
  release(connection: SMTPConnection): void {
    const mails = (this.mailsOf.get(connection) ?? 0) + 1;
    this.mailsOf.set(connection, mails);
    if (connection.destroyed) return;
    if (this.closed || mails >= MAILS_PER_CONNECTION) return connection.quit();
    const timer = setTimeout(() => {
      this.forget(connection);
      connection.quit();
    }, IDLE_MS);
    timer.unref();
    this.idle.push({ connection, timer });
  }

  close(): void {
    this.closed = true;
    for (const { connection, timer } of this.idle.splice(0)) {
      clearTimeout(timer);
      connection.quit();
    }
  }

  private forget(connection: SMTPConnection): void {
    const index = this.idle.findIndex((idle) => idle.connection === connection);
    if (index !== -1) clearTimeout(this.idle.splice(index, 1)[0]?.timer);
  }
}

/** One step of a connection; failures come by callback, by event, or as a mere end. */
function settled(connection: SMTPConnection, step: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      connection.off('error', fail);
      connection.off('end', ended);
      act();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    const ended = (): void => fail(new Error('the server closed the connection'));
    connection.on('error', fail);
    connection.on('end', ended);
    step((error) => (error ? fail(error) : finish(resolve)));
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
