import { LogTruncatedError, StoreError, StreamLayoutError } from '#engine';

interface KafkaJsError {
  readonly type?: string;
  readonly message?: string;
  readonly retriable?: boolean;
  readonly cause?: unknown;
}

/** Whatever kafkajs threw, as a `StoreError` (errors of ours pass unchanged). */
export function kafkaError(what: string, thrown: unknown): Error {
  if (thrown instanceof StoreError || thrown instanceof LogTruncatedError || thrown instanceof StreamLayoutError)
    return thrown;
  const first = thrown as KafkaJsError;
  const origin = originOf(first);
  if (origin.type === 'MESSAGE_TOO_LARGE') {
    return new StoreError(
      `${what}: a record is larger than the topic takes (max.message.bytes)`,
      'record_too_large',
      false,
      { cause: thrown },
    );
  }
  // kafkajs calls exhausted retries non-retriable; asking again later may work all the same.
  const forGood = first.retriable === false && origin.retriable === false;
  const message = `${what}: ${origin.message ?? String(thrown)}${cureOf(origin)}`;
  return new StoreError(message, forGood ? 'stream_refused' : 'stream_unavailable', !forGood, { cause: thrown });
}

function originOf(error: KafkaJsError): KafkaJsError {
  const cause = error.cause as KafkaJsError | undefined;
  return cause !== undefined && cause !== null && cause !== error && typeof cause === 'object'
    ? originOf(cause)
    : error;
}

/** For what a person at the terminal can mend. */
function cureOf({ message = '' }: KafkaJsError): string {
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|Connection timeout/i.test(message))
    return '; check that the brokers of KAFKA_BROKERS run and can be reached from here (for development: npm run kafka)';
  if (/SASL|authentication/i.test(message))
    return '; check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM';
  return '';
}
