import { msOf } from '../connect/clock-parameters.js';
import type { Statement } from '../connect/postgres-pool.js';

export const MAKE: Statement = {
  name: 'contact_make',
  text: `insert into contact (customer_id) values ($1) on conflict do nothing`,
};

export const LOCK: Statement = {
  name: 'contact_lock',
  text: `select consents, preferences from contact where customer_id = $1 for update`,
};

export const READ: Statement = {
  name: 'contact_read',
  text: `select consents, preferences from contact where customer_id = $1`,
};

/** What waits to be applied, without taking it. */
export const READ_INBOX: Statement = {
  name: 'contact_read_inbox',
  text: `
    select customer_id, event_id, event_time, change from contact_inbox where customer_id = $1 order by event_time, n`,
};

/** After the lock, as every instant that decides. */
export const NOW: Statement = { name: 'contact_now', text: `select ${msOf('clock_timestamp()')} as now` };

export const WRITE_CONSENTS: Statement = {
  name: 'contact_write_consents',
  text: `update contact set consents = $2, consent_version = consent_version + 1 where customer_id = $1`,
};

/** The version is raised for preferences too: a permit that is not given yet looks at nothing else. */
export const WRITE_WISHES: Statement = {
  name: 'contact_write_wishes',
  text: `
    update contact set consents = $2, preferences = $3, consent_version = consent_version + 1 where customer_id = $1`,
};

/** Links name a customer by the hash only; who it is says the message in which the link stood, as long as it is kept. */
export const CUSTOMER_OF: Statement = {
  name: 'contact_customer_of',
  text: `
    select customer from message_open where message_id = $1
    union all
    select customer from message where day = message_day($1) and message_id = $1`,
};

export const READ_STATE: Statement = {
  name: 'contact_read_state',
  text: `select state from customer_state where partition = $1 and customer_id = $2`,
};
