import type { LatestMessage, Run } from '../customer/customer-state.js';
import type { EventSnapshot } from '../event/event.js';

/** Names of the events after which nobody will open or click a message. */
export const GONE_EVENTS: readonly string[] = ['Message Suppressed', 'Message Bounced', 'Message Failed'];

/** Remembers the message as the run's latest of its template; only those are kept that an occasion of the rule names. */
export function rememberLatest(run: Run, template: string, id: string): void {
  const others = run.latest.filter((known) => known.template !== template);
  run.latest = [...others, { template, id, gone: false }];
}

export function latestOf(run: Run, template: string): LatestMessage | undefined {
  return run.latest.find((known) => known.template === template);
}

/** Whether a `Message …` event is about the run's latest message of this template. */
export function isLatestMessage(run: Run, template: string, { properties }: EventSnapshot): boolean {
  return latestOf(run, template)?.id === properties['message_id'] && properties['message_id'] !== undefined;
}

/** Whether the event says that a message was suppressed or has failed. */
export function isGone({ name }: EventSnapshot): boolean {
  return name !== null && GONE_EVENTS.includes(name);
}

/** Takes note that a message of this run was suppressed or has failed, where it is the latest of its template. */
export function noteGone(run: Run, event: EventSnapshot): void {
  if (!isGone(event)) return;
  const { template } = event.properties;
  if (typeof template !== 'string' || !isLatestMessage(run, template, event)) return;
  run.latest = run.latest.map((known) => (known.template === template ? { ...known, gone: true } : known));
}

/** A wait for nothing but engagement with messages that are all gone. */
export function isInVain(run: Run, engagement: readonly string[]): boolean {
  return engagement.length > 0 && engagement.every((template) => latestOf(run, template)?.gone === true);
}
