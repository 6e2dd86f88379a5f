import type { SendResult } from '#engine';

/** What nodemailer says of a failure. */
export interface SmtpError extends Error {
  readonly code?: string;
  /** Of the server's answer, when there was one. */
  readonly responseCode?: number;
  readonly response?: string;
  /** The command that was answered; `CONN` for the connection, `API` for what was refused before it was sent. */
  readonly command?: string;
}

/** Has the terminating dot been sent? After it only the server knows. */
export type SmtpPhase = 'before the dot' | 'after the dot';

type Failure = Exclude<SendResult, { kind: 'accepted' | 'not permitted' }>;

const temporary = (detail: string): Extract<Failure, { kind: 'temporary' }> => ({
  kind: 'temporary',
  detail,
  retryAfterMs: null,
});
const permanent = (detail: string, addressDead = false): Failure => ({ kind: 'permanent', detail, addressDead });

/**
 * The one table of what a failure means:
 *
 * | what happened                                      | means |
 * |----------------------------------------------------|-------|
 * | no answer, before the dot (connection, TLS, time)  | temporary |
 * | no answer, after the dot                           | unknown |
 * | any 4xx                                            | temporary |
 * | 5xx to greeting, EHLO, STARTTLS, AUTH              | temporary: it is about us, not about this mail |
 * | 503 (commands out of order)                        | temporary: it is about the connection |
 * | 550, 551, 553 or 5.1.x to RCPT                     | permanent, the address is dead |
 * | other 5xx (MAIL, RCPT, DATA, the dot)              | permanent, this mail only |
 * | refused here: recipient is no address              | permanent, the address is dead |
 * | refused here: larger than the server takes         | permanent, this mail only |
 */
export function classifySmtpError(error: SmtpError, phase: SmtpPhase): Failure {
  const { responseCode: code, command = 'CONN' } = error;
  const answer = error.response ?? error.message;
  if (code === undefined || code < 400 || code > 599) return withoutAnswer(error, phase);
  if (code < 500 || code === 503 || !MAIL_COMMANDS.has(command)) return temporary(`${command}: ${answer}`);
  return permanent(`${command}: ${answer}`, command === 'RCPT TO' && isDeadAddress(code, answer));
}

const MAIL_COMMANDS: ReadonlySet<string> = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

function isDeadAddress(code: number, answer: string): boolean {
  return code === 550 || code === 551 || code === 553 || /^\d{3}[ -]5\.1\.\d/.test(answer);
}

function withoutAnswer(error: SmtpError, phase: SmtpPhase): Failure {
  if (phase === 'after the dot')
    return { kind: 'unknown', detail: `no answer to the end of the mail: ${error.message}` };
  if (error.code === 'EENVELOPE' && error.command === 'API')
    return permanent('the recipient is not a mail address', true);
  if (error.code === 'EMESSAGE' && error.command === 'MAIL FROM') return permanent(error.message);
  return { ...temporary(error.message), unreachable: true };
}
