// Bugs that real processes must be caught with: each one change of one source, made while it is loaded (test/sim/plant.mjs).
// `walk`: the crash points that lead to it (a pattern for CRASH_POINTS); without it everything at once does.

const store = 'libs/postgres/src/partitions/postgres-partition-store.ts';
const statements = 'libs/postgres/src/partitions/partition-statements.ts';
const ring = 'libs/core/src/trigger/identity/join-runs.ts';
const pool = 'libs/postgres/src/connect/postgres-pool.ts';
const recover = 'libs/postgres/src/messages/recover.ts';
const collect = 'libs/engine/src/collect/collect-calls.ts';
const worker = 'libs/engine/src/delivery/delivery-worker.ts';
const mail = 'libs/channels/src/smtp/send-held-mail.ts';
const kinds = 'libs/channels/src/smtp/classify-smtp-error.ts';
const sender = 'libs/engine/src/trigger/outbox-sender.ts';
const owner = 'libs/engine/src/trigger/partition-owner.ts';
const merge = 'libs/engine/src/trigger/identity-desk.ts';

/** @type {readonly { name: string, file: string, find: string, instead: string, walk?: string }[]} */
export const BUGS_OF_PROCESSES = [
  {
    name: 'a commit without an answer is taken for done',
    file: store,
    find: 'return this.compare(partition, commit, error);',
    instead: "return { kind: 'committed', position: positionAfter(commit) };",
    walk: 'commit that plans, (fails|hangs)',
  },
  {
    name: 'a hand-over without the ring',
    file: ring,
    find: 'for (const event of ring) {',
    instead: 'for (const event of ring.slice(ring.length)) {',
    walk: 'commit that (joins ids|writes the outbox), dies before',
  },
  {
    name: 'an engine goes on from where it was, whoever has written meanwhile',
    file: statements,
    find: 'where stream = $1 and partition = $2 and epoch = $3 and seq = $4',
    instead: 'where stream = $1 and partition = $2 and $3::int8 is not null and $4::int8 is not null',
  },
  {
    name: 'the outbox is deleted before it is sent (processes)',
    file: sender,
    find: 'await this.stream.append(rows.map(toRequest));\n      this.acknowledged = rows.map(({ seq, n }) => ({ seq, n }));',
    instead:
      'this.acknowledged = rows.map(({ seq, n }) => ({ seq, n })); this.onAcknowledged(); await new Promise((go) => setTimeout(go, 300));\n      await this.stream.append(rows.map(toRequest));',
    walk: 'commit that deletes what was sent, dies after',
  },
  {
    name: 'calls are answered before the log has them',
    file: collect,
    find: 'await stream.append(accepted);',
    instead: 'void stream.append(accepted).catch(() => undefined);',
    walk: 'append, (dies before|fails before)',
  },
  {
    name: 'what was permitted is sent again by whoever finds it',
    file: recover,
    find: 'row.state === PERMITTED && row.channel',
    instead: 'row.state > PERMITTED && row.channel',
    walk: 'answer of the mail server, dies before',
  },
  {
    name: 'a mail whose answer was lost is sent again',
    file: kinds,
    find: "if (phase === 'after the dot')",
    instead: "if (phase === 'after the dot' && error.message === 'never')",
    walk: 'answer of the mail server, fails before',
  },
  {
    name: 'the permit comes after the dot',
    file: mail,
    find: 'const permitted = await mail.permit()',
    instead: 'held.end(); await sending.answer; const permitted = await mail.permit()',
    walk: 'permit, dies before',
  },
  {
    name: 'outcomes are recorded once, or never',
    file: worker,
    find: 'await new Promise((resolve) => setTimeout(resolve, CLOSE_RETRY_MS));',
    instead: 'return;',
    walk: 'close, fails before',
  },
  {
    name: 'a transaction ends before its commit is answered',
    file: pool,
    find: 'await send(client, COMMIT, []);\n      return result;',
    instead: 'send(client, COMMIT, []).catch(() => undefined);\n      return result;',
    walk: 'close, fails before',
  },
  {
    name: 'the offset is committed early (processes)',
    file: owner,
    find: 'evaluation.draft(nextOffset, this.rulesets.current.number)',
    instead: 'evaluation.draft(nextOffset + (records > 3 ? 1 : 0), this.rulesets.current.number)',
    walk: 'commit, dies after',
  },
  {
    name: 'a guest gives her state to everybody who asks, and keeps it',
    file: merge,
    find: 'inHand.state = newCustomerState(state.id);',
    instead: 'inHand.state = { ...state, identity: { ...state.identity } };',
    walk: 'commit that joins ids, fails before',
  },
];
