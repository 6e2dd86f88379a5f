/** A run or message keeps a rule version that the given rulesets do not hold. Load it (rule versions are never deleted) and evaluate again. */
export class MissingRuleVersionError extends Error {
  readonly code = 'missing_rule_version';
  readonly retryable = true;
  readonly details: { readonly rule: string; readonly version: number };

  constructor(rule: string, version: number) {
    super(`version ${version} of rule ${rule} is not loaded`);
    this.name = 'MissingRuleVersionError';
    this.details = { rule, version };
  }
}
