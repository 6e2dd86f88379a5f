import { CHANNELS, decodeState, devicesOf, traitsOf } from '#core';
import { decodeSuppressed, encodeSuppressed, type SuppressedAddress } from '#engine';
import { byteaArray } from '../binary/binary-arrays.js';
import type { Session, Statement } from '../connect/postgres-pool.js';
import type { AddressHasher } from './address-hasher.js';

/** Most installations have none: nothing is decoded and hashed for them. */
export const ANY_ERASED: Statement = {
  name: 'erased_address_any',
  text: `select exists (select from erased_address) as any`,
};

const RECOGNISE: Statement = {
  name: 'erased_address_recognise',
  text: `select hash from erased_address where hash = any($1::bytea[])`,
};

/** A claimed customer as far as addresses go. */
export interface Reachable {
  readonly customerId: string;
  readonly state: Uint8Array | null;
  readonly addresses: Uint8Array | null;
}

/** The addresses of these customers that were erased, beside those that are suppressed for them anyway. */
export async function recogniseErased<T extends Reachable>(
  session: Session,
  hasher: AddressHasher,
  customers: readonly T[],
): Promise<readonly T[]> {
  const found = customers.map((customer) =>
    reachesOf(customer).map((reach) => [reach, hashOf(hasher, reach)] as const),
  );
  const hashes = found.flat().map(([, hash]) => hash);
  if (hashes.length === 0) return customers;
  const { rows } = await session.run<{ hash: Buffer }>(RECOGNISE, [byteaArray(hashes)]);
  if (rows.length === 0) return customers;
  const erased = new Set(rows.map(({ hash }) => hash.toString('hex')));
  return customers.map((customer, index) => {
    const gone = found[index]!.flatMap(([reach, hash]) => (erased.has(hash.toString('hex')) ? [reach] : []));
    if (gone.length === 0) return customer;
    return { ...customer, addresses: encodeSuppressed([...decodeSuppressed(customer.addresses), ...gone]) };
  });
}

/** Where a customer with this state is reached; not her inbox, which is the shop's own. */
export function addressesIn(state: Uint8Array | null): readonly SuppressedAddress[] {
  if (state === null) return [];
  const known = decodeState(state);
  const traits = traitsOf(known);
  return CHANNELS.filter((channel) => channel !== 'inbox').flatMap((channel) =>
    devicesOf(channel, known.id, traits).map(({ address }) => ({ channel, address })),
  );
}

function reachesOf({ state }: Reachable): readonly SuppressedAddress[] {
  return addressesIn(state);
}

function hashOf(hasher: AddressHasher, { channel, address }: SuppressedAddress): Buffer {
  return hasher.hash(channel, address);
}
