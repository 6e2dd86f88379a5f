import { decodeSuppressed, encodeSuppressed, type Clock, type CloseWrite, type SuppressedAddress } from '#engine';
import { byteaArray, int8Array, textArray, timestamptzArray, uuidArray } from '../binary/binary-arrays.js';
import { clockParameters } from '../connect/clock-parameters.js';
import { type DayPartitions, dayOfMessage } from '../connect/day-partitions.js';
import type { PostgresPool, PreparedCall, Session } from '../connect/postgres-pool.js';
import {
  AWAIT_FALLBACK,
  CLOSE,
  FAIL_OVER,
  LOCK_ADDRESSES,
  RELEASE,
  RETRY,
  WRITE_ADDRESSES,
} from './outcome-statements.js';
import { outcomeCalls, type Outcomes } from './put-outcomes.js';

type WriteOf<Kind extends CloseWrite['kind']> = Extract<CloseWrite, { kind: Kind }>;
type Final = WriteOf<'sent' | 'failed' | 'unknown'>;

export interface CloseRequest extends Outcomes {
  readonly worker: number;
  readonly writes: readonly CloseWrite[];
}

/** One transaction for all. Repeating it after an unknown commit does nothing more: the rows are not this worker's any longer. */
export async function closeMessages(
  pool: PostgresPool,
  clock: Clock,
  days: DayPartitions,
  request: CloseRequest,
): Promise<void> {
  const finals = request.writes.filter(isFinal);
  const ended = finals.filter((write) => !goesOn(write));
  const goingOn = finals.filter(goesOn);
  const retries = request.writes.filter((write) => write.kind === 'retry');
  await days.ensure(
    pool,
    'message',
    ended.map((write) => dayOfMessage(write.messageId)),
  );
  await days.ensure(
    pool,
    'message_outcome',
    [...retries, ...goingOn].map((write) => dayOfMessage(write.messageId)),
  );
  const calls = [
    ...finalCalls(request.worker, ended, clock),
    ...fallbackCalls(request.worker, goingOn, clock),
    ...retryCalls(request.worker, retries, clock),
    ...releaseCalls(request.worker, request.writes),
    ...outcomeCalls(request),
  ];
  const dead = finals.filter((write) => deadAddresses(write).length > 0);
  if (dead.length === 0) {
    if (calls.length > 0) await pool.transactionAtOnce(calls);
    return;
  }
  await pool.transaction(async (session) => {
    // Contacts before messages, as in a claim: in one order everywhere nobody waits in a circle.
    await suppressAddresses(session, dead);
    await Promise.all(calls.map(([statement, parameters]) => session.run(statement, parameters)));
  });
}

function isFinal(write: CloseWrite): write is Final {
  return write.kind === 'sent' || write.kind === 'failed' || write.kind === 'unknown';
}

/** Its fallback is still to come. */
function goesOn(write: Final): boolean {
  if (write.kind === 'sent') return (write.fallbackAfterMs ?? null) !== null;
  return write.kind === 'failed' && write.nextChannel === true;
}

function fallbackCalls(worker: number, goingOn: readonly Final[], clock: Clock): PreparedCall[] {
  const calls: PreparedCall[] = [];
  const sent = goingOn.filter((write) => write.kind === 'sent');
  const failed = goingOn.filter((write) => write.kind === 'failed');
  const ids = (writes: readonly Final[]) => uuidArray(writes.map(({ messageId }) => messageId));
  const details = (writes: readonly Final[]) => textArray(writes.map(({ detail }) => detail));
  if (sent.length > 0) {
    const providerIds = textArray(sent.map(({ providerId }) => providerId));
    const after = int8Array(sent.map(({ fallbackAfterMs }) => fallbackAfterMs!));
    calls.push([AWAIT_FALLBACK, [worker, ids(sent), providerIds, details(sent), after, ...clockParameters(clock)]]);
  }
  if (failed.length > 0) {
    const reasons = textArray(failed.map(({ reason }) => reason));
    calls.push([FAIL_OVER, [worker, ids(failed), reasons, details(failed), ...clockParameters(clock)]]);
  }
  return calls;
}

function finalCalls(worker: number, finals: readonly Final[], clock: Clock): PreparedCall[] {
  if (finals.length === 0) return [];
  return [
    [
      CLOSE,
      [
        worker,
        uuidArray(finals.map((write) => write.messageId)),
        textArray(finals.map((write) => write.kind)),
        textArray(finals.map(reasonOf)),
        textArray(finals.map((write) => (write.kind === 'sent' ? write.providerId : null))),
        textArray(finals.map((write) => write.detail)),
        ...clockParameters(clock),
      ],
    ],
  ];
}

function deadAddresses(write: Final): readonly SuppressedAddress[] {
  return write.kind === 'unknown' ? [] : (write.suppressAddresses ?? []);
}

function reasonOf(write: Final): string | null {
  switch (write.kind) {
    case 'sent':
      return null;
    case 'failed':
      return write.reason;
    case 'unknown':
      return 'unknown_outcome';
  }
}

function retryCalls(worker: number, retries: readonly WriteOf<'retry'>[], clock: Clock): PreparedCall[] {
  if (retries.length === 0) return [];
  return [
    [
      RETRY,
      [
        worker,
        uuidArray(retries.map((write) => write.messageId)),
        timestamptzArray(retries.map((write) => write.notBefore)),
        textArray(retries.map((write) => write.detail)),
        ...clockParameters(clock),
      ],
    ],
  ];
}

function releaseCalls(worker: number, writes: readonly CloseWrite[]): PreparedCall[] {
  const released = writes.filter((write) => write.kind === 'release');
  if (released.length === 0) return [];
  const ids = uuidArray(released.map((write) => write.messageId));
  return [[RELEASE, [worker, ids, timestamptzArray(released.map((write) => write.notBefore ?? null))]]];
}

async function suppressAddresses(session: Session, dead: readonly Final[]): Promise<void> {
  const { rows } = await session.run<{ message_id: string; customer_id: string; addresses: Buffer | null }>(
    LOCK_ADDRESSES,
    [uuidArray(dead.map((write) => write.messageId))],
  );
  const addresses = new Map<string, readonly SuppressedAddress[]>();
  for (const row of rows) {
    const known = addresses.get(row.customer_id) ?? decodeSuppressed(row.addresses);
    const isNew = (one: SuppressedAddress): boolean =>
      !known.some((entry) => entry.channel === one.channel && entry.address === one.address);
    const found = deadAddresses(dead.find((entry) => entry.messageId === row.message_id)!).filter(isNew);
    if (found.length > 0) addresses.set(row.customer_id, [...known, ...found]);
  }
  if (addresses.size === 0) return;
  const bytes = [...addresses.values()].map(encodeSuppressed);
  await session.run(WRITE_ADDRESSES, [uuidArray([...addresses.keys()]), byteaArray(bytes)]);
}
