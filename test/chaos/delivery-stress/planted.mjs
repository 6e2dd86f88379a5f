// Bugs of promises.md that concern delivery, put around the product from outside: each must be caught by the checker.
import pg from 'pg';

/** Name → what it does to a statement's text. */
const STATEMENTS = {
  'cap read without the lock': (name, text) =>
    name === 'ledger_lock_contacts' ? text.replace('for update skip locked', '') : text,
  // Waits for the lock, and reads the places in the statement that waits: as they were before.
  'a statement that locks and counts at once': (name, text) =>
    name === 'ledger_lock_contacts'
      ? text
          .replace(' slots,', ' (select s.slots from contact s where s.customer_id = contact.customer_id) as slots,')
          .replace('skip locked', '')
      : text,
  'a slot not released': (name, text) =>
    name === 'ledger_read_fates'
      ? text
          .replace('o.state,', 'case when o.state is not null then 1 end as state,')
          .replace('m.outcome,', `case m.outcome when 'failed' then 'unknown' else m.outcome end as outcome,`)
      : text,
  'a fallback not withdrawn by stop': (name, text) => {
    if (name === 'ledger_read_open')
      return text.replace('c.reason as cancelled', 'case when o.sent_at is null then c.reason end as cancelled');
    return name === 'ledger_permit'
      ? text.replace('k.message_id = o.message_id', 'k.message_id = o.message_id and o.sent_at is null')
      : text;
  },
  'opt-out that permits do not look at': (name, text) =>
    name === 'ledger_permit' ? text.replace('c.consent_version = o.consent_version', 'true') : text,
};

export function plantInStatements(plant) {
  const change = STATEMENTS[plant];
  if (change === undefined) return;
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (asked, ...rest) {
    if (typeof asked?.text !== 'string' || asked.name === undefined) return query.call(this, asked, ...rest);
    return query.call(this, { ...asked, text: change(asked.name, asked.text) }, ...rest);
  };
}

export function plantInLedger(plant, ledger) {
  if (plant !== 'the permit skipped') return ledger;
  ledger.permit = async (_, ids) => new Set(ids);
  return ledger;
}

/** Decides again whatever is tried again, and sends it. */
export function plantInDecisions(plant, decide) {
  if (plant !== 'a retry that skips the checks') return decide;
  return (customers, now, leaseUntil) =>
    decide(customers, now, leaseUntil).map((write, index) => ({
      ...write,
      messages: write.messages.map((message) => {
        const row = customers[index].open.find(({ messageId }) => messageId === message.messageId);
        const again = row.attempt > 0 && row.sentOn === null && message.kind !== 'reserve' && message.kind !== 'settle';
        return again
          ? {
              kind: 'reserve',
              messageId: row.messageId,
              channel: row.heldOn ?? 'email',
              decision: Buffer.from([1, 123, 125]),
            }
          : message;
      }),
    }));
}

/** The last is planted where the customer opts out (play-out.ts). */
export const PLANTED = [
  ...Object.keys(STATEMENTS),
  'the permit skipped',
  'a retry that skips the checks',
  'opt-out without the lock',
];
