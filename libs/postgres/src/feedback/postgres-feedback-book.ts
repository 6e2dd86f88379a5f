import { customerIdOf, FEEDBACK_KINDS, isTooSoon, type Channel, type JsonObject } from '#core';
import {
  MAX_OF_A_KIND,
  type Feedback,
  type FeedbackBook,
  type FeedbackFate,
  type OutcomeEvent,
  type ToldFeedback,
} from '#engine';
import { byteaArray, textArray, timestamptzArray, uuidArray } from '../binary/binary-arrays.js';
import { DayPartitions, dayOfMessage } from '../connect/day-partitions.js';
import type { PostgresPool, Session } from '../connect/postgres-pool.js';
import { outcomeCalls } from '../messages/put-outcomes.js';
import { BY_PROVIDER_IDS, LOCK_MESSAGES, READ_FEEDBACK, READ_MESSAGES, WRITE_FEEDBACK } from './feedback-statements.js';
import type { MessageRow } from './message-row.js';
import { tellDelivery } from './tell-delivery.js';
import { lockContacts, suppressAddresses } from './suppress-addresses.js';

interface FeedbackRow {
  readonly message_id: string;
  readonly kind: string;
  readonly reason: string | null;
  readonly detail: Buffer | null;
}

export interface FeedbackBookOptions {
  /** The stream that hears of it, and its partitions. */
  readonly stream: string;
  readonly partitions: number;
}

/** `message_outcome.detail` of feedback: JSON in UTF-8. */
interface Detail extends JsonObject {
  readonly copyOf: string;
}

export class PostgresFeedbackBook implements FeedbackBook {
  private readonly days = new DayPartitions();

  constructor(
    private readonly pool: PostgresPool,
    private readonly use: FeedbackBookOptions,
  ) {}

  async record(
    given: readonly Feedback[],
    eventOf: (told: ToldFeedback) => OutcomeEvent | null,
  ): Promise<readonly FeedbackFate[]> {
    if (given.length === 0) return [];
    const ids = uuidArray([...new Set(given.map(({ messageId }) => messageId))]);
    // Looked for first, so that made-up ids make no days and lock nothing.
    const messages = await this.messages(ids);
    if (messages.size === 0) return given.map(() => 'unknown');
    const feedback = given.map((each) => judged(each, messages.get(each.messageId)));
    const days = [...messages.keys()].map(dayOfMessage);
    await this.days.ensure(this.pool, 'message_outcome', days);
    return this.pool.transaction(async (session) => {
      const dead = feedback.filter(({ messageId, suppress }) => suppress !== null && messages.has(messageId));
      // Contacts before messages, as in a claim: in one order everywhere nobody waits in a circle.
      const contacts = await lockContacts(session, dead, messages);
      await session.run(LOCK_MESSAGES, [ids]);
      const known = new Known(await readFeedback(session, ids));
      const fates = feedback.map((each): FeedbackFate => (messages.has(each.messageId) ? known.take(each) : 'unknown'));
      const recorded = feedback.filter((_, index) => fates[index] === 'recorded');
      // What was said before says nothing of the address that she has now.
      await suppressAddresses(session, contacts, recorded, messages, this.use.partitions);
      await this.write(session, recorded, messages, eventOf);
      return fates;
    });
  }

  async byProviderIds(channel: Channel, providerIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (providerIds.length === 0) return new Map();
    const { rows } = await this.pool.run<{ provider_id: string; message_id: string }>(BY_PROVIDER_IDS, [
      channel,
      textArray(providerIds),
    ]);
    return new Map(rows.map((row) => [row.provider_id, row.message_id]));
  }

  private async messages(ids: Buffer): Promise<ReadonlyMap<string, MessageRow>> {
    const { rows } = await this.pool.run<MessageRow>(READ_MESSAGES, [ids]);
    return new Map(rows.map((row) => [row.message_id, row]));
  }

  private async write(
    session: Session,
    recorded: readonly Feedback[],
    messages: ReadonlyMap<string, MessageRow>,
    eventOf: (told: ToldFeedback) => OutcomeEvent | null,
  ): Promise<void> {
    if (recorded.length === 0) return;
    await session.run(WRITE_FEEDBACK, [
      uuidArray(recorded.map(({ messageId }) => messageId)),
      textArray(recorded.map(({ kind }) => kind)),
      timestamptzArray(recorded.map(({ at }) => at)),
      textArray(recorded.map(({ reason }) => reason)),
      byteaArray(recorded.map(({ detail, copyOf }) => Buffer.from(JSON.stringify({ ...detail, copyOf })))),
    ]);
    await tellDelivery(session, recorded, (id) => messages.get(id)!.customer_id);
    const outcomes = recorded.flatMap((each) => {
      const about = toldOf(each, messages.get(each.messageId)!);
      return (about === null ? null : eventOf(about)) ?? [];
    });
    const { stream, partitions } = this.use;
    for (const [statement, parameters] of outcomeCalls({ outcomes, stream, partitions }))
      await session.run(statement, parameters);
  }
}

/**
 * Who opens or clicks faster than anybody reads is a program, whatever it says of itself. That a mail was opened is what
 * its picture says; elsewhere it is what the reader's app, or the shop, has seen.
 */
function judged(feedback: Feedback, row: MessageRow | undefined): Feedback {
  const { kind, reason, at } = feedback;
  const mayBeMachine = kind === 'clicked' || (kind === 'opened' && (feedback.channel ?? row?.channel) === 'email');
  if (row === undefined || reason !== null || !mayBeMachine) return feedback;
  return isTooSoon(row.sent_at, at) ? { ...feedback, reason: kind === 'opened' ? 'machine' : 'bot' } : feedback;
}

/** What is recorded already, and what this transaction adds to it. */
class Known {
  private readonly copies = new Set<string>();
  private readonly counts = new Map<string, number>();

  constructor(rows: readonly FeedbackRow[]) {
    for (const { message_id: id, kind, reason, detail } of rows) {
      const { copyOf } = JSON.parse(detail?.toString('utf8') ?? '{}') as Partial<Detail>;
      this.add(id, kind, reason, copyOf ?? '');
    }
  }

  take({ messageId, kind, reason, copyOf }: Feedback): FeedbackFate {
    if (this.copies.has(`${messageId} ${kind} ${reason} ${copyOf}`)) return 'copy';
    if ((this.counts.get(`${messageId} ${kind} ${reason}`) ?? 0) >= MAX_OF_A_KIND) return 'enough';
    this.add(messageId, kind, reason, copyOf);
    return 'recorded';
  }

  private add(id: string, kind: string, reason: string | null, copyOf: string): void {
    const key = `${id} ${kind} ${reason}`;
    this.copies.add(`${key} ${copyOf}`);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}

async function readFeedback(session: Session, ids: Buffer): Promise<readonly FeedbackRow[]> {
  const { rows } = await session.run<FeedbackRow>(READ_FEEDBACK, [ids, textArray(FEEDBACK_KINDS)]);
  return rows;
}

/** A text column does not hold every key unchanged (U+0000): then nobody is told, rather than somebody else. */
function toldOf(feedback: Feedback, row: MessageRow): ToldFeedback | null {
  const { customer, rule, template, category, channel, step, run } = row;
  if (customerIdOf(customer) !== row.customer_id) return null;
  return { feedback, customer, rule, template, category, channel: feedback.channel ?? channel, step, run };
}
