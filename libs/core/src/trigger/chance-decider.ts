/** What chance would decide, decided otherwise: for tests of rules. */
export interface Chance {
  isHeldOut(rule: string): boolean;
  /** Place of the branch among these names of a `split` or `variants`. */
  branchOf(rule: string, names: readonly string[]): number;
}
