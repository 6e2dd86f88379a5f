import {
  applyConsentChanges,
  consentEntries,
  customerIdOf,
  decodeConsents,
  decodePreferences,
  decodeState,
  encodeConsents,
  encodePreferences,
  NO_PREFERENCES,
  partitionFor,
  pausedUntil,
  withdrawal,
  type ConsentEntry,
  type ContactChange,
  type ContactView,
  type PreferencesAccess,
  type Unsubscription,
} from '#core';
import { consentChangedEvent, type ChangedConsent, type Clock, type ContactBook } from '#engine';
import type { PostgresPool, Session } from '../connect/postgres-pool.js';
import { rootOf } from './merge-contacts.js';
import { TAKE_INBOX } from '../messages/claim-statements.js';
import { toConsentChange, type InboxRow } from '../messages/claimed-customers.js';
import { outcomeCalls } from '../messages/put-outcomes.js';
import {
  CUSTOMER_OF,
  LOCK,
  MAKE,
  NOW,
  READ,
  READ_INBOX,
  READ_STATE,
  WRITE_CONSENTS,
  WRITE_WISHES,
} from './contact-statements.js';

export interface ContactBookOptions {
  readonly clock: Clock;
  /** The stream that hears of changes, and its partitions. */
  readonly stream: string;
  readonly partitions: number;
}

interface ContactRow {
  readonly consents: Buffer | null;
  readonly preferences: Buffer | null;
}

type Recorded = Omit<ContactView, 'pausedByRules'>;

const NOTHING = new Uint8Array(0);

/** Consent and preferences by the customer's own hand, under the lock that every claim takes. */
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
      const { consents: recorded, now } = await this.lock(session, customerId);
      const consents = applyConsentChanges(recorded, withdrawal(category, [channel], now));
      await session.run(WRITE_CONSENTS, [customerId, Buffer.from(encodeConsents(consents))]);
      const before = recorded.find((entry) => entry.category === category && entry.channel === channel);
      if (before?.given === false) return;
      const changed = { category, channel, given: false, source: 'unsubscribe link' as const };
      await this.tellStream(session, unsubscription, [changed], now);
    });
  }

  async view(access: PreferencesAccess): Promise<ContactView> {
    const customerId = await rootOf(this.pool, access.customerId);
    const contact = await this.pool.run<ContactRow>(READ, [customerId]);
    const inbox = await this.pool.run<InboxRow>(READ_INBOX, [customerId]);
    const clock = await this.pool.run<{ now: number }>(NOW);
    const recorded = this.recorded(contact.rows[0], inbox.rows, clock.rows[0]!.now);
    return this.withPauses(this.pool, access, recorded);
  }

  async change(access: PreferencesAccess, decide: (view: ContactView) => ContactChange): Promise<void> {
    const customerId = await rootOf(this.pool, access.customerId);
    await this.pool.run(MAKE, [customerId]);
    await this.pool.transaction(async (session) => {
      const recorded = await this.lock(session, customerId);
      const { consents: changes, preferences } = decide(await this.withPauses(session, access, recorded));
      const consents = Buffer.from(encodeConsents(applyConsentChanges(recorded.consents, changes)));
      await session.run(WRITE_WISHES, [customerId, consents, Buffer.from(encodePreferences(preferences))]);
      const changed = changes.map(({ category, channel, given }) => ({ category, channel, given }));
      const told = changed.map((each) => ({ ...each, source: 'preference centre' as const }));
      await this.tellStream(session, access, told, recorded.now);
    });
  }

  /**
   * What waits in the inbox is applied first: her own act overrules what came before it, whatever time an event claims
   * (it may be ahead of the clock by minutes).
   */
  private async lock(session: Session, customerId: string): Promise<Recorded> {
    const contact = await session.run<ContactRow>(LOCK, [customerId]);
    const [clock, inbox] = await Promise.all([
      session.run<{ now: number }>(NOW),
      session.run<InboxRow>(TAKE_INBOX, [customerId]),
    ]);
    return this.recorded(contact.rows[0], inbox.rows, clock.rows[0]!.now);
  }

  private recorded(contact: ContactRow | undefined, inbox: readonly InboxRow[], realNow: number): Recorded {
    const consents: readonly ConsentEntry[] = decodeConsents(contact?.consents ?? NOTHING);
    return {
      consents: applyConsentChanges(consents, inbox.map(toConsentChange).flatMap(consentEntries)),
      preferences: decodePreferences(contact?.preferences ?? null) ?? NO_PREFERENCES,
      now: this.use.clock.at(realNow),
    };
  }

  /** Pauses of rules lie in the customer's state, which her partition's owner writes. */
  private async withPauses(session: Session, access: PreferencesAccess, recorded: Recorded): Promise<ContactView> {
    const customer = await customerOf(session, access);
    const at = customer === null ? null : [partitionFor(customer, this.use.partitions), customerIdOf(customer)];
    const found = at === null ? [] : (await session.run<{ state: Buffer }>(READ_STATE, at)).rows;
    const state = found[0] === undefined ? null : decodeState(found[0].state);
    return {
      ...recorded,
      pausedByRules: (category) => (state === null ? null : pausedUntil(state, category, recorded.now)),
    };
  }

  /** In the same transaction, so that the stream hears of it exactly when it is so. */
  private async tellStream(
    session: Session,
    access: PreferencesAccess,
    changed: readonly Omit<ChangedConsent, 'messageId'>[],
    now: number,
  ): Promise<void> {
    const customer = changed.length === 0 ? null : await customerOf(session, access);
    if (customer === null) return;
    const { stream, partitions } = this.use;
    const { messageId } = access;
    const outcomes = changed.map((each) => consentChangedEvent(customer, { ...each, messageId }, now));
    for (const [statement, parameters] of outcomeCalls({ outcomes, stream, partitions }))
      await session.run(statement, parameters);
  }
}

/** A text column does not hold every key unchanged (U+0000): then nobody is told, rather than somebody else. */
async function customerOf(session: Session, { customerId, messageId }: PreferencesAccess): Promise<string | null> {
  const { rows } = await session.run<{ customer: string }>(CUSTOMER_OF, [messageId]);
  const customer = rows[0]?.customer;
  if (customer === undefined) return null;
  const id = customerIdOf(customer);
  // The link may name an id that turned out to be hers since, and the message its customer of today.
  return id === customerId || id === (await rootOf(session, customerId)) ? customer : null;
}
