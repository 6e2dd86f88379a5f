/** An error for the person at the terminal: those that Kairos expects have a sentence with the cure, others their trace. */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return `kairos: ${String(error)}`;
  const expected = 'retryable' in error && typeof (error as { code?: unknown }).code === 'string';
  return `kairos: ${expected ? error.message : (error.stack ?? error.message)}`;
}
