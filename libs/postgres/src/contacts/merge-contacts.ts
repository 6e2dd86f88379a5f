import {
  applyConsentChanges,
  consentEntries,
  decodeConsents,
  decodeEngagement,
  decodeSlots,
  encodeConsents,
  encodeEngagement,
  encodeSlots,
  joinConsents,
  type ConsentChange,
  type ConsentEntry,
  type Withdrawal,
} from '#core';
import { decodeSuppressed, encodeSuppressed } from '#engine';
import { uuidArray } from '../binary/binary-arrays.js';
import type { Session, Statement } from '../connect/postgres-pool.js';

/** Whom each of these ids belongs to, and every id that belongs to one of those, near or far. */
const FAMILIES: Statement = {
  name: 'contact_families',
  text: `
    with recursive up (id, root, depth) as (
      select id, id, 0 from unnest($1::uuid[]) a (id)
      union all
      select up.id, m.to_id, up.depth + 1 from up join contact_merge m on m.from_id = up.root where up.depth < 8),
    root as (select distinct on (id) id, root from up order by id, depth desc),
    down (root, from_id, customer, partition, event_time, applied, depth) as (
      select r.root, m.from_id, m.customer, m.partition, m.event_time, m.applied, 1
        from (select distinct root from root) r join contact_merge m on m.to_id = r.root
      union all
      select d.root, m.from_id, d.customer, d.partition, m.event_time, m.applied, d.depth + 1
        from down d join contact_merge m on m.to_id = d.from_id where d.depth < 8)
    select root, null::uuid as from_id, null as customer, null::int2 as partition, null::bigint as event_time
      from (select distinct root from root) r
    union all
    select root, from_id, customer, partition, event_time from down d
     where not applied
        or exists (select from message_open o where o.customer_id = d.from_id and o.state in (0, 3))`,
};
const MAKE: Statement = {
  name: 'contact_make_all',
  text: `insert into contact (customer_id) select * from unnest($1::uuid[]) a order by 1 on conflict do nothing`,
};
const PARTS: Statement = {
  name: 'contact_parts',
  text: `select customer_id, consents, preferences, addresses, slots, engagement from contact where customer_id = any($1::uuid[])`,
};
/** Those of one contact that an event carried before it was known whose it is. */
const TAKE_INBOX_UNTIL: Statement = {
  name: 'contact_take_inbox_until',
  text: `
    with taken as (delete from contact_inbox where customer_id = $1 and event_time <= $2
                   returning event_id, event_time, change, n)
    select event_id, event_time, change from taken order by event_time, n`,
};
/** Ids whose merge was not applied yet, marked so: the row's lock says who does it. */
const APPLY: Statement = {
  name: 'contact_apply_merges',
  text: `update contact_merge set applied = true where from_id = any($1::uuid[]) and not applied returning from_id`,
};
const WRITE: Statement = {
  name: 'contact_write_merged',
  text: `
    update contact set consents = $2, preferences = $3, addresses = $4, slots = $5, engagement = $6,
           consent_version = consent_version + 1
     where customer_id = $1`,
};
/** What is being sent comes back under the old id, and moves with a later claim. */
const MOVE_MESSAGES: Statement = {
  name: 'contact_move_messages',
  text: `
    update message_open set customer_id = $1, customer = $2, partition = $3
     where customer_id = any($4::uuid[]) and state in (0, 3)`,
};
/** Answers that no claim has taken up yet. */
const MOVE_FEEDBACK: Statement = {
  name: 'contact_move_feedback',
  text: `
    with moved as (delete from contact_feedback where customer_id = any($2::uuid[]) returning message_id, kind, at)
    insert into contact_feedback (customer_id, message_id, kind, at)
    select $1, message_id, kind, max(at) from moved group by message_id, kind
    on conflict (customer_id, message_id, kind) do update set at = greatest(contact_feedback.at, excluded.at)`,
};
const ROOT_OF: Statement = {
  name: 'contact_root_of',
  text: `
    with recursive up (root, depth) as (
      select $1::uuid, 0
      union all
      select m.to_id, up.depth + 1 from up join contact_merge m on m.from_id = up.root where up.depth < 8)
    select root from up order by depth desc limit 1`,
};

interface FamilyRow {
  readonly root: string;
  readonly from_id: string | null;
  readonly customer: string | null;
  readonly partition: number | null;
  readonly event_time: number | null;
}

interface PartsRow {
  readonly customer_id: string;
  readonly consents: Buffer | null;
  readonly preferences: Buffer | null;
  readonly addresses: Buffer | null;
  readonly slots: Buffer;
  readonly engagement: Buffer | null;
}

