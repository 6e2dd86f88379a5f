import type { EventProblem } from '#core';
import type { Clock, Log } from '#engine';

/** One line a reason in this time, ms. */
const EVERY_MS = 10 * 60_000;
/** A client can make up fields, and so reasons; what is more than these is one. */
const MAX_REASONS = 200;

/** The fields of a call: others are the client's own words, and may be anything of a customer. */
const FIELDS =
  /^(?:type|event|userId|anonymousId|previousId|messageId|timestamp|originalTimestamp|sentAt|properties|traits|context(?:\.(?:traits|device(?:\.token)?|consent(?:\.categoryPreferences)?))?)(?![^.])/;

interface Refused {
  readonly field: string;
  readonly reason: string;
  events: number;
  /** When the latest line was written, ms; null: none yet. */
  said: number | null;
}

/**
 * Says in the log what clients were told about events that can never be taken: where and why, once in a while for each
 * reason, with how many there were since. Nothing of what they sent: the answer to the client names the event.
 */
export class RefusalLog {
  private readonly refused = new Map<string, Refused>();

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  note(problems: readonly EventProblem[]): void {
    for (const problem of problems) this.count(problem);
    const now = this.clock.now();
    for (const entry of this.refused.values()) if (isDue(entry, now)) this.say(entry, now);
  }

  private count({ field, reason }: EventProblem): void {
    const place = FIELDS.exec(field)?.[0] ?? (field === '' ? '' : 'a field that is no part of a call');
    // How large it was is another number each time.
    const words = reason.replace(/^is \d+ bytes/, 'is too many bytes');
    let key = `${place} ${words}`;
    if (!this.refused.has(key) && this.refused.size >= MAX_REASONS) key = 'more';
    const entry = this.refused.get(key) ?? { field: place, reason: words, events: 0, said: null };
    entry.events++;
    this.refused.set(key, entry);
  }

  private say(entry: Refused, now: number): void {
    const { field, reason, events } = entry;
    this.log.warn('events were refused, the answer says which: their sender has to mend them', {
      field: field === '' ? 'the event itself' : field,
      reason,
      events,
    });
    entry.events = 0;
    entry.said = now;
  }
}

function isDue({ events, said }: Refused, now: number): boolean {
  return events > 0 && (said === null || now - said >= EVERY_MS);
}
