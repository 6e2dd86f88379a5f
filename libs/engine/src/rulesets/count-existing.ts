import {
  decodeState,
  fillHistory,
  findInside,
  isTombstone,
  newCustomerState,
  noEffects,
  startExisting,
  type CustomerState,
  type NotStartedReason,
} from '#core';
import type { EventHistory } from '../ports/event-history.js';
import type { PartitionStore } from '../ports/partition-store.js';
import { HistoryFiller } from '../trigger/history-filler.js';
import { JOB_PACE } from '../trigger/job-pace.js';
import { FIRST_ID } from '../trigger/open-jobs.js';
import type { RulesetsToBe } from './rulesets-to-be.js';

/** Those already inside a rule, as they are now. */
export interface ExistingCount {
  readonly inside: number;
  /** Of them would be started, by partition. */
  readonly starting: readonly number[];
  /** The others, by the reason. */
  readonly refused: ReadonlyMap<NotStartedReason, number>;
}

export interface CountRequest {
  readonly store: PartitionStore;
  /** null: none is kept. */
  readonly history: EventHistory | null;
  readonly stream: string;
  readonly partitions: number;
  readonly toBe: RulesetsToBe;
  readonly rule: string;
  /** ms */
  readonly now: number;
  /** Called for every customer looked at. */
  readonly onCustomer?: () => void;
}

/**
 * Counts who is inside a rule that may not be published yet, by the code that starts them: what has to be filled from
 * the history is replayed for each customer, and nothing is written. One customer at a time is kept in memory.
 * Throws StoreError.
 */
export async function countExisting(request: CountRequest): Promise<ExistingCount> {
  const refused = new Map<NotStartedReason, number>();
  const starting: number[] = [];
  let inside = 0;
  for (let partition = 0; partition < request.partitions; partition++) {
    let count = 0;
    for await (const state of statesToBe(request, partition)) {
      request.onCustomer?.();
      const outcome = tryToStart(request, state);
      if (outcome === null) continue;
      inside++;
      if (outcome === 'started') count++;
      else refused.set(outcome, (refused.get(outcome) ?? 0) + 1);
    }
    starting.push(count);
  }
  return { inside, starting, refused };
}

/** null: she is not inside. */
function tryToStart({ toBe: { rulesets }, rule, now }: CountRequest, state: CustomerState) {
  if (!findInside(rulesets, state, rule, now).inside) return null;
  const effects = noEffects();
  startExisting(rulesets, state, rule, now, effects, { explain: true });
  for (const trace of effects.traces)
    if (trace.rule === rule) {
      if (trace.kind === 'started') return 'started' as const;
      if (trace.kind === 'not_started') return trace.reason;
    }
  return null;
}

/** Every customer of the partition as she would be when the ruleset has met her. */
async function* statesToBe(
  { store, history, stream, toBe: { rulesets, filled }, now }: CountRequest,
  partition: number,
): AsyncIterable<CustomerState> {
  const replays = history !== null && filled.size > 0;
  const filler = new HistoryFiller({ stream, partition }, store, history, JOB_PACE);
  // However far the recorder has come: this is a count, and who came since is counted by nobody.
  filler.begin(0);
  for (let cursor: string | null = FIRST_ID; cursor !== null;) {
    const chunk = await filler.next({ cursor, replays, nextOffset: Number.MAX_SAFE_INTEGER, rulesets });
    if (chunk === null) continue;
    const ids = chunk.customers.map(({ customerId }) => customerId);
    const states = await store.loadStates(partition, ids);
    for (const { customerId, customer, replayed } of chunk.customers) {
      const bytes = states.get(customerId);
      const stored = bytes === undefined ? null : decodeState(bytes);
      const known = stored === null || isTombstone(stored) ? null : stored;
      if (known === null && customer === null) continue;
      const state = known ?? newCustomerState(customer!);
      if (replayed !== null) fillHistory(rulesets, state, replayed, { fingerprints: filled, logTime: now });
      yield state;
    }
    ({ cursor } = chunk);
  }
}
