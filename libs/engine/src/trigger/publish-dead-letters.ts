import { StoreError } from '../errors.js';
import type { AppendRequest, EventStream } from '../ports/event-stream.js';
import type { DeadLetter } from '../ports/partition-store.js';

/**
 * Before the commit that steps over them: at least once, told apart by topic, partition and offset.
 * @param deadLetters null: they are kept in the table only
 */
export async function publishDeadLetters(
  deadLetters: EventStream | null,
  topic: string,
  partition: number,
  letters: readonly DeadLetter[],
): Promise<void> {
  if (deadLetters === null || letters.length === 0) return;
  const requests = letters.map((letter) => requestOf(letter, topic, partition));
  try {
    await deadLetters.append(requests);
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    for (const request of requests) await publishAlone(deadLetters, request);
  }
}

/** What filled its own topic leaves no room for the reason: it is published without its text, which the table has. */
async function publishAlone(deadLetters: EventStream, request: AppendRequest): Promise<void> {
  try {
    await deadLetters.append([request]);
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const { topic = '', partition = '', offset = '', reason = '', detail = '' } = request.headers ?? {};
    await deadLetters.append([
      { ...request, key: null, value: null, headers: { topic, partition, offset, reason, detail } },
    ]);
  }
}

function requestOf(letter: DeadLetter, topic: string, partition: number): AppendRequest {
  const { offset, reason, detail, key, value, headers } = letter;
  return {
    key: key === null ? null : new TextDecoder().decode(key),
    partition,
    value,
    headers: { ...headers, topic, partition: String(partition), offset: String(offset), reason, detail },
  };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'record_too_large';
}
