/** Thrown when a broker cannot be had on this machine. The message ends with what to do about it. */
export class KafkaSetupError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{ details?: Record<string, unknown>, retryable?: boolean, cause?: unknown }} [options]
   */
  constructor(code, message, { details = {}, retryable = false, cause } = {}) {
    super(message, { cause });
    this.name = 'KafkaSetupError';
    this.code = code;
    this.details = details;
    this.retryable = retryable;
  }
}

/** The last lines of what a program printed, for an error message. */
export function lastLines(text, count = 12) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
