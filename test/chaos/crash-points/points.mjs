// Every place where a process of Kairos makes something durable or tells somebody outside: the one list of crash points.
// They need no mark in the product: they are where it hands something to the database's driver, to Kafka's client, to
// the mail server or to whoever asked over HTTP, and `intercept.mjs` stands there. A transaction belongs to the first
// point that names one of its statements.

/** What happens at a point, the first time that it is reached once it is armed. */
export const MODES = /** @type {const} */ ([
  'dies before',
  'dies after',
  'fails before',
  'done, but fails',
  'hangs before',
]);

/** @typedef {'embedded' | 'kafka'} Setting */

/**
 * `in`: with which event log it is walked. `atStart`: only a process that starts comes by. `afterDeath`: only one that comes
 * after another that died.
 * @type {readonly { name: string, in: readonly Setting[], statements: readonly string[], atStart?: boolean, afterDeath?: boolean }[]}
 */
export const TRANSACTIONS = [
  {
    name: 'publishing',
    in: ['embedded'],
    atStart: true,
    statements: [
      'insert into ruleset',
      'insert into rule_version',
      'insert into template_version',
      'insert into ruleset_',
      'insert into ruleset_rule',
      'insert into ruleset_template',
    ],
  },
  { name: 'take-over', in: ['embedded'], atStart: true, statements: ['partition_take_over', 'partition_ensure'] },
  { name: 'commit that deletes what was sent', in: ['embedded'], statements: ['partition_remove_outbox'] },
  { name: 'commit that joins ids', in: ['embedded'], statements: ['partition_merge_contacts'] },
  { name: 'commit that writes the outbox', in: ['embedded'], statements: ['partition_put_outbox'] },
  { name: 'commit that withdraws', in: ['embedded'], statements: ['partition_cancel_messages'] },
  { name: 'commit that plans', in: ['embedded'], statements: ['partition_plan_messages'] },
  {
    name: 'commit',
    in: ['embedded'],
    statements: [
      'partition_fence',
      'partition_write_states',
      'partition_remove_states',
      'partition_record_activation',
      'partition_put_consents',
      'partition_write_traces',
      'partition_put_dead_letters',
      'partition_hold_customers',
      'partition_add_watchers',
      'partition_remove_watchers',
      'partition_hear_items',
      'partition_forget_items',
      'partition_put_jobs',
      'partition_end_jobs',
      'partition_list_customers',
      'partition_strike_customers',
      'partition_end_lists',
    ],
  },
  {
    name: 'presence',
    in: ['embedded'],
    atStart: true,
    statements: ['insert into delivery_worker', 'delete from delivery_worker'],
  },
  {
    name: 'claim',
    in: ['embedded'],
    statements: [
      'ledger_lock_contacts',
      'ledger_due_customers',
      'ledger_take_inbox',
      'ledger_write_contacts',
      'ledger_empty_inbox',
      'ledger_empty_feedback',
      'ledger_reserve',
      'ledger_defer',
      'ledger_postpone',
      'ledger_suppress',
      'ledger_settle',
      'contact_make_all',
      'contact_take_inbox_until',
      'contact_apply_merges',
      'contact_write_merged',
      'contact_move_messages',
      'contact_move_feedback',
    ],
  },
  { name: 'permit', in: ['embedded'], statements: ['ledger_permit'] },
  {
    name: 'close',
    in: ['embedded'],
    statements: [
      'ledger_close',
      'insert into message',
      'ledger_await_fallback',
      'ledger_fail_over',
      'ledger_retry',
      'ledger_release',
      'ledger_write_addresses',
      'ledger_put_outcomes',
    ],
  },
  {
    name: 'recovery',
    in: ['embedded'],
    afterDeath: true,
    statements: ['ledger_replan', 'ledger_close_unknown', 'ledger_forget_workers'],
  },
  {
    name: 'append',
    in: ['embedded'],
    statements: ['kairos-append', 'update log_partition', 'insert into log'],
  },
  {
    name: 'membership',
    in: ['embedded'],
    statements: ['insert into log_member', 'delete from log_member', 'insert into log_assignment'],
  },
  { name: 'history', in: ['embedded'], statements: ['history_put', 'history_move'] },
  { name: 'days', in: ['embedded'], atStart: true, statements: ['ensure_days'] },
  {
    name: 'consent of a customer',
    in: ['embedded'],
    statements: ['contact_make', 'contact_write_consents', 'contact_write_wishes'],
  },
  {
    name: 'feedback',
    in: ['embedded'],
    statements: [
      'feedback_write',
      'feedback_write_suppressed',
      'feedback_make_contacts',
      'feedback_write_answers',
      'feedback_hasten_fallbacks',
    ],
  },
];

