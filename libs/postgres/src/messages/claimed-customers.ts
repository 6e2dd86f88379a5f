import {
  decodeInboxChange,
  decodeSlots,
  type Cancellation,
  type Channel,
  type ConsentChange,
  type Reason,
  type Slot,
  type FeedbackKind,
  type SlotFate,
  type Withdrawal,
} from '#core';
import type { ClaimedCustomer, OpenMessageRow } from '#engine';
import { uuidArray } from '../binary/binary-arrays.js';
import type { Session } from '../connect/postgres-pool.js';
import type { AddressHasher } from '../erasure/address-hasher.js';
import { ANY_ERASED, recogniseErased } from '../erasure/recognise-erased.js';
import { familiesOf, mergeContacts } from '../contacts/merge-contacts.js';
import {
  DATABASE_CLOCK,
  LOCK_CONTACTS,
  READ_FATES,
  READ_FEEDBACK,
  READ_HOLDS,
  READ_INBOX,
  READ_OPEN,
  READ_STATES,
} from './claim-statements.js';
import { decodePlan } from './message-row.js';

/** A locked contact with everything its decision may look at, and what writing needs besides. */
export interface LockedCustomer extends ClaimedCustomer {
  readonly consentVersion: number;
}

interface ContactRow {
  readonly customer_id: string;
  readonly consent_version: number;
  readonly consents: Buffer | null;
  readonly preferences: Buffer | null;
  readonly addresses: Buffer | null;
  readonly slots: Buffer;
  readonly engagement: Buffer | null;
}

interface FeedbackRow {
  readonly customer_id: string;
  readonly message_id: string;
  readonly kind: FeedbackKind;
  readonly at: number;
}

interface OpenRow {
  readonly customer_id: string;
  readonly customer: string;
  readonly message_id: string;
  readonly plan: Buffer;
  readonly not_before: number;
  readonly state: number;
  readonly attempt: number;
  readonly held_for: Reason | null;
  readonly channel: Channel | null;
  readonly first_judged_at: number | null;
  readonly sent_on: Channel[] | null;
  readonly failed_on: Channel[] | null;
  readonly cancelled: Cancellation['reason'] | null;
}

export interface InboxRow {
  readonly customer_id: string;
  readonly event_id: string;
  readonly event_time: number;
  readonly change: Buffer;
}

interface FateRow {
  readonly message_id: string;
  readonly state: number | null;
  readonly failed_on: Channel[] | null;
  readonly sent_at: number | null;
  readonly outcome: string | null;
  readonly at: number | null;
}

const STATES = ['planned', 'reserved', 'permitted', 'waiting'] as const;
const PLANNED = STATES.indexOf('planned');
const WAITING = STATES.indexOf('waiting');

/**
 * Locks the contacts that nobody else holds, then reads in new statements. `realNow` is the database's clock after the
 * locks were taken, ms.
 */
export async function lockAndRead(
  session: Session,
  customerIds: readonly string[],
  hasher: AddressHasher | null,
): Promise<{ customers: readonly LockedCustomer[]; realNow: number }> {
  const contacts = await lockContacts(session, customerIds);
  if (contacts.rows.length === 0) return { customers: [], realNow: 0 };
  const ids = uuidArray(contacts.rows.map((row) => row.customer_id));
  const slotsOf = new Map(contacts.rows.map((row) => [row.customer_id, unsettledSlots(row.slots)]));
  // States behind the open messages: a message that is seen must not be judged by an older state than it was planned with.
  const [open, inbox, feedback, states, holds, fates, erased, clock] = await Promise.all([
    session.run<OpenRow>(READ_OPEN, [ids]),
    session.run<InboxRow>(READ_INBOX, [ids]),
    session.run<FeedbackRow>(READ_FEEDBACK, [ids]),
    session.run<{ customer_id: string; state: Buffer }>(READ_STATES, [ids]),
    session.run<{ customer_id: string; letter: string }>(READ_HOLDS, [ids]),
    readFates(session, [...slotsOf.values()].flat()),
    session.run<{ any: boolean }>(ANY_ERASED),
    session.run<{ now: number }>(DATABASE_CLOCK),
  ]);
  const openOf = groupBy(open.rows, (row) => row.customer_id);
  const inboxOf = groupBy(inbox.rows, (row) => row.customer_id);
  const feedbackOf = groupBy(feedback.rows, (row) => row.customer_id);
  const stateOf = new Map(states.rows.map((row) => [row.customer_id, row.state]));
  const letterOf = new Map(holds.rows.map((row) => [row.customer_id, row.letter]));
  const customers = contacts.rows.map((row) => ({
    customerId: row.customer_id,
    consentVersion: row.consent_version,
    state: stateOf.get(row.customer_id) ?? null,
    consents: row.consents,
    preferences: row.preferences,
    addresses: row.addresses,
    slots: row.slots,
    engagement: row.engagement,
    feedback: (feedbackOf.get(row.customer_id) ?? []).map(({ message_id: messageId, kind, at }) => ({
      messageId,
      kind,
      at,
    })),
    inbox: (inboxOf.get(row.customer_id) ?? []).map(toConsentChange),
    open: (openOf.get(row.customer_id) ?? []).map(toOpenMessage),
    deadLetter: letterOf.get(row.customer_id) ?? null,
    fates: slotsOf.get(row.customer_id)!.map((slot) => fateOf(slot, fates.get(slot.messageId)!)),
  }));
  const realNow = clock.rows[0]!.now;
  if (hasher === null || !erased.rows[0]!.any) return { customers, realNow };
  return { customers: await recogniseErased(session, hasher, customers), realNow };
}

