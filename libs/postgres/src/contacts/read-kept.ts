import { decodeEngagement, decodeSlots } from '#core';
import { decodeSuppressed, type SuppressedAddress } from '#engine';
import { byteaArray, uuidArray } from '../binary/binary-arrays.js';
import { msOf } from '../connect/clock-parameters.js';
import type { PostgresPool } from '../connect/postgres-pool.js';

/** What is kept of a customer beside her state, her consents and the ledger, as it is stored. Instants are ms. */
export interface KeptOfCustomer {
  readonly suppressed: readonly SuppressedAddress[];
  /** What her caps look back at. */
  readonly sentForCaps: readonly {
    readonly message: string;
    readonly channel: string;
    readonly category: string;
    readonly at: number;
  }[];
  /** What she received and answered on which channel. */
  readonly engagement: readonly { readonly channel: string; readonly at: number; readonly answeredAt: number | null }[];
  readonly inbox: readonly {
    readonly message: string;
    readonly title: string | null;
    readonly text: string;
    readonly at: number;
    readonly readAt: number | null;
  }[];
  /** What runs of hers did. */
  readonly traces: readonly {
    readonly at: number;
    readonly rule: string;
    readonly kind: string;
    readonly entry: unknown;
  }[];
  /** What became of messages: rounds, deliveries, opens, clicks. */
  readonly outcomes: readonly {
    readonly message: string;
    readonly kind: string;
    readonly at: number;
    readonly reason: string | null;
    readonly detail: unknown;
  }[];
  readonly deadLetters: readonly {
    readonly id: number;
    readonly at: number;
    readonly reason: string;
    readonly value: string | null;
  }[];
}

interface ContactRow {
  readonly addresses: Buffer | null;
  readonly slots: Buffer;
  readonly engagement: Buffer | null;
}

/** @param ids all of one customer. Throws StoreError. */
export async function readKept(
  pool: PostgresPool,
  { customerIds, customers }: { readonly customerIds: readonly string[]; readonly customers: readonly string[] },
): Promise<KeptOfCustomer> {
  const ids = uuidArray(customerIds);
  const keys = byteaArray(customers.map((customer) => Buffer.from(customer)));
  const [contacts, inbox, traces, outcomes, letters] = await Promise.all([
    pool.run<ContactRow>(CONTACTS, [ids]),
    pool.run<KeptOfCustomer['inbox'][number]>(INBOX, [ids]),
    pool.run<{ at: number; rule: string; kind: string; entry: Buffer }>(TRACES, [ids]),
    pool.run<{ message: string; kind: string; at: number; reason: string | null; detail: Buffer | null }>(OUTCOMES, [
      ids,
    ]),
    pool.run<{ id: number; at: number; reason: string; value: Buffer | null }>(LETTERS, [ids, keys]),
  ]);
  return {
    suppressed: contacts.rows.flatMap((row) => decodeSuppressed(row.addresses)),
    sentForCaps: contacts.rows.flatMap(({ slots }) =>
      decodeSlots(slots).map(({ messageId: message, channel, category, to: at }) => ({
        message,
        channel,
        category,
        at,
      })),
    ),
    engagement: contacts.rows.flatMap(({ engagement }) =>
      decodeEngagement(engagement).messages.map(({ channel, at, answeredAt }) => ({ channel, at, answeredAt })),
    ),
    inbox: inbox.rows,
    traces: traces.rows.map(({ entry, ...row }) => ({ ...row, entry: jsonOf(entry) })),
    outcomes: outcomes.rows.map(({ detail, ...row }) => ({ ...row, detail: detail === null ? null : jsonOf(detail) })),
    deadLetters: letters.rows.map(({ value, ...row }) => ({ ...row, value: value?.toString('utf8') ?? null })),
  };
}

/** null: it is encoded for this program, and the decision that it holds is told in words. */
function jsonOf(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return /^[\t\n\r\x20-\x7e\u00a0-\uffff]*$/.test(text) && !text.includes('\ufffd') ? text : null;
  }
}

const CONTACTS = {
  text: `select addresses, slots, engagement from contact where customer_id = any($1::uuid[])`,
};

const INBOX = {
  text: `
    select message_id as message, title, text, ${msOf('at')} as at, ${msOf('read_at')} as "readAt"
      from inbox_message where customer_id = any($1::uuid[]) order by inbox_message.at, message_id`,
};

const TRACES = {
  text: `
    select ${msOf('at')} as at, rule, kind, entry from run_trace
     where customer_id = any($1::uuid[]) order by run_trace.at, seq, n`,
};

const OUTCOMES = {
  text: `
    select o.message_id as message, o.kind, ${msOf('o.at')} as at, o.reason, o.detail
      from messages m join message_outcome o on o.day = m.day and o.message_id = m.message_id
     where m.customer_id = any($1::uuid[]) order by o.at, o.kind`,
};

const LETTERS = {
  text: `
    select id, ${msOf('at')} as at, reason, value from dead_letter d
     where key = any($2::bytea[])
        or exists (select from customer_hold h
                    where h.customer_id = any($1::uuid[]) and h.stream = d.stream and h.partition = d.partition
                      and h.log_offset = d.log_offset and h.about = d.about)
     order by id`,
};