/** @type {readonly { name: string, in: readonly Setting[] }[]} */
export const OTHERS = [
  { name: 'answer over HTTP', in: ['embedded'] },
  { name: 'end of a mail', in: ['embedded'] },
  { name: 'answer of the mail server', in: ['embedded'] },
  { name: 'produce', in: ['kafka'] },
];

/**
 * Not walked, since nobody is erased in those runs: in the commit of an owner or of the recorder, whose points are walked,
 * or in one transaction of a command.
 */
const ERASING = 'in the one transaction of a commit whose point is walked, or of a command that is asked for again';

/** What is written elsewhere than in a process that others depend on, with the reason; everything else has a point above. */
export const WITHOUT_POINT = {
  'update stream_layout': 'kairos migrate, and again where it failed',
  'insert into stream_layout': 'kairos migrate, once, before anything runs',
  'insert into log_partition': 'kairos migrate, once, before anything runs',
  'insert into start_request': 'a command of the terminal, whose user sees that it failed',
  dead_letters_replayed: 'a command of the terminal, whose user sees that it failed',
  dead_letters_drop: 'a command of the terminal, whose user sees that it failed',
  ledger_replay: 'a command of the terminal, whose user sees that it failed',
  ledger_sweep_cancels: 'housekeeping that takes place every hour: what it does not delete it deletes the next time',
  'insert into stream_outbox': 'always beside the insert of what it tells of, in the transaction of that point',
  gate_make: 'paces of providers that allow so many a second: lost or doubled, a message goes a moment later',
  gate_write: 'paces of providers that allow so many a second: lost or doubled, a message goes a moment later',
  erase_ensure_days: ERASING,
  erase_end_open: ERASING,
  erase_empty_rounds: ERASING,
  erase_empty_messages: ERASING,
  erase_remove_letters: ERASING,
  erase_remove_merges: ERASING,
  erase_empty_contacts: ERASING,
  erase_note: ERASING,
  erase_remove_watcher: ERASING,
  erase_remove_listed: ERASING,
  erase_put_hashes: ERASING,
  erase_clear_contacts: ERASING,
  erase_forget_history: ERASING,
  erase_remove_letters_by_id: ERASING,
  erase_put_records: ERASING,
  erase_write_audit: ERASING,
  history_note_erased: ERASING,
  history_forget_erased: ERASING,
  erased_address_note_key:
    'delivery says at its start by which secret it recognises addresses, and says it again at the next',
  old_forget_erased: 'housekeeping that takes place every hour: what it does not delete it deletes the next time',
  inbox_put: 'the inbox of a storefront is a channel that answers at once: put again it is the same row',
  inbox_read: 'a mark that it was read, asked for again by the page',
};

/** @param {Setting} setting */
export function runsIn(setting) {
  const points = [...TRANSACTIONS, ...OTHERS].filter((point) => point.in.includes(setting));
  return points.flatMap(({ name, atStart = false, afterDeath = false }) =>
    MODES.filter((mode) => isPossible(name, mode)).map((mode) => ({ point: name, mode, atStart, afterDeath })),
  );
}

/** An answer cannot fail once it was given, and what comes from outside is not done here. */
function isPossible(name, mode) {
  if (name === 'answer over HTTP') return mode !== 'done, but fails';
  return name !== 'answer of the mail server' || mode.endsWith('before');
}
