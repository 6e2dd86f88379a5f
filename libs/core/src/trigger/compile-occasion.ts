import type { Run } from '../customer/customer-state.js';
import type { MessageOccasion, Occasion } from '../rules/model.js';
import type { CompiledOccasion } from './compiled-rule.js';
import { compileOptional } from './conditions/compile-condition.js';
import type { ConditionContext, Test } from './conditions/condition-context.js';
import type { CounterPlans } from './conditions/history.js';
import { isLatestMessage } from './latest-messages.js';
import { changeName, type Occurrence } from './occurrence.js';

const NONE: ReadonlySet<string> = new Set();

/** Names of the events by which a run hears of its messages (events.md). */
const MESSAGE_EVENT_NAMES: { readonly [kind in MessageOccasion['kind']]: readonly string[] } = {
  sent: ['Message Sent'],
  delivered: ['Message Delivered'],
  opened: ['Message Opened'],
  clicked: ['Message Clicked'],
  replied: ['Message Replied'],
  failed: ['Message Bounced', 'Message Failed'],
};

export function compileOccasion(occasion: Occasion, counters: CounterPlans): CompiledOccasion {
  switch (occasion.kind) {
    case 'event': {
      const where = compileOptional(occasion.where, counters);
      return { names: new Set(occasion.events), changes: NONE, where, template: null };
    }
    case 'enters':
    case 'leaves':
      return {
        names: NONE,
        changes: new Set([changeName(occasion.kind, occasion.segment)]),
        where: null,
        template: null,
      };
    default: {
      const { kind, template } = occasion;
      const names = new Set(MESSAGE_EVENT_NAMES[kind]);
      return { names, changes: NONE, where: isAbout(template), template };
    }
  }
}

/** Machine opens and bot clicks never count. */
function isAbout(template: string): Test {
  return ({ event }) => event?.properties['template'] === template && event.properties['machine'] !== true;
}

/** Whether what happens, which is in the context, is one of these occasions of this run; null: of any run. */
export function isAnyOf(
  occasions: readonly CompiledOccasion[],
  occurrence: Occurrence,
  context: ConditionContext,
  run: Run | null,
): boolean {
  for (const { names, changes, where, template } of occasions) {
    if (!mayBe(names, changes, occurrence) || (where !== null && !where(context))) continue;
    if (template === null || run === null || isLatestMessage(run, template, occurrence.event)) return true;
  }
  return false;
}

/** Whether these occasions listen to what happens, by its name alone. */
export function mayBe(names: ReadonlySet<string>, changes: ReadonlySet<string>, occurrence: Occurrence): boolean {
  if (occurrence.kind === 'event') return names.has(occurrence.name);
  return changes.size > 0 && changes.has(changeName(occurrence.kind, occurrence.name));
}