/** A customer and the ids that are hers, as far as something of theirs waits to be. */
export interface Family {
  readonly root: string;
  /** Empty for nearly everybody. */
  readonly members: readonly { readonly id: string; readonly time: number }[];
  readonly customer: string | null;
  readonly partition: number | null;
}

/** The change of an inbox row, as the caller decodes it. */
export type ReadChange = (row: { event_id: string; event_time: number; change: Buffer }) => ConsentChange | Withdrawal;

/** The customers to whom these ids belong. Whoever has members gets contacts for all of them, so that they can be locked. */
export async function familiesOf(session: Session, customerIds: readonly string[]): Promise<readonly Family[]> {
  const { rows } = await session.run<FamilyRow>(FAMILIES, [uuidArray(customerIds)]);
  const families = new Map<string, Family & { members: { id: string; time: number }[] }>();
  for (const { root } of rows) families.set(root, { root, members: [], customer: null, partition: null });
  for (const { root, from_id: id, event_time: time, customer, partition } of rows) {
    if (id === null) continue;
    const { members } = families.get(root)!;
    families.set(root, { root, members: [...members, { id, time: time! }], customer, partition });
  }
  const all = [...families.values()];
  const made = all.flatMap(({ root, members }) => (members.length === 0 ? [] : [root, ...members.map(({ id }) => id)]));
  if (made.length > 0) await session.run(MAKE, [uuidArray(made)]);
  return all;
}

/** The customer to whom an id belongs now: links in old messages name the id of then. */
export async function rootOf(session: Pick<Session, 'run'>, customerId: string): Promise<string> {
  const { rows } = await session.run<{ root: string }>(ROOT_OF, [customerId]);
  return rows[0]!.root;
}

/**
 * Makes what delivery keeps of the members their customer's: consents (the more restrictive), slots of caps, suppressed
 * addresses, engagement, once; and messages that have not left or wait for a fallback, and answers. All contacts must be locked.
 */
export async function mergeContacts(session: Session, family: Family, readChange: ReadChange): Promise<void> {
  const { root, members, customer, partition } = family;
  const ids = uuidArray(members.map(({ id }) => id));
  const applied = await session.run<{ from_id: string }>(APPLY, [ids]);
  const fresh = members.filter(({ id }) => applied.rows.some(({ from_id }) => from_id === id));
  if (fresh.length > 0) await joinContacts(session, root, fresh, readChange);
  await session.run(MOVE_MESSAGES, [root, customer, partition, ids]);
  await session.run(MOVE_FEEDBACK, [root, ids]);
}

async function joinContacts(
  session: Session,
  root: string,
  members: Family['members'],
  readChange: ReadChange,
): Promise<void> {
  const joinedAt = Math.max(...members.map(({ time }) => time));
  const { rows } = await session.run<PartsRow>(PARTS, [uuidArray([root, ...members.map(({ id }) => id)])]);
  const partsOf = (id: string): PartsRow => rows.find((row) => row.customer_id === id)!;
  const consentsOf = async (id: string, until: number): Promise<readonly ConsentEntry[]> => {
    const inbox = await session.run<{ event_id: string; event_time: number; change: Buffer }>(TAKE_INBOX_UNTIL, [
      id,
      until,
    ]);
    const recorded = decodeConsents(partsOf(id).consents ?? new Uint8Array(0));
    return applyConsentChanges(recorded, inbox.rows.map(readChange).flatMap(consentEntries));
  };
  // What she says later than that overrules it, and is applied behind it.
  let consents = await consentsOf(root, joinedAt);
  for (const { id } of members) consents = joinConsents(consents, await consentsOf(id, Number.MAX_SAFE_INTEGER));
  const all = [partsOf(root), ...members.map(({ id }) => partsOf(id))];
  const suppressed = all.flatMap(({ addresses }) => decodeSuppressed(addresses));
  const engagement = decodeEngagement(partsOf(root).engagement);
  for (const { id } of members) engagement.join(decodeEngagement(partsOf(id).engagement));
  const preferences = all.find((parts) => parts.preferences !== null)?.preferences ?? null;
  await session.run(WRITE, [
    root,
    Buffer.from(encodeConsents(consents)),
    preferences,
    suppressed.length === 0 ? partsOf(root).addresses : Buffer.from(encodeSuppressed(suppressed)),
    Buffer.from(encodeSlots(all.flatMap(({ slots }) => decodeSlots(slots)))),
    Buffer.from(encodeEngagement(engagement)),
  ]);
}
