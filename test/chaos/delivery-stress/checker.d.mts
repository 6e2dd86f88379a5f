export interface Sunk {
  readonly id: string;
  readonly customer: string;
  readonly channel: string;
  readonly askedAt: number;
  readonly at: number;
}
export function check(world: {
  readonly planned: ReadonlySet<string>;
  readonly sinks: readonly Sunk[];
  readonly closed: readonly { readonly message_id: string; readonly outcome: string }[];
  /** Identifier → its row. */
  readonly open: ReadonlyMap<string, string>;
  readonly optOuts: ReadonlyMap<string, number>;
  readonly stops: ReadonlyMap<string, number>;
  readonly caps: readonly { readonly atMost: number; readonly lengthMs: number; readonly channel?: string }[];
  readonly kills: number;
  readonly connections: number;
}): string[];
