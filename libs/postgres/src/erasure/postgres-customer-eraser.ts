import { randomUUID } from 'node:crypto';
import { customerIdOf, isTombstone, partitionFor, readableState, type CustomerState } from '#core';
import { decodeSuppressed, eraseRecord, HEADER_KIND, type Clock } from '#engine';
import { byteaArray, int2Array, int8Array, textArray, uuidArray } from '../binary/binary-arrays.js';
import type { PostgresPool, Session } from '../connect/postgres-pool.js';
import { MAKE_CONTACTS } from '../feedback/feedback-statements.js';
import type { AddressHasher } from './address-hasher.js';
import { eraseCalls, type ErasedIds } from './erase-statements.js';
import { READ_KEY } from './note-key.js';
import { addressesIn } from './recognise-erased.js';
import {
  CLEAR_CONTACTS,
  COUNT_MESSAGES,
  FAMILY,
  FORGET_HISTORY,
  IS_KNOWN,
  IS_PENDING,
  LATEST,
  LETTERS_NAMING,
  LOCK_CONTACTS,
  PUT_ERASE_RECORDS,
  PUT_HASHES,
  REMOVE_LETTERS,
  STATES_OF,
  WRITE_AUDIT,
} from './request-statements.js';

export interface EraserOptions {
  /** Whose owners are told, and its partitions. */
  readonly stream: string;
  readonly partitions: number;
  readonly clock: Clock;
}

/** All ids of one customer. */
export interface CustomerIds extends ErasedIds {
  /** Under which all that is hers lies now. */
  readonly id: string;
  /** When she was erased, ms; null: she was not, or something has happened under the id since. */
  readonly erasedAt: number | null;
  /** Something is kept of her. */
  readonly isKnown: boolean;
}

export interface EraseRequest {
  readonly by: string;
  readonly reason: string | null;
  readonly hasher: AddressHasher;
}

export interface Erased {
  /** ms */
  readonly at: number;
  /** Of the ledger: they go on being counted, without her. */
  readonly messages: number;
  /** Addresses that are recognised from now on. */
  readonly addresses: number;
}

const MOST_REDIRECTS = 8;

/**
 * The request to erase a customer: everything that can go at once, under the locks of her contacts, and the records by
 * which the owners of her partitions forget the rest where the log says (engine.md, Who writes the customer). Asking
 * twice does no harm. Throws StoreError.
 */
export class PostgresCustomerEraser {
  constructor(
    private readonly pool: PostgresPool,
    private readonly use: EraserOptions,
  ) {}

  /** Follows an id to whom it belongs, and finds every other that does. */
  async find(asked: string): Promise<CustomerIds> {
    let id = asked;
    let state = await this.stateOf(id);
    const ids = new Set([id]);
    for (let k = 0; k < MOST_REDIRECTS && state?.identity.redirect != null; k++) {
      id = state.identity.redirect;
      ids.add(id);
      state = await this.stateOf(id);
    }
    for (const merged of state?.identity.merged ?? []) ids.add(merged);
    const family = await this.pool.run<{ id: string }>(FAMILY, [uuidArray([...ids].map(customerIdOf))]);
    const customerIds = family.rows.map((row) => row.id);
    // Merged so long ago that the state has forgotten them; their own row has not.
    // Of a row that no version can read nothing is known, and it goes all the same.
    const states = (await this.statesOf(customerIds)).map((row) => readableState(row.state));
    const alive = states.filter((found) => found === null || !isTombstone(found));
    for (const found of alive) if (found !== null) ids.add(found.id);
    const customers = [...ids];
    const keys = byteaArray(customers.map((customer) => Buffer.from(customer)));
    const known = await this.pool.run<{ known: boolean }>(IS_KNOWN, [uuidArray(customerIds), keys]);
    const erasedAt = state !== null && isTombstone(state) ? state.identity.erased : null;
    const isKnown = alive.length > 0 || known.rows[0]!.known;
    return { id, customers, customerIds, erasedAt, isKnown };
  }

  /** Whether delivery recognises what this hasher hashes; where none has ever been at work, nobody knows better. */
  async isRecognised(hasher: AddressHasher): Promise<boolean> {
    const { rows } = await this.pool.run<{ fingerprint: Buffer }>(READ_KEY);
    return rows[0] === undefined || rows[0].fingerprint.equals(hasher.fingerprint);
  }

