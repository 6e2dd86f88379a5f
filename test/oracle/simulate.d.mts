export interface OracleInput {
  readonly workspace: unknown;
  readonly records: readonly unknown[];
  readonly customers?: readonly unknown[];
  readonly from?: number;
  readonly to?: number;
  readonly assumeConsent?: boolean;
}
export function simulate(input: OracleInput): readonly unknown[];
export function formatDecision(decision: unknown): string;
