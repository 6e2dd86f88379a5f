import type { CustomerEvent } from '../event/event.js';
import { CHANNELS, type Channel } from '../rules/model.js';
import type { ChannelEngagement } from './decision.js';

/** Engagement looks back so far (delivery.md, The decision, 3). */
const REACH_MS = 90 * 86_400_000;
const ANSWERS: readonly string[] = ['Message Opened', 'Message Clicked', 'Message Replied'];

interface ReceivedMessage {
  /** `message_id`, or what else names it: template, rule and run. */
  readonly names: readonly string[];
  readonly channel: Channel;
  readonly at: number;
  /** ms; the latest answer, null: none. */
  answeredAt: number | null;
}

/**
 * What became of one customer's messages over the last 90 days, from the `Message …` events of the stream: received on a
 * channel by `Message Sent`, interacted with by openings, clicks and replies of her own. For those who have no ledger.
 */
export class EngagementRecord {
  #messages: ReceivedMessage[] = [];

  /** Takes note of an event; others than `Message …` change nothing. Machine opens and bot clicks never count. */
  note({ name, time, properties }: Pick<CustomerEvent, 'name' | 'time' | 'properties'>): void {
    if (name === 'Message Sent') {
      const channel = CHANNELS.find((known) => known === properties['channel']);
      if (channel === undefined) return;
      this.#forget(time);
      this.#messages.push({ names: namesOf(properties), channel, at: time, answeredAt: null });
    } else if (name !== null && ANSWERS.includes(name) && properties['machine'] !== true) {
      const message = this.#meant(properties);
      if (message !== undefined) message.answeredAt = Math.max(time, message.answeredAt ?? time);
    }
  }

  /** Takes over what became of messages to another id of the same customer. */
  join(other: EngagementRecord): void {
    this.#messages = [...this.#messages, ...other.#messages].sort((a, b) => a.at - b.at);
  }

  /** By channel, of messages less than 90 days old at `now` (ms); channels without any are absent. */
  at(now: number): readonly ChannelEngagement[] {
    const found = new Map<Channel, { received: number; interacted: number; answered: number; sent: number }>();
    for (const { channel, at, answeredAt } of this.#messages) {
      if (at > now || now - at >= REACH_MS) continue;
      const sum = found.get(channel) ?? { received: 0, interacted: 0, answered: -Infinity, sent: -Infinity };
      sum.received++;
      sum.sent = Math.max(sum.sent, at);
      if (answeredAt !== null && answeredAt <= now) {
        sum.interacted++;
        sum.answered = Math.max(sum.answered, answeredAt);
      }
      found.set(channel, sum);
    }
    return [...found].map(([channel, { received, interacted, answered, sent }]) => ({
      channel,
      received,
      interacted,
      latest: interacted > 0 ? answered : sent,
    }));
  }

  /** The latest message that the event may mean: by its id, else by what else it says of it. */
  #meant(properties: CustomerEvent['properties']): ReceivedMessage | undefined {
    const names = namesOf(properties);
    return (
      this.#messages.findLast((message) => names.length > 0 && names[0] === message.names[0]) ??
      (typeof properties['message_id'] === 'string'
        ? undefined
        : this.#messages.findLast(({ names: known }) => names.every((name) => known.includes(name))))
    );
  }

  #forget(now: number): void {
    if (this.#messages.length > 0 && now - this.#messages[0]!.at >= REACH_MS)
      this.#messages = this.#messages.filter(({ at }) => now - at < REACH_MS);
  }
}

const FIELDS = ['message_id', 'template', 'rule', 'run', 'channel'] as const;

function namesOf(properties: CustomerEvent['properties']): string[] {
  return FIELDS.flatMap((field) => {
    const value = properties[field];
    return typeof value === 'string' ? [`${field} ${value}`] : [];
  });
}
