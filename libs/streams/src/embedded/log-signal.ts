import { Client, type ClientConfig } from 'pg';
import type { Log } from '#engine';

const RECONNECT_MS = 500;

export interface SignalHandlers {
  /** Something may have been appended. */
  readonly appended: () => void;
  /** A member came or went. */
  readonly members: () => void;
}

/**
 * Listens on a connection of its own. While it stands it also holds the member's advisory lock, by which the others see
 * at once that a process died, where a lease would have to run out.
 */
export class LogSignal {
  private client: Client | null = null;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly config: ClientConfig,
    private readonly member: string,
    private readonly handlers: SignalHandlers,
    private readonly log: Log,
  ) {}

  async connect(): Promise<void> {
    const client = new Client(this.config);
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    client.on('notification', ({ channel }) =>
      channel === 'kairos_log' ? this.handlers.appended() : this.handlers.members(),
    );
    this.client = client;
    try {
      await client.connect();
      await client.query('select pg_advisory_lock(hashtext($1), hashtext($2))', [MEMBER_LOCKS, this.member]);
      await client.query('listen kairos_log; listen kairos_members');
    } catch (error) {
      this.client = null;
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private lost(client: Client): void {
    if (this.closed || this.client !== client) return;
    this.client = null;
    this.log.warn('the connection that listens to the log broke and is made again');
    void this.reconnect();
  }

  private async reconnect(): Promise<void> {
    if (this.closed) return;
    try {
      await this.connect();
      // What was said meanwhile went unheard.
      this.handlers.members();
      this.handlers.appended();
    } catch {
      if (!this.closed) this.timer = setTimeout(() => void this.reconnect(), RECONNECT_MS);
    }
  }
}

/** First key of the advisory locks; the second is hashtext(member). */
export const MEMBER_LOCKS = 'kairos:member';
