import type { ErasedCustomer } from '#engine';
import { int8Array, uuidArray } from '../binary/binary-arrays.js';
import type { PreparedCall, Statement } from '../connect/postgres-pool.js';
import { eraseCalls } from './erase-statements.js';

/** The one lock of a contact that the engine takes: what delivery keeps of her ends where the log says. */
const EMPTY_CONTACTS: Statement = {
  name: 'erase_empty_contacts',
  text: `
    with locked as (select customer_id from contact where customer_id = any($1::uuid[]) order by customer_id for update)
    update contact c
       set consents = null, preferences = null, addresses = null, engagement = null, slots = '', erased_at = null,
           consent_version = consent_version + 1
      from locked where c.customer_id = locked.customer_id`,
};

/** A copy of a record that comes later raises nothing: the engine says so only where it has erased her. */
const NOTE: Statement = {
  name: 'erase_note',
  text: `
    insert into erased_customer (customer_id, until)
    select * from unnest($1::uuid[], $2::int8[])
    on conflict (customer_id) do update set until = greatest(erased_customer.until, excluded.until)`,
};

const REMOVE_WATCHER: Statement = {
  name: 'erase_remove_watcher',
  text: `delete from item_watch where partition = $1 and customer_id = any($2::uuid[])`,
};

const REMOVE_LISTED: Statement = {
  name: 'erase_remove_listed',
  text: `delete from start_list where stream = $1 and partition = $2 and customer_id = any($3::uuid[])`,
};

/**
 * Behind the fence, and before anything that the commit writes. What came between the request and here is written down by
 * earlier commits of this partition, or by delivery for what they planned: all of it goes, and nothing of what comes later.
 */
export function eraseInCommit(stream: string, partition: number, erased: readonly ErasedCustomer[]): PreparedCall[] {
  if (erased.length === 0) return [];
  const customerIds = erased.map(({ customerId }) => customerId);
  const ids = uuidArray(customerIds);
  return [
    [EMPTY_CONTACTS, [ids]],
    [NOTE, [ids, int8Array(erased.map(({ until }) => until))]],
    ...eraseCalls({ customerIds, customers: erased.map(({ customer }) => customer) }),
    [REMOVE_WATCHER, [partition, ids]],
    [REMOVE_LISTED, [stream, partition, ids]],
  ];
}
