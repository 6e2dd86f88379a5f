/** Of which message something is said. */
export interface MessageRow {
  readonly message_id: string;
  readonly customer_id: string;
  readonly customer: string;
  readonly rule: string;
  readonly template: string;
  readonly category: string;
  readonly channel: string | null;
  readonly step: string;
  readonly run: string;
  /** ms of the clock port; null: not yet. */
  readonly sent_at: number | null;
}
