import { applyConsentChanges, decodeConsents, encodeConsents, withdrawal as withdrawn, type Channel } from '#core';
import type { Clock, ContactBook } from '#engine';
import type { PostgresPool, Statement } from '../connect/postgres-pool.js';
import { msOf } from '../connect/clock-parameters.js';

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

/** Consent by the customer's own hand, under the lock that every claim takes. */
export class PostgresContactBook implements ContactBook {
  constructor(
    private readonly pool: PostgresPool,
    private readonly clock: Clock,
  ) {}

  async unsubscribe(
    customerId: string,
    withdrawal: { readonly category: string; readonly channel: Channel; readonly source: string },
  ): Promise<void> {
    await this.pool.run(MAKE, [customerId]);
    await this.pool.transaction(async (session) => {
      const contact = await session.run<{ consents: Buffer | null }>(LOCK, [customerId]);
      const clock = await session.run<{ now: number }>(NOW);
      const recorded = decodeConsents(contact.rows[0]!.consents ?? new Uint8Array(0));
      const now = this.clock.at(clock.rows[0]!.now);
      const consents = applyConsentChanges(recorded, withdrawn(withdrawal.category, [withdrawal.channel], now));
      if (consents !== recorded) await session.run(WRITE_CONSENTS, [customerId, Buffer.from(encodeConsents(consents))]);
    });
  }
}
