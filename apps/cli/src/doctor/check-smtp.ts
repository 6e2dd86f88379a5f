import { createTransport } from 'nodemailer';
import { parseSmtpUrl } from '#channels';
import type { Config } from '#config';
import { fail, ok, type Check } from './check.js';

const NAME = 'mail server';
const TIMEOUT_MS = 5_000;

/** Connects, greets and logs in; sends nothing. */
export async function checkSmtp({ smtpUrl, data }: Config): Promise<Check> {
  if (smtpUrl === null)
    return ok(
      NAME,
      `SMTP_URL is not set: mails without a provider in kairos.yaml become files in ${data}/outbox under kairos start, and a separate delivery service refuses to start`,
    );
  const server = parseSmtpUrl(smtpUrl);
  if (server === null)
    return fail(
      NAME,
      'SMTP_URL is not the address of a mail server',
      'write it as smtp://user:password@host:587 or smtps://…',
    );
  const { host, port, secure, credentials } = server;
  const transport = createTransport({
    host,
    port,
    secure,
    ...(credentials === null ? {} : { auth: { user: credentials.user, pass: credentials.password } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
  try {
    await transport.verify();
    return ok(NAME, `${host}:${port}${credentials === null ? '' : `, logged in as ${credentials.user}`}`);
  } catch (error) {
    return fail(
      NAME,
      `${host}:${port} cannot be used (${(error as Error).message.trim()})`,
      'check host, port, user and password in SMTP_URL',
    );
  } finally {
    transport.close();
  }
}
