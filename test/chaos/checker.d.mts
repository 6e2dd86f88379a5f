export interface InputEvent {
  readonly messageId: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly event?: string;
  readonly timestamp: string;
  /** Somebody was told that it was taken. */
  readonly acknowledged: boolean;
}

/** As the broker gave it to a plain consumer. */
export interface LogRecord {
  readonly partition: number;
  readonly offset: number;
  /** ms since 1970 UTC. */
  readonly appendTime: number;
  readonly value: string | null;
  readonly headers: { readonly [name: string]: string };
}

export interface World {
  /** Ids of what was to be sent, each customer's in their order; a copy may stand there for the second time. */
  readonly scheduled: readonly string[];
  /** What the sender says it sent. */
  readonly input: readonly InputEvent[];
  readonly log: readonly LogRecord[];
  readonly partitions: number;
  /** Of cart-reminder, ms. */
  readonly rules: { readonly waitMs: number; readonly graceMs: number };
  /** Subject: the rule and the id of the run's latest start event, with a blank between. */
  readonly mails: readonly { readonly to: string; readonly subject: string }[];
  /** What follows the customer's id in an address: `@shop.test`. */
  readonly domain: string;
  readonly ledger: readonly {
    readonly rule: string;
    readonly customer: string;
    readonly occurrence: string;
    readonly outcome: string;
    readonly reason: string | null;
  }[];
  /** Customers who have asked for no more nudges. */
  readonly optOuts?: readonly string[];
  /** Connections of delivery processes that were cut while they may have been between permit and answer. */
  readonly unknownBound: number;
}

export interface Findings {
  /** Each a sentence; empty when all is well. */
  readonly violations: string[];
  readonly figures: {
    readonly planned: number;
    readonly mails: number;
    readonly sent: number;
    readonly suppressed: number;
    readonly failed: number;
    readonly unknown: number;
    readonly open: number;
    readonly ticks: number;
    readonly forwarded: number;
    /** Guests who became customers of another partition. */
    readonly joined: number;
  };
}

export function check(world: World): Findings;
