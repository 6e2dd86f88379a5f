import type { Feedback } from '#engine';
import { textArray, timestamptzArray, uuidArray } from '../binary/binary-arrays.js';
import type { Session } from '../connect/postgres-pool.js';
import { HASTEN_FALLBACKS, WRITE_ANSWERS } from './feedback-statements.js';

/** What delivery looks at: which channel she uses, and whether a fallback is still wanted. */
const ANSWERS: readonly Feedback['kind'][] = ['delivered', 'opened', 'clicked', 'replied'];

/** What was answered by a person waits for the next claim of the customer; what bounced for good goes to its fallback. */
export async function tellDelivery(
  session: Session,
  feedback: readonly Feedback[],
  customerIdOf: (messageId: string) => string,
): Promise<void> {
  const answers = feedback.filter(({ kind, reason }) => ANSWERS.includes(kind) && reason === null);
  if (answers.length > 0) {
    await session.run(WRITE_ANSWERS, [
      uuidArray(answers.map(({ messageId }) => customerIdOf(messageId))),
      uuidArray(answers.map(({ messageId }) => messageId)),
      textArray(answers.map(({ kind }) => kind)),
      timestamptzArray(answers.map(({ at }) => at)),
    ]);
  }
  const dead = feedback.filter(({ kind, reason }) => kind === 'bounced' && reason === 'hard');
  if (dead.length === 0) return;
  const ids = uuidArray(dead.map(({ messageId }) => messageId));
  const channels = textArray(dead.map(({ channel }) => channel ?? null));
  await session.run(HASTEN_FALLBACKS, [ids, timestamptzArray(dead.map(({ at }) => at)), channels]);
}
