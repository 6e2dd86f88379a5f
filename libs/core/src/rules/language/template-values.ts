import { stepsOf } from '../branches-of.js';
import type { Rule } from '../model.js';

/** What one `send` gives to a template, beside what every template sees. */
export interface SendValues {
  readonly rule: string;
  /** Place of the step (rule-language.md, Exact meaning 16). */
  readonly step: string;
  /** Names under `with`. */
  readonly with: ReadonlySet<string>;
  /** Names given by `as` in that rule. */
  readonly named: ReadonlySet<string>;
}

/** By template, for all templates that some rule sends: every send of it by itself. */
export function templateValues(rules: readonly Rule[]): ReadonlyMap<string, readonly SendValues[]> {
  const found = new Map<string, SendValues[]>();
  for (const { name: rule, steps } of rules) {
    const all = [...stepsOf(steps)];
    const named = new Set(all.flatMap(({ step }) => (step.kind === 'wait for' && step.as !== null ? [step.as] : [])));
    for (const { path, step } of all) {
      if (step.kind !== 'send') continue;
      const values = { rule, step: path, with: new Set(Object.keys(step.with ?? {})), named };
      for (const { template } of step.variants) {
        if (template === null) continue;
        const sends = found.get(template);
        if (sends === undefined) found.set(template, [values]);
        else sends.push(values);
      }
    }
  }
  return found;
}
