/** What a provider took. */
export interface Sunk {
  readonly id: string;
  readonly customer: string;
  readonly category: string;
  readonly channel: string;
  /** When the worker was about to ask for the permit, ms. */
  readonly askedAt: number;
  readonly at: number;
}
export interface Withdrawn {
  readonly customer: string;
  readonly category: string;
  readonly channel: string;
  /** When it was answered, ms. */
  readonly at: number;
}
/** A row of the ledger. */
export interface Closed {
  readonly message_id: string;
  readonly customer: string;
  readonly category: string;
  readonly outcome: string;
  readonly reason: string | null;
  /** ms */
  readonly at: number;
}
export function check(world: {
  readonly planned: ReadonlySet<string>;
  readonly sinks: readonly Sunk[];
  readonly closed: readonly Closed[];
  /** Identifier → its row. */
  readonly open: ReadonlyMap<string, string>;
  readonly optOuts: readonly Withdrawn[];
  readonly stops: ReadonlyMap<string, number>;
  readonly caps: readonly {
    readonly atMost: number;
    readonly lengthMs: number;
    readonly channel?: string;
    readonly category?: string;
  }[];
  /** Nothing of the category leaves before. */
  readonly quiet: { readonly category: string; readonly until: number } | null;
  /** Connections of all processes that were killed. */
  readonly unknownBound: number;
}): string[];
