import type {
  ClaimRequest,
  Clock,
  CloseWrite,
  DecideClaim,
  MessageLedger,
  MessageHistory,
  MessageListing,
  MessageQuery,
  OutcomeEvent,
  Presence,
} from '#engine';
import { StoreError } from '#engine';
import { uuidArray } from '../binary/binary-arrays.js';
import { clockParameters } from '../connect/clock-parameters.js';
import { DayPartitions } from '../connect/day-partitions.js';
import type { PostgresPool } from '../connect/postgres-pool.js';
import type { AddressHasher } from '../erasure/address-hasher.js';
import { NOTE_KEY } from '../erasure/note-key.js';
import { readStreamLayout } from '../partitions/fix-stream-layout.js';
import { type Claim, Claims } from './claim.js';
import { closeMessages } from './close.js';
import { listMessages, readDecision } from './list-messages.js';
import { SHARDS } from './message-row.js';
import { DUE_COUNT, NEXT_DUE, PERMIT, SWEEP_CANCELS } from './outcome-statements.js';
import { recoverExpired } from './recover.js';
import { replayMessages } from './replay.js';
import { GONE_WORKERS, WorkerPresence } from './worker-presence.js';

const SWEEP_EVERY_MS = 60_000;

/**
 * The ledger in PostgreSQL (delivery.md, The ledger):
 *
 *   planned → reserved (lease, slot taken) → permitted → sent | failed | unknown
 *      ↑          │            │
 *      └──────────┴── retry, release, lease ran out          planned → suppressed | deferred (planned, later)
 *
 * `message_open` holds what has not ended, `message` what has; a row is in one of them.
 */
export class PostgresMessageLedger implements MessageLedger {
  private readonly days = new DayPartitions();
  private readonly claims: Claims;
  private partitions: number | null = null;
  private sweptAt = 0;
  /** Workers that were gone when they were last looked for. */
  private gone: readonly number[] = [];

  /**
   * `stream`: the one whose outbox takes the outcome events. `hasher` recognises erased addresses: whoever claims gives it.
   */
  constructor(
    private readonly pool: PostgresPool,
    private readonly use: { readonly stream: string; readonly clock: Clock; readonly hasher?: AddressHasher },
  ) {
    const partitions = () => this.partitionCount();
    this.claims = new Claims(pool, use.clock, this.days, { stream: use.stream, partitions }, use.hasher ?? null);
  }

  claim(request: ClaimRequest, decide: DecideClaim): Promise<Claim> {
    return this.claims.claim(request, decide);
  }

  async attend(worker: number): Promise<Presence> {
    if (this.use.hasher !== undefined) await this.pool.run(NOTE_KEY, [this.use.hasher.fingerprint]);
    const presence = new WorkerPresence(this.pool, worker);
    await presence.begin();
    return presence;
  }

  async permit(worker: number, messageIds: readonly string[], needMs: number): Promise<ReadonlySet<string>> {
    if (messageIds.length === 0) return new Set();
    const parameters = [uuidArray(messageIds), worker, needMs, ...clockParameters(this.use.clock)];
    const granted = await this.pool.run<{ message_id: string }>(PERMIT, parameters);
    return new Set(granted.rows.map((row) => row.message_id));
  }

  async close(worker: number, writes: readonly CloseWrite[], outcomes: readonly OutcomeEvent[]): Promise<void> {
    const partitions = outcomes.length > 0 ? await this.partitionCount() : 1;
    await closeMessages(this.pool, this.use.clock, this.days, {
      worker,
      writes,
      outcomes,
      stream: this.use.stream,
      partitions,
    });
  }

  async recover(
    resendCategories: readonly string[],
  ): Promise<{ readonly replanned: number; readonly unknown: number }> {
    if (performance.now() - this.sweptAt > SWEEP_EVERY_MS) {
      this.sweptAt = performance.now();
      await this.pool.run(SWEEP_CANCELS);
    }
    const { rows } = await this.pool.run<{ worker: number }>(GONE_WORKERS);
    const gone = rows.map(({ worker }) => worker);
    // One whose connection broke is back in a second, and may still hear how its permitted ones ended.
    const goneForGood = gone.filter((worker) => this.gone.includes(worker));
    this.gone = gone;
    return recoverExpired(this.pool, this.use.clock, this.days, { resendCategories, gone, goneForGood });
  }

  async nextDue(): Promise<number | null> {
    const { rows } = await this.pool.run<{ next: number | null }>(NEXT_DUE, [SHARDS]);
    return rows[0]!.next;
  }

  async dueCount(): Promise<number> {
    const { rows } = await this.pool.run<{ due: number }>(DUE_COUNT, [this.use.clock.now()]);
    return rows[0]!.due;
  }

  async replay(messageIds: readonly string[], by: string): Promise<readonly string[]> {
    const partitions = await this.partitionCount();
    const now = this.use.clock.now();
    return replayMessages(this.pool, this.days, { messageIds, now, by, partitions });
  }

  list(query: MessageQuery): Promise<readonly MessageListing[]> {
    return listMessages(this.pool, query);
  }

  decision(messageId: string): Promise<MessageHistory | null> {
    return readDecision(this.pool, messageId);
  }

  /** Fixed for the life of the installation, so it is asked once. */
  private async partitionCount(): Promise<number> {
    this.partitions ??= await readStreamLayout(this.pool, this.use.stream);
    if (this.partitions !== null) return this.partitions;
    throw new StoreError(`the stream ${this.use.stream} was never set up: run kairos migrate`, 'stream_missing', false);
  }
}
