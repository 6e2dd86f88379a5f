import {
  applyConsentChanges,
  consentEntries,
  customerIdOf,
  decodeConsents,
  encodeConsents,
  withdrawal,
  type ConsentChange,
  type Withdrawal,
  type ConsentEntry,
  type Unsubscription,
} from '#core';
import { consentChangedEvent, type Clock, type ContactBook } from '#engine';
import { msOf } from '../connect/clock-parameters.js';
import type { PostgresPool, Session, Statement } from '../connect/postgres-pool.js';
import { rootOf } from './merge-contacts.js';
import { TAKE_INBOX } from '../messages/claim-statements.js';
import { toConsentChange, type InboxRow } from '../messages/claimed-customers.js';
import { outcomeCalls } from '../messages/put-outcomes.js';

const MAKE: Statement = {
  name: 'contact_make',
  text: `insert into contact (customer_id) values ($1) on conflict do nothing`,
};
const LOCK: Statement = {
  name: 'contact_lock',
  text: `select consents from contact where customer_id = $1 for update`,
};
/** After the lock, as every instant that decides. */
const NOW: Statement = { name: 'contact_now', text: `select ${msOf('clock_timestamp()')} as now` };
const WRITE_CONSENTS: Statement = {
  name: 'contact_write_consents',
  text: `update contact set consents = $2, consent_version = consent_version + 1 where customer_id = $1`,
};
/** Links name a customer by the hash only; who it is says the message in which the link stood, as long as it is kept. */
const CUSTOMER_OF: Statement = {
  name: 'contact_customer_of',
  text: `
    select customer from message_open where message_id = $1
    union all
    select customer from message where day = message_day($1) and message_id = $1`,
};

export interface ContactBookOptions {
  readonly clock: Clock;
  /** The stream that hears of changes, and its partitions. */
  readonly stream: string;
  readonly partitions: number;
}

/** Consent by the customer's own hand, under the lock that every claim takes. */
export class PostgresContactBook implements ContactBook {
  constructor(
    private readonly pool: PostgresPool,
    private readonly use: ContactBookOptions,
  ) {}

  async unsubscribe(unsubscription: Unsubscription): Promise<void> {
    const { category, channel } = unsubscription;
    const customerId = await rootOf(this.pool, unsubscription.customerId);
    await this.pool.run(MAKE, [customerId]);
    await this.pool.transaction(async (session) => {
      const { recorded, now } = await this.lock(session, customerId);
      const consents = applyConsentChanges(recorded, withdrawal(category, [channel], now));
      await session.run(WRITE_CONSENTS, [customerId, Buffer.from(encodeConsents(consents))]);
      const before = recorded.find((entry) => entry.category === category && entry.channel === channel);
      if (before?.given !== false) await this.tellStream(session, unsubscription, customerId, now);
    });
  }

  /**
   * What waits in the inbox is applied first: her own act overrules what came before it, whatever time an event claims
   * (it may be ahead of the clock by minutes).
   */
  private async lock(
    session: Session,
    customerId: string,
  ): Promise<{ recorded: readonly ConsentEntry[]; now: number }> {
    const contact = await session.run<{ consents: Buffer | null }>(LOCK, [customerId]);
    const [clock, inbox] = await Promise.all([session.run<{ now: number }>(NOW), takeInbox(session, customerId)]);
    const consents = decodeConsents(contact.rows[0]!.consents ?? new Uint8Array(0));
    return {
      recorded: applyConsentChanges(consents, inbox.flatMap(consentEntries)),
      now: this.use.clock.at(clock.rows[0]!.now),
    };
  }

  /** In the same transaction, so that the stream hears of it exactly when it is so. */
  private async tellStream(session: Session, unsubscription: Unsubscription, root: string, now: number): Promise<void> {
    const { rows } = await session.run<{ customer: string }>(CUSTOMER_OF, [unsubscription.messageId]);
    const customer = rows[0]?.customer;
    // A text column does not hold every key unchanged (U+0000): then nobody is told, rather than somebody else.
    if (customer === undefined || ![unsubscription.customerId, root].includes(customerIdOf(customer))) return;
    const { stream, partitions } = this.use;
    const outcomes = [consentChangedEvent(customer, unsubscription, now)];
    for (const [statement, parameters] of outcomeCalls({ outcomes, stream, partitions }))
      await session.run(statement, parameters);
  }
}

async function takeInbox(session: Session, customerId: string): Promise<readonly (ConsentChange | Withdrawal)[]> {
  const { rows } = await session.run<InboxRow>(TAKE_INBOX, [customerId]);
  return rows.map(toConsentChange);
}
