import type { CustomerState } from '../customer/customer-state.js';
import { textHash } from '../customer/text-hash.js';
import type { EventSnapshot } from '../event/event.js';
import type { Rule, Start } from '../rules/model.js';
import type { CompiledRule } from './compiled-rule.js';
import type { Effects } from './effects.js';
import { beginEvaluation, type EvaluateOptions } from './evaluation.js';
import { adoptRuleset } from './follow-customer.js';
import type { Ruleset, Rulesets } from './ruleset.js';
import { considerStart } from './start-run.js';
import { tidyState } from './tidy-state.js';

/** Whether a customer can be inside such a start before anything happens: only what lasts can be found there. */
export function lasts({ kind }: Start): boolean {
  return kind === 'enters' || kind === 'inactive';
}

/** Why nobody can be inside any start of this rule, and what to write instead; null: somebody can. */
export function whyNobodyIsInside({ starts }: Rule): string | null {
  if (starts.some(lasts)) return null;
  return [...new Set(starts.map(whyNot))].join('; ');
}

function whyNot(start: Start): string {
  switch (start.kind) {
    case 'enters':
    case 'inactive':
      return '';
    case 'leaves':
      return `\`leaves: ${start.segment}\` is a moment, and who is outside now may never have been inside: make a segment of those you mean and start with \`enters\``;
    case 'date':
    case 'every':
      return `\`${start.kind}\` is a moment, and nobody is inside a moment that has passed: make a segment (\`within last\` on the date) and start with \`enters\``;
    case 'item event':
      return '`item event` is a moment: send the event about the thing once more (kairos events send)';
    default:
      return 'an event is over as soon as it has happened: make a segment (`has done: { event: …, within: … }`) and start with `enters`';
  }
}

/**
 * Whether the customer is inside a start of this rule as the state stands: a member of the segment that it waits to be
 * entered, or silent for longer already. The ruleset meets the state first, silently, as publishing has it.
 * @param logTime where the stream is, ms
 * @returns `changed`: the state must be written
 */
export function findInside(
  rulesets: Rulesets,
  state: CustomerState,
  rule: string,
  logTime: number,
): { readonly inside: boolean; readonly changed: boolean } {
  const changed = adoptRuleset(rulesets, state, logTime);
  const compiled = rulesets.current.rule(rule);
  return { inside: compiled !== undefined && insideOf(rulesets.current, state, compiled, logTime) !== null, changed };
}

/**
 * Starts the rule for a customer who is inside already, as of `logTime`: `who`, `again`, `active`, a run under way and
 * the holdout are judged as for any start. Appends to `effects`.
 * @param logTime where the stream is, ms: the run begins then, whenever she came inside
 * @returns `outside`: she has left since
 * @throws MissingRuleVersionError; the state is then half changed and must be thrown away
 */
// eslint-disable-next-line max-params -- the sixth has a default; only who counts beforehand gives it
export function startExisting(
  rulesets: Rulesets,
  state: CustomerState,
  rule: string,
  logTime: number,
  effects: Effects,
  options: EvaluateOptions = {},
): 'started' | 'refused' | 'outside' {
  const { current } = rulesets;
  adoptRuleset(rulesets, state, logTime);
  const compiled = current.rule(rule);
  const snapshot = compiled === undefined ? null : insideOf(current, state, compiled, logTime);
  if (compiled === undefined || snapshot === null) return 'outside';
  const evaluation = beginEvaluation(rulesets, state, effects, options, logTime);
  const before = effects.traces.length;
  considerStart(evaluation, { rule: compiled, key: null, time: logTime, lateness: 0, snapshot, event: null });
  tidyState(current, state, logTime, options);
  return effects.traces.slice(before).some(({ kind }) => kind === 'started') ? 'started' : 'refused';
}

/** Whether the customer was asked for this already: as `findInside` found her then it stays. */
export function wasAsked(state: CustomerState, request: string): boolean {
  return state.seen.has(textHash(request));
}

/** For whoever asks customers one after the other while the stream goes on. @param logTime as `findInside` */
export function rememberStartAsked(state: CustomerState, request: string, logTime: number): void {
  if (!wasAsked(state, request)) state.seen.add(textHash(request), logTime);
}

/** Whether what the rule's starts lean on is still being read from the history. */
export function isFilling(rule: CompiledRule, warming: ReadonlySet<number>): boolean {
  if (warming.size === 0) return false;
  return [...rule.needs, ...rule.silences.map(({ fingerprint }) => fingerprint)].some((each) => warming.has(each));
}

/** What `start` means in her run, by the first of the rule's starts that she is inside; null: none. */
function insideOf(current: Ruleset, state: CustomerState, rule: CompiledRule, now: number): EventSnapshot | null {
  for (const [place, start] of rule.source.starts.entries()) {
    if (start.kind === 'enters' && isMember(current, state, start.segment))
      return { id: '', name: null, time: now, properties: {} };
    if (start.kind === 'inactive') {
      const plan = rule.silences.find((silence) => silence.place === place)!;
      const silence = state.silences.get(plan.fingerprint);
      if (silence?.over === true) return silence.last;
    }
  }
  return null;
}

function isMember({ segments }: Ruleset, { computed }: CustomerState, name: string): boolean {
  const plan = segments.find((segment) => segment.name === name);
  return plan !== undefined && computed.memberships.get(plan.fingerprint)?.inside === true;
}