  erase(ids: CustomerIds, { by, reason, hasher }: EraseRequest): Promise<Erased> {
    const all = uuidArray(ids.customerIds);
    const request = randomUUID();
    return this.pool.transaction(async (session) => {
      await session.run(MAKE_CONTACTS, [all]);
      const contacts = await session.run<{ addresses: Buffer | null }>(LOCK_CONTACTS, [all]);
      const clock = await session.run<{ now: number; erased: number }>(LATEST, [all]);
      // Behind every one before it, so that no owner takes its records for copies.
      const at = Math.max(this.use.clock.at(clock.rows[0]!.now), clock.rows[0]!.erased + 1);
      const states = await this.statesOf(ids.customerIds, session);
      const hashes = hashesOf(hasher, states, contacts.rows);
      await session.run(PUT_HASHES, [byteaArray(hashes)]);
      await session.run(CLEAR_CONTACTS, [all, at]);
      const counted = await session.run<{ messages: number }>(COUNT_MESSAGES, [all]);
      for (const [statement, parameters] of eraseCalls(ids)) await session.run(statement, parameters);
      await session.run(FORGET_HISTORY, [all]);
      await removeLettersNaming(session, ids.customers);
      await this.tellOwners(session, ids.customers, request, at);
      const { messages } = counted.rows[0]!;
      await session.run(WRITE_AUDIT, [request, at, by, reason, ids.customers.length, messages]);
      return { at, messages, addresses: hashes.length };
    });
  }

  /** The owners of her partitions have come to the records. */
  async isDone({ customerIds }: CustomerIds): Promise<boolean> {
    const { rows } = await this.pool.run<{ pending: boolean }>(IS_PENDING, [uuidArray(customerIds)]);
    return !rows[0]!.pending;
  }

  private async stateOf(id: string): Promise<CustomerState | null> {
    const [row] = await this.statesOf([customerIdOf(id)]);
    return row === undefined ? null : readableState(row.state);
  }

  /** Whichever partitions they lie in: of some only the hash is known. */
  private async statesOf(
    customerIds: readonly string[],
    session: Pick<Session, 'run'> = this.pool,
  ): Promise<readonly { readonly state: Buffer }[]> {
    const partitions = int2Array(Array.from({ length: this.use.partitions }, (_, n) => n));
    return (await session.run<{ state: Buffer }>(STATES_OF, [partitions, uuidArray(customerIds)])).rows;
  }

  private async tellOwners(session: Session, ids: readonly string[], request: string, at: number): Promise<void> {
    const { stream, partitions } = this.use;
    const records = ids.map((id, n) => eraseRecord({ recordId: `${request}-${n}`, id, at, hops: 1 }));
    await session.run(PUT_ERASE_RECORDS, [
      stream,
      int2Array(ids.map((id) => partitionFor(id, partitions))),
      textArray(records.map(({ recordId }) => recordId)),
      byteaArray(ids.map((id) => Buffer.from(id))),
      byteaArray(records.map(({ value }) => value)),
      textArray(records.map(({ headers }) => JSON.stringify(headers))),
    ]);
  }
}

/** Where she is reached now, and where she was until it was suppressed. */
function hashesOf(
  hasher: AddressHasher,
  states: readonly { readonly state: Buffer }[],
  contacts: readonly { readonly addresses: Buffer | null }[],
): readonly Buffer[] {
  const addresses = [
    ...states.flatMap(({ state }) => (readableState(state) === null ? [] : addressesIn(state))),
    ...contacts.flatMap((contact) => decodeSuppressed(contact.addresses)),
  ].filter(({ channel }) => channel !== 'inbox');
  const hashes = addresses.map(({ channel, address }) => hasher.hash(channel, address));
  return [...new Map(hashes.map((hash) => [hash.toString('hex'), hash])).values()];
}

/** Records without her key that name her all the same; a text like her id elsewhere in a record is not her. */
async function removeLettersNaming(session: Session, ids: readonly string[]): Promise<void> {
  // As it is written in JSON, and as who writes nothing but ASCII does.
  const quoted = ids.flatMap((id) => [JSON.stringify(id), inAscii(JSON.stringify(id))]);
  const { rows } = await session.run<LetterNaming>(LETTERS_NAMING, [
    byteaArray([...new Set(quoted)].map((text) => Buffer.from(text))),
  ]);
  const hers = rows.filter((row) => names(row, ids));
  if (hers.length > 0) await session.run(REMOVE_LETTERS, [int8Array(hers.map(({ id }) => id))]);
}

interface LetterNaming {
  readonly id: number;
  readonly value: Buffer;
  readonly headers: { readonly [name: string]: string } | null;
}

const NAMES = ['userId', 'anonymousId', 'previousId'];
/** Of records of Kairos' own. */
const OWN_NAMES = [...NAMES, 'id', 'customer'];

function names({ value, headers }: LetterNaming, ids: readonly string[]): boolean {
  const text = value.toString('utf8');
  const fields = headers !== null && HEADER_KIND in headers ? OWN_NAMES : NAMES;
  const json = jsonOf(text);
  if (json !== null) return fields.some((name) => Object.hasOwn(json, name) && ids.includes(String(json[name])));
  // Nobody can read it: what is written like a name of hers is one.
  const alternatives = ids.map((id) => JSON.stringify(id).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return new RegExp(`"(?:${NAMES.join('|')})"\\s*:\\s*(?:${alternatives})`).test(text);
}

function jsonOf(text: string): { readonly [name: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : null;
  } catch {
    return null;
  }
}

function inAscii(text: string): string {
  return text.replaceAll(/[^\0-\x7f]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
