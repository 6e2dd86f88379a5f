import type { CustomerEvent, DeliveryDecision, Json } from '#core';

interface SentMessage {
  readonly id: string;
  readonly template: string;
  readonly rule: string;
  readonly channel: string;
  /** When it was sent, ms. */
  readonly at: number;
}

/**
 * What a simulation has sent to a customer. The ids of a recording's `Message …` events are those of other messages: such
 * an event is about the latest message sent here that has its template, and its rule and channel where it names them.
 */
export class SentMessages {
  /** The latest of each template, rule and channel, oldest first. */
  private latest: readonly SentMessage[] = [];

  note({ message: { plan }, verdict, at }: DeliveryDecision): void {
    if (verdict.kind !== 'send' || verdict.channel === 'webhook') return;
    const { id, template, rule } = plan;
    const { channel } = verdict;
    const isSame = (other: SentMessage): boolean =>
      other.template === template && other.rule === rule && other.channel === channel;
    this.latest = [...this.latest.filter((other) => !isSame(other)), { id, template, rule, channel, at }];
  }

  /** Takes over what was sent to another id of the same customer. */
  join(other: SentMessages): void {
    this.latest = [...this.latest, ...other.latest].sort((a, b) => a.at - b.at);
  }

  /** The event with the id of the message it is about; without one where it is about none. */
  resolve(event: CustomerEvent): CustomerEvent {
    if (event.name === null || !event.name.startsWith('Message ') || event.name === 'Message Suppressed') return event;
    const { message_id: named, ...properties } = event.properties;
    const isMeant = ({ id }: SentMessage): boolean => id === named;
    const about = this.latest.find(isMeant) ?? this.latest.findLast((sent) => isAbout(sent, properties));
    return about === undefined ? event : { ...event, properties: { ...properties, message_id: about.id } };
  }
}

function isAbout(sent: SentMessage, said: { readonly [name: string]: Json }): boolean {
  const { template, rule, channel } = said;
  return template === sent.template && (rule ?? sent.rule) === sent.rule && (channel ?? sent.channel) === sent.channel;
}
