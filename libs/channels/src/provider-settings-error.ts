/** The providers of a workspace cannot be made; all reasons at once, each with what to write. Secrets are not repeated. */
export class ProviderSettingsError extends Error {
  readonly code = 'provider_settings';
  readonly retryable = false;

  constructor(readonly problems: readonly string[]) {
    const list = problems.map((problem) => `  - ${problem}`).join('\n');
    super(problems.length === 1 ? problems[0] : `${problems.length} providers cannot be used:\n${list}`);
    this.name = 'ProviderSettingsError';
  }
}
