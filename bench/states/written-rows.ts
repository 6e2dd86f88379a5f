/** What one commit of the engine put into `customer_state`. */
export interface WrittenRows {
  readonly partition: number;
  readonly customerIds: readonly string[];
  readonly nextFires: readonly (number | null)[];
  readonly states: readonly Uint8Array[];
}
