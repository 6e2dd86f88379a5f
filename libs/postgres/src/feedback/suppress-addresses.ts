import { addressOf, CHANNELS, decodeState, partitionFor, traitsOf } from '#core';
import { decodeSuppressed, encodeSuppressed, type Feedback, type SuppressedAddress } from '#engine';
import { byteaArray, int2Array, uuidArray } from '../binary/binary-arrays.js';
import type { Session } from '../connect/postgres-pool.js';
import { LOCK_CONTACTS_OF, MAKE_CONTACTS, READ_STATES_OF, WRITE_SUPPRESSED } from './feedback-statements.js';
import type { MessageRow } from './message-row.js';

export interface ContactRow {
  readonly customer_id: string;
  readonly addresses: Buffer | null;
}

/** The contacts of whose addresses something is said, locked: what is answered then no claim uses any more. */
export async function lockContacts(
  session: Session,
  dead: readonly Feedback[],
  messages: ReadonlyMap<string, MessageRow>,
): Promise<readonly ContactRow[]> {
  if (dead.length === 0) return [];
  const ids = uuidArray([...new Set(dead.map(({ messageId }) => messages.get(messageId)!.customer_id))]);
  await session.run(MAKE_CONTACTS, [ids]);
  return (await session.run<ContactRow>(LOCK_CONTACTS_OF, [ids])).rows;
}

/**
 * A message without a channel, or a customer without an address there, has nothing to suppress.
 * @param contacts as `lockContacts` returned them
 */
export async function suppressAddresses(
  session: Session,
  contacts: readonly ContactRow[],
  recorded: readonly Feedback[],
  messages: ReadonlyMap<string, MessageRow>,
  partitions: number,
): Promise<void> {
  const dead = recorded.filter(({ suppress }) => suppress !== null);
  if (dead.length === 0) return;
  const customers = new Map(
    dead.map(({ messageId }) => messages.get(messageId)!).map((row) => [row.customer_id, row.customer]),
  );
  const homes = int2Array([...customers.values()].map((customer) => partitionFor(customer, partitions)));
  const ids = uuidArray([...customers.keys()]);
  const states = (await session.run<{ customer_id: string; state: Buffer }>(READ_STATES_OF, [homes, ids])).rows;
  const traitsOfCustomer = (id: string) => {
    const found = states.find((row) => row.customer_id === id);
    return found === undefined ? {} : traitsOf(decodeState(found.state));
  };
  const changed: { readonly id: string; readonly addresses: readonly SuppressedAddress[] }[] = [];
  for (const { customer_id: id, addresses } of contacts) {
    const known = decodeSuppressed(addresses);
    const all = dead
      .filter(({ messageId }) => messages.get(messageId)!.customer_id === id)
      .reduce((list, { messageId, channel: said, suppress }) => {
        const channel = CHANNELS.find((each) => each === (said ?? messages.get(messageId)!.channel));
        if (channel === undefined) return list;
        const address = suppress?.address ?? addressOf(channel, customers.get(id)!, traitsOfCustomer(id));
        return address === null ? list : withAddress(list, { channel, address });
      }, known);
    if (all !== known) changed.push({ id, addresses: all });
  }
  if (changed.length === 0) return;
  await session.run(WRITE_SUPPRESSED, [
    uuidArray(changed.map(({ id }) => id)),
    byteaArray(changed.map(({ addresses }) => encodeSuppressed(addresses))),
  ]);
}

function withAddress(list: readonly SuppressedAddress[], one: SuppressedAddress): readonly SuppressedAddress[] {
  const known = list.some(({ channel, address }) => channel === one.channel && address === one.address);
  return known ? list : [...list, one];
}
