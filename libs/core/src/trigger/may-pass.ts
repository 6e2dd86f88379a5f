/** What may pass is tried again as it is, and nothing of it is put aside (engine.md, Poison). */
export function mayPass(error: unknown): boolean {
  return (error as { readonly retryable?: unknown } | null)?.retryable === true;
}
