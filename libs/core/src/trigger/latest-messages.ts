import type { LatestMessage, Run } from '../customer/customer-state.js';
import type { EventSnapshot } from '../event/event.js';

/** Remembers the message as the run's latest of its template; only those are kept that an occasion of the rule names. */
export function rememberLatest(run: Run, template: string, id: string): void {
  const others = run.latest.filter((known) => known.template !== template);
  run.latest = [...others, { template, id, gone: false }];
}

export function latestOf(run: Run, template: string): LatestMessage | undefined {
  return run.latest.find((known) => known.template === template);
}

/**
 * Whether a `Message …` event is about the run's latest message of this template. Kairos names the message; an event of
 * another program (a recording, say) may leave out its id, the rule or the run, and is believed to mean the latest.
 */
export function isLatestMessage(run: Run, template: string, { properties }: EventSnapshot): boolean {
  const latest = latestOf(run, template);
  if (latest === undefined) return false;
  const { message_id: id, rule, run: occurrence } = properties;
  if (id !== undefined && id !== null) return id === latest.id;
  return says(rule, run.rule) && says(occurrence, run.occurrence ?? run.start.id);
}

function says(value: unknown, expected: string): boolean {
  return value === undefined || value === null || value === expected;
}
