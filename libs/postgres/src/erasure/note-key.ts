import type { Statement } from '../connect/postgres-pool.js';

/** Whoever erases asks whether delivery will recognise what is hashed. */
export const NOTE_KEY: Statement = {
  name: 'erased_address_note_key',
  text: `
    insert into erased_address_key (fingerprint) values ($1)
    on conflict (the_only) do update set fingerprint = excluded.fingerprint
     where erased_address_key.fingerprint <> excluded.fingerprint`,
};

export const READ_KEY: Statement = {
  name: 'erased_address_read_key',
  text: `select fingerprint from erased_address_key`,
};