/** Of whoever turned out to be somebody else, her customer's: with what is hers from now on, where nobody holds it. */
async function lockContacts(
  session: Session,
  customerIds: readonly string[],
): Promise<{ readonly rows: readonly ContactRow[] }> {
  const families = await familiesOf(session, customerIds);
  const all = families.flatMap(({ root, members }) => [root, ...members.map(({ id }) => id)]);
  const locked = await session.run<ContactRow>(LOCK_CONTACTS, [uuidArray(all)]);
  const isLocked = new Set(locked.rows.map(({ customer_id }) => customer_id));
  const whole = families.filter(
    ({ root, members }) => isLocked.has(root) && members.every(({ id }) => isLocked.has(id)),
  );
  const roots = new Set(whole.map(({ root }) => root));
  const merging = whole.filter(({ members }) => members.length > 0);
  if (merging.length === 0) return { rows: locked.rows.filter(({ customer_id }) => roots.has(customer_id)) };
  for (const family of merging)
    await mergeContacts(session, family, (row) => toConsentChange({ ...row, customer_id: family.root }));
  return session.run<ContactRow>(LOCK_CONTACTS, [uuidArray([...roots])]);
}

/** Those that are still the interval of a lease: of one message at most one, since it is on one way at a time. */
function unsettledSlots(slots: Uint8Array): Slot[] {
  return decodeSlots(slots).filter((slot) => slot.from !== slot.to);
}

async function readFates(session: Session, slots: readonly Slot[]): Promise<ReadonlyMap<string, FateRow>> {
  if (slots.length === 0) return new Map();
  const found = await session.run<FateRow>(READ_FATES, [uuidArray(slots.map(({ messageId }) => messageId))]);
  return new Map(found.rows.map((row) => [row.message_id, row]));
}

function fateOf({ messageId, channel }: Slot, row: FateRow): SlotFate {
  const { state, outcome, at } = row;
  if (state === WAITING && row.sent_at !== null && row.failed_on?.includes(channel) !== true)
    return { messageId, kind: 'accepted', at: row.sent_at };
  if (state !== null) return { messageId, kind: state === PLANNED || state === WAITING ? 'released' : 'in_flight' };
  if (outcome === 'sent' || outcome === 'unknown')
    return at === null ? { messageId, kind: 'in_flight' } : { messageId, kind: 'accepted', at };
  // A message that is nowhere any more (its day was dropped) may have been sent: its slot stays as it is.
  return { messageId, kind: outcome === null ? 'in_flight' : 'released' };
}

function toOpenMessage(row: OpenRow): OpenMessageRow {
  return {
    messageId: row.message_id,
    // Planned under an id that is hers by now, it is a message to her.
    plan: { ...decodePlan(row.plan), customer: row.customer },
    notBefore: row.not_before,
    state: STATES[row.state]!,
    attempt: row.attempt,
    heldFor: row.held_for,
    heldOn: row.channel,
    firstJudgedAt: row.first_judged_at,
    sentOn: row.sent_on,
    failedOn: row.failed_on,
    cancelled: row.cancelled,
  };
}

export function toConsentChange(row: InboxRow): ConsentChange | Withdrawal {
  return decodeInboxChange(row.event_id, row.event_time, row.change);
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
