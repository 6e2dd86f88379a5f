import { customerIdOf } from '#core';
import type { MessageHistory, MessageListing, MessageQuery, MessageRound } from '#engine';
import { uuidArray } from '../binary/binary-arrays.js';
import { msOf } from '../connect/clock-parameters.js';
import type { Parameter, PostgresPool } from '../connect/postgres-pool.js';
import { dayOfMessage } from '../connect/day-partitions.js';
import { READ_HOLDS } from './claim-statements.js';

interface ListingRow {
  readonly message_id: string;
  readonly customer: string;
  readonly rule: string;
  readonly version: number;
  readonly run_key: string | readonly string[] | null;
  readonly step: string;
  readonly template: string;
  readonly channel: string | null;
  readonly category: string;
  readonly outcome: MessageListing['outcome'];
  readonly reason: string | null;
  readonly planned_at: number;
  readonly at: number | null;
  readonly not_before: number | null;
  readonly detail: string | null;
  readonly decision: Buffer | null;
}

const COLUMNS = `message_id, customer, rule, version, run_key, step, template, channel, category, outcome, reason,
  ${msOf('planned_at')} as planned_at, ${msOf('at')} as at, ${msOf('not_before')} as not_before, detail`;

/** Open and closed ones, the latest first. */
export async function listMessages(pool: PostgresPool, query: MessageQuery): Promise<readonly MessageListing[]> {
  const parameters: Parameter[] = [query.limit];
  const conditions: string[] = [];
  const where = (condition: (parameter: string) => string, value: Parameter | undefined) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(condition(`$${parameters.length}`));
  };
  where(
    (id) => `customer_id = any(array(${familyOf(id)}))`,
    query.customer === undefined ? undefined : customerIdOf(query.customer),
  );
  where((rule) => `rule = ${rule}`, query.rule);
  where((outcome) => `outcome = ${outcome}`, query.outcome);
  where((reason) => `reason = ${reason}`, query.reason);
  where((since) => `coalesce(at, planned_at) >= to_timestamp(${since}::float8 / 1000)`, query.since);
  const { rows } = await pool.run<ListingRow>(
    {
      text: `
        select ${COLUMNS} from messages
         ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
         order by coalesce(messages.at, messages.planned_at) desc, message_id limit $1`,
    },
    parameters,
  );
  return rows.map(toListing);
}

/** All ids of one customer, whichever is asked for. */
function familyOf(id: string): string {
  return `
    with recursive family (id) as (
      select ${id}::uuid
      union
      select case when m.from_id = f.id then m.to_id else m.from_id end
        from family f join contact_merge m on f.id in (m.from_id, m.to_id))
    select id from family`;
}

/** One message with the inputs of its last decision; null when nobody ever planned it. */
export async function readDecision(pool: PostgresPool, messageId: string): Promise<MessageHistory | null> {
  const { rows } = await pool.run<ListingRow>(
    {
      text: `select ${COLUMNS}, decision from messages where message_id = $1 and day = date '1970-01-01' + $2::int`,
    },
    [messageId, dayOfMessage(messageId)],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const rounds = await pool.run<RoundRow>(READ_ROUNDS, [dayOfMessage(messageId), messageId]);
  const deadLetter = row.not_before === null ? null : await readHold(pool, customerIdOf(row.customer));
  return { listing: toListing(row), decision: row.decision, rounds: rounds.rows.map(toRound), deadLetter };
}

async function readHold(pool: PostgresPool, customerId: string): Promise<string | null> {
  const { rows } = await pool.run<{ letter: string }>(READ_HOLDS, [uuidArray([customerId])]);
  return rows[0]?.letter ?? null;
}

interface RoundRow {
  readonly kind: string;
  readonly at: number;
  readonly reason: string | null;
  readonly detail: Buffer | null;
}

const READ_ROUNDS = {
  text: `
    select kind, ${msOf('at')} as at, reason, detail from message_outcome
     where day = date '1970-01-01' + $1::int and message_id = $2 order by message_outcome.at, kind`,
};

/** Rounds whose detail is a text; of others it is the encoded decision, or what feedback says as JSON. */
const WITH_TEXT: readonly string[] = ['retried', 'failed', 'replayed'];

function toRound({ kind, at, reason, detail }: RoundRow): MessageRound {
  return { kind, at, reason, detail: WITH_TEXT.includes(kind) ? (detail?.toString('utf8') ?? null) : null };
}

function toListing(row: ListingRow): MessageListing {
  return {
    messageId: row.message_id,
    customer: row.customer,
    rule: row.rule,
    version: row.version,
    key: row.run_key,
    step: row.step,
    template: row.template,
    channel: row.channel,
    category: row.category,
    outcome: row.outcome,
    reason: row.reason,
    plannedAt: row.planned_at,
    at: row.at,
    notBefore: row.not_before,
    detail: row.detail,
  };
}
