import { encodeInboxChange, inboxIdOf, type TraceEntry } from '#core';
import type { ListedCustomer, PartitionCommit, WatchEntry } from '#engine';
import {
  boolArray,
  byteaArray,
  int2Array,
  int4Array,
  int8Array,
  textArray,
  timestamptzArray,
  utf8Array,
  uuidArray,
} from '../binary/binary-arrays.js';
import { dayOf } from '../connect/day-partitions.js';
import type { PreparedCall, Statement } from '../connect/postgres-pool.js';
import { encodePlan, shardOf } from '../messages/message-row.js';
import { eraseInCommit } from '../erasure/erase-in-commit.js';
import {
  ADD_WATCHERS,
  CANCEL_MESSAGES,
  END_JOBS,
  END_LISTS,
  FENCE,
  FORGET_ITEMS,
  HEAR_ITEMS,
  HOLD_CUSTOMERS,
  LIST_CUSTOMERS,
  MERGE_CONTACTS,
  PLAN_MESSAGES,
  PUT_CONSENTS,
  PUT_DEAD_LETTERS,
  PUT_JOBS,
  PUT_OUTBOX,
  RECORD_ACTIVATION,
  REMOVE_OUTBOX,
  REMOVE_STATES,
  REMOVE_WATCHERS,
  STRIKE_CUSTOMERS,
  WRITE_STATES,
  WRITE_TRACES,
} from './partition-statements.js';

/** The statements of one commit in order, the fence first; what has nothing to write is left out. */
export function commitStatements(stream: string, partition: number, commit: PartitionCommit): PreparedCall[] {
  return [
    fence(stream, partition, commit),
    ...eraseInCommit(stream, partition, commit.erased ?? []),
    ...states(partition, commit),
    ...planned(partition, commit),
    ...cancelled(commit),
    ...consents(commit),
    ...contactMerges(partition, commit),
    ...traces(partition, commit),
    ...outbox(stream, partition, commit),
    ...deadLetters(stream, partition, commit),
    ...watchers(partition, commit),
    ...heard(stream, partition, commit),
    ...listed(stream, partition, commit),
    ...jobs(stream, partition, commit),
    ...activation(stream, partition, commit),
  ];
}

function fence(stream: string, partition: number, commit: PartitionCommit): PreparedCall {
  const { from, nextOffset, logTime, firedThrough, ruleset } = commit;
  return [FENCE, [stream, partition, from.epoch, from.seq, nextOffset, logTime, firedThrough, ruleset]];
}

function states(partition: number, { states }: PartitionCommit): PreparedCall[] {
  const kept = states.filter((write) => write.state !== null);
  const removed = states.filter((write) => write.state === null);
  const calls: PreparedCall[] = [];
  if (kept.length > 0) {
    const ids = uuidArray(kept.map((write) => write.customerId));
    const fires = int8Array(kept.map((write) => write.nextFire));
    calls.push([WRITE_STATES, [partition, ids, fires, byteaArray(kept.map((write) => write.state))]]);
  }
  if (removed.length > 0) calls.push([REMOVE_STATES, [partition, uuidArray(removed.map((write) => write.customerId))]]);
  return calls;
}

function planned(partition: number, { planned }: PartitionCommit): PreparedCall[] {
  if (planned.length === 0) return [];
  const messages = planned.map((entry) => entry.message);
  return [
    [
      PLAN_MESSAGES,
      [
        partition,
        uuidArray(messages.map((message) => message.id)),
        int2Array(planned.map((entry) => shardOf(entry.customerId))),
        uuidArray(planned.map((entry) => entry.customerId)),
        textArray(messages.map((message) => message.customer)),
        textArray(messages.map((message) => message.rule)),
        int4Array(messages.map((message) => message.version)),
        textArray(messages.map((message) => message.step)),
        textArray(messages.map((message) => message.occurrence)),
        textArray(messages.map((message) => (message.key === null ? null : JSON.stringify(message.key)))),
        textArray(messages.map((message) => message.template)),
        textArray(messages.map((message) => message.category)),
        int2Array(messages.map((message) => message.priority)),
        timestamptzArray(messages.map((message) => message.plannedAt)),
        utf8Array(messages.map(encodePlan)),
      ],
    ],
  ];
}

function cancelled({ cancelled }: PartitionCommit): PreparedCall[] {
  if (cancelled.length === 0) return [];
  return [
    [
      CANCEL_MESSAGES,
      [
        uuidArray(cancelled.map((entry) => entry.messageId)),
        textArray(cancelled.map((entry) => entry.reason)),
        timestamptzArray(cancelled.map((entry) => entry.at)),
      ],
    ],
  ];
}

function contactMerges(partition: number, { contactMerges = [] }: PartitionCommit): PreparedCall[] {
  if (contactMerges.length === 0) return [];
  return [
    [
      MERGE_CONTACTS,
      [
        partition,
        uuidArray(contactMerges.map(({ from }) => from)),
        uuidArray(contactMerges.map(({ to }) => to)),
        textArray(contactMerges.map(({ customer }) => customer)),
        int8Array(contactMerges.map(({ time }) => time)),
      ],
    ],
  ];
}

function consents({ consents }: PartitionCommit): PreparedCall[] {
  if (consents.length === 0) return [];
  return [
    [
      PUT_CONSENTS,
      [
        uuidArray(consents.map((entry) => entry.customerId)),
        textArray(consents.map((entry) => inboxIdOf(entry.change))),
        int8Array(consents.map((entry) => entry.change.time)),
        byteaArray(consents.map((entry) => encodeInboxChange(entry.change))),
      ],
    ],
  ];
}

