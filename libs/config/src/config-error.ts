/** All problems of the environment at once, each with the variable, what is wrong and what to write. */
export class ConfigError extends Error {
  readonly code = 'config';
  readonly retryable = false;

  constructor(readonly problems: readonly string[]) {
    super(
      problems.length === 1
        ? problems[0]
        : `${problems.length} settings cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}
