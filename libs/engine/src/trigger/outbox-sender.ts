import type { EventStream } from '../ports/event-stream.js';
import type { Log } from '../ports/observer.js';
import type { PartitionStore, PendingOutboxRecord } from '../ports/partition-store.js';

const BATCH = 500;

/**
 * Sends one partition's outbox in (seq, n) order, one batch at a time, beside the evaluation. What the stream
 * acknowledged is handed to the next commit, which deletes it; a crash in between sends it again, and the receiver's
 * de-duplication by record id makes it once.
 */
export class OutboxSender {
  private acknowledged: { seq: number; n: number }[] = [];
  private sending: Promise<void> | null = null;
  private wanted = false;

  constructor(
    private readonly partition: number,
    private readonly store: PartitionStore,
    private readonly stream: EventStream,
    private readonly log: Log,
    private readonly onAcknowledged: () => void,
  ) {}

  /** There may be rows: after a take-over, after a commit that wrote some, or when delivery did. */
  wake(): void {
    this.wanted = true;
    this.sending ??= this.send().finally(() => {
      this.sending = null;
    });
  }

  /** Nothing is known to be there that was not sent and deleted. */
  get isIdle(): boolean {
    return !this.wanted && this.sending === null && this.acknowledged.length === 0;
  }

  get hasAcknowledged(): boolean {
    return this.acknowledged.length > 0;
  }

  /** For the next commit; give it back when that did not stand. */
  takeAcknowledged(): { seq: number; n: number }[] {
    const taken = this.acknowledged;
    this.acknowledged = [];
    return taken;
  }

  giveBack(taken: readonly { seq: number; n: number }[]): void {
    this.acknowledged = [...taken, ...this.acknowledged];
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    await this.sending;
  }

  private async send(): Promise<void> {
    // One batch, and no other before its rows are deleted: what is read again would be sent again.
    if (!this.wanted || this.acknowledged.length > 0) return;
    this.wanted = false;
    try {
      const rows = await this.store.pendingOutbox(this.partition, BATCH);
      if (rows.length === 0) return;
      await this.stream.append(rows.map(toRequest));
      this.acknowledged = rows.map(({ seq, n }) => ({ seq, n }));
      // Whoever called meanwhile may have written behind what was read.
      if (rows.length === BATCH) this.wanted = true;
      this.onAcknowledged();
    } catch (error) {
      this.wanted = true;
      this.log.warn('the stream outbox could not be sent, it will be tried again', {
        partition: this.partition,
        error: String(error),
      });
    }
  }

  /** After a commit deleted the acknowledged rows, or by the regular look of the engine. */
  resume(): void {
    if (this.wanted) this.wake();
  }
}

function toRequest(row: PendingOutboxRecord) {
  return 'key' in row.target
    ? { key: row.target.key, value: row.value, headers: row.headers }
    : { key: null, partition: row.target.partition, value: row.value, headers: row.headers };
}
