export type Setting = 'embedded' | 'kafka';
export type Mode = 'dies before' | 'dies after' | 'fails before' | 'done, but fails' | 'hangs before';

/** One way in which one point is walked. */
export interface Run {
  readonly point: string;
  readonly mode: Mode;
  readonly atStart: boolean;
  readonly afterDeath: boolean;
}

export const MODES: readonly Mode[];
export const TRANSACTIONS: readonly {
  readonly name: string;
  readonly in: readonly Setting[];
  readonly statements: readonly string[];
}[];
export const OTHERS: readonly { readonly name: string; readonly in: readonly Setting[] }[];
export const WITHOUT_POINT: { readonly [label: string]: string };

/** All points that can be reached with this event log, each in all of its modes. */
export function runsIn(setting: Setting): Run[];
