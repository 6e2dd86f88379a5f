import type { Settings } from '../rules/model.js';
import type { CompiledRule } from './compiled-rule.js';

/** A published workspace, ready to run. */
export interface Ruleset {
  readonly number: number;
  readonly settings: Settings;
  /** Sorted by name. */
  readonly rules: readonly CompiledRule[];
  /** Whether an event of this type and name (of track calls) can matter to any rule, counter or profile. */
  concerns(type: string, name: string | null): boolean;
}

/** The ruleset in force, and the older rule versions that runs still keep. */
export interface Rulesets {
  readonly current: Ruleset;
  /** undefined: unknown here; runs of such a version stand still. */
  rule(name: string, version: number): CompiledRule | undefined;
  /** As `Ruleset.concerns`, for the current ruleset and all older ones that are loaded. */
  concerns(type: string, name: string | null): boolean;
}
