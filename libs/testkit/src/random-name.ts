import { randomBytes } from 'node:crypto';

/** A name that nothing else has: for a topic, a consumer group, a stream of one test. */
export function randomName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}
