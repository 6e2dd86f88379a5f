import { textFingerprint } from '../customer/text-hash.js';
import type { CustomerEvent } from '../event/event.js';
import { CHANNELS, type Channel } from '../rules/model.js';
import type { ChannelEngagement } from './decision.js';

/** Engagement looks back so far (delivery.md, The decision, 3). */
const REACH_MS = 90 * 86_400_000;
/** Of one customer; the oldest go first. More than five a day for all of the time it looks back, and 10 kB. */
const MOST_MESSAGES = 512;
const ANSWERS: readonly string[] = ['Message Opened', 'Message Clicked', 'Message Replied'];

export interface ReceivedMessage {
  /** `textFingerprint` of the message's id; null: somebody else sent it, as a recording says. */
  readonly id: number | null;
  readonly channel: Channel;
  /** ms; accepted by the provider. */
  readonly at: number;
  /** ms; the latest answer, null: none. */
  readonly answeredAt: number | null;
  /** By what recordings name it; null where the ledger keeps the record, which has ids. */
  readonly said: { readonly template: string; readonly rule: string | null } | null;
}

/**
 * What became of one customer's messages over the last 90 days: received on a channel, interacted with by openings,
 * clicks and replies of her own. The ledger says it by ids and keeps it in the locked contact row, a simulation by the
 * `Message …` events of its recording.
 */
export class EngagementRecord {
  #messages: readonly ReceivedMessage[];
  #changed = false;

  constructor(messages: readonly ReceivedMessage[] = []) {
    this.#messages = messages;
  }

  get messages(): readonly ReceivedMessage[] {
    return this.#messages;
  }

  /** Something was noted that was not there before. */
  get changed(): boolean {
    return this.#changed;
  }

  /** A provider accepted it. @param at ms */
  received(messageId: string, channel: Channel, at: number): void {
    this.#add({ id: textFingerprint(messageId), channel, at, answeredAt: null, said: null });
  }

  /** @param channel where it was answered; null: where it left last */
  answered(messageId: string, channel: Channel | null, at: number): void {
    this.#answer(this.#withId(messageId, channel), at);
  }

  /**
   * Takes note of an event of a recording; others than `Message …` change nothing. Machine opens and bot clicks never
   * count. An answer that names no message we know is about the latest received one that it describes.
   */
  note({ name, time, properties }: Pick<CustomerEvent, 'name' | 'time' | 'properties'>): void {
    if (name === 'Message Sent') this.#noteSent(properties, time);
    else if (name !== null && ANSWERS.includes(name) && !isByMachine(properties))
      this.#answer(this.#meant(properties), time);
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
      if (answeredAt !== null) {
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

  #noteSent(properties: CustomerEvent['properties'], at: number): void {
    const { message_id: named, template, rule } = properties;
    const channel = CHANNELS.find((known) => known === properties['channel']);
    if (channel === undefined) return;
    this.#add({
      id: typeof named === 'string' ? textFingerprint(named) : null,
      channel,
      at,
      answeredAt: null,
      said: typeof template === 'string' ? { template, rule: typeof rule === 'string' ? rule : null } : null,
    });
  }

  #add(message: ReceivedMessage): void {
    const { id, channel, at } = message;
    if (id !== null && this.#messages.some((known) => known.id === id && known.channel === channel)) return;
    const kept = this.#messages.filter((known) => at - known.at < REACH_MS);
    this.#messages = [...kept, message].slice(-MOST_MESSAGES);
    this.#changed = true;
  }

  #answer(message: ReceivedMessage | undefined, at: number): void {
    if (message === undefined || (message.answeredAt !== null && message.answeredAt >= at)) return;
    this.#messages = this.#messages.map((known) => (known === message ? { ...known, answeredAt: at } : known));
    this.#changed = true;
  }

  #meant(properties: CustomerEvent['properties']): ReceivedMessage | undefined {
    const { message_id: named, template, rule, channel } = properties;
    const byId =
      typeof named === 'string' ? this.#withId(named, CHANNELS.find((known) => known === channel) ?? null) : undefined;
    if (byId !== undefined || typeof template !== 'string') return byId;
    return this.#messages.findLast(
      ({ said, channel: on }) =>
        said?.template === template && (rule ?? said.rule) === said.rule && (channel ?? on) === on,
    );
  }

  #withId(messageId: string, channel: Channel | null): ReceivedMessage | undefined {
    const id = textFingerprint(messageId);
    const own = this.#messages.filter((known) => known.id === id);
    return own.findLast((known) => known.channel === channel) ?? own.at(-1);
  }
}

/** Opened by a mail program before anybody read it, or clicked by a scanner. */
export function isByMachine(properties: CustomerEvent['properties']): boolean {
  return properties['machine'] === true || properties['bot'] === true;
}
