import type { Rule } from '../rules/model.js';

export interface CompiledRule {
  readonly name: string;
  readonly version: number;
  readonly source: Rule;
}