function traces(partition: number, { traces, from, logTime }: PartitionCommit): PreparedCall[] {
  if (traces.length === 0) return [];
  return [
    [
      WRITE_TRACES,
      [
        dayOf(logTime),
        partition,
        from.seq + 1,
        uuidArray(traces.map((entry) => entry.customerId)),
        timestamptzArray(traces.map((entry) => entry.trace.at)),
        int4Array(traces.map((_, n) => n)),
        textArray(traces.map((entry) => entry.trace.rule)),
        textArray(traces.map((entry) => entry.trace.kind)),
        utf8Array(traces.map(({ trace }) => JSON.stringify(besideColumns(trace)))),
      ],
    ],
  ];
}

/** What has a column of its own is not written twice: nearly half of what a commit sends are traces. */
function besideColumns(trace: TraceEntry): object {
  return { ...trace, rule: undefined, kind: undefined, at: undefined };
}

function outbox(stream: string, partition: number, { outbox, outboxSent, from }: PartitionCommit): PreparedCall[] {
  const calls: PreparedCall[] = [];
  if (outboxSent.length > 0) {
    const seqs = int8Array(outboxSent.map((row) => row.seq));
    calls.push([REMOVE_OUTBOX, [stream, partition, seqs, int8Array(outboxSent.map((row) => row.n))]]);
  }
  if (outbox.length > 0) {
    calls.push([
      PUT_OUTBOX,
      [
        stream,
        partition,
        from.seq + 1,
        int8Array(outbox.map((_, n) => n)),
        textArray(outbox.map((record) => record.recordId)),
        byteaArray(outbox.map((record) => ('key' in record.target ? Buffer.from(record.target.key) : null))),
        int2Array(outbox.map((record) => ('key' in record.target ? null : record.target.partition))),
        byteaArray(outbox.map((record) => record.value)),
        textArray(outbox.map((record) => JSON.stringify(record.headers))),
        int2Array(outbox.map((record) => record.hops)),
      ],
    ]);
  }
  return calls;
}

function deadLetters(stream: string, partition: number, { deadLetters }: PartitionCommit): PreparedCall[] {
  if (deadLetters.length === 0) return [];
  const held = deadLetters.flatMap(({ offset, about = 0, holds = [] }) =>
    holds.map((customerId) => ({ offset, about, customerId })),
  );
  const put: PreparedCall[] = [
    [
      PUT_DEAD_LETTERS,
      [
        stream,
        partition,
        int8Array(deadLetters.map((letter) => letter.offset)),
        textArray(deadLetters.map((letter) => letter.reason)),
        textArray(deadLetters.map((letter) => letter.detail)),
        byteaArray(deadLetters.map((letter) => letter.key)),
        byteaArray(deadLetters.map((letter) => letter.value)),
        textArray(deadLetters.map((letter) => (letter.headers === null ? null : JSON.stringify(letter.headers)))),
        boolArray(deadLetters.map(({ replayable = true }) => replayable)),
        int8Array(deadLetters.map(({ about = 0 }) => about)),
      ],
    ],
  ];
  if (held.length === 0) return put;
  return [
    ...put,
    [
      HOLD_CUSTOMERS,
      [
        stream,
        partition,
        int8Array(held.map(({ offset }) => offset)),
        uuidArray(held.map(({ customerId }) => customerId)),
        int8Array(held.map(({ about }) => about)),
      ],
    ],
  ];
}

function watchers(partition: number, { watch: { added, removed } }: PartitionCommit): PreparedCall[] {
  const call = (statement: Statement, entries: readonly WatchEntry[]): PreparedCall[] =>
    entries.length === 0
      ? []
      : [
          [
            statement,
            [
              partition,
              int8Array(entries.map(({ thing }) => thing)),
              uuidArray(entries.map(({ customerId }) => customerId)),
            ],
          ],
        ];
  return [...call(REMOVE_WATCHERS, removed), ...call(ADD_WATCHERS, added)];
}

function heard(
  stream: string,
  partition: number,
  { heard: { ids, forgetBefore }, logTime }: PartitionCommit,
): PreparedCall[] {
  const calls: PreparedCall[] = [];
  if (forgetBefore !== null) calls.push([FORGET_ITEMS, [stream, partition, forgetBefore]]);
  if (ids.length > 0) calls.push([HEAR_ITEMS, [stream, partition, logTime, textArray(ids)]]);
  return calls;
}

function listed(stream: string, partition: number, { listed: { added, removed } }: PartitionCommit): PreparedCall[] {
  const call = (statement: Statement, entries: readonly ListedCustomer[]): PreparedCall[] =>
    entries.length === 0
      ? []
      : [
          [
            statement,
            [
              stream,
              partition,
              int8Array(entries.map(({ job }) => job)),
              uuidArray(entries.map(({ customerId }) => customerId)),
            ],
          ],
        ];
  return [...call(LIST_CUSTOMERS, added), ...call(STRIKE_CUSTOMERS, removed)];
}

function jobs(stream: string, partition: number, { jobs: { open, done } }: PartitionCommit): PreparedCall[] {
  const calls: PreparedCall[] = [];
  if (open.length > 0) {
    calls.push([
      PUT_JOBS,
      [
        stream,
        partition,
        int8Array(open.map((job) => job.offset)),
        int8Array(open.map((job) => job.logTime)),
        uuidArray(open.map((job) => job.cursor)),
        textArray(open.map((job) => JSON.stringify(job.task))),
      ],
    ]);
  }
  if (done.length > 0) {
    calls.push([END_JOBS, [stream, partition, int8Array(done)]]);
    calls.push([END_LISTS, [stream, partition, int8Array(done)]]);
  }
  return calls;
}

function activation(stream: string, partition: number, { from, ruleset }: PartitionCommit): PreparedCall[] {
  return ruleset === from.ruleset ? [] : [[RECORD_ACTIVATION, [stream, partition, ruleset, from.nextOffset]]];
}
