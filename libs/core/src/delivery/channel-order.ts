import { CHANNELS, type Channel } from '../rules/model.js';
import type { PlannedMessage } from '../trigger/effects.js';
import type { ChannelEngagement, ChannelOrder, DeliveryCustomer } from './decision.js';
import type { DeliveryPolicy } from './delivery-policy.js';

/** Engagement says something from so many messages on, received on so many channels (delivery.md, 3). */
const LEAST_RECEIVED = 3;
const LEAST_CHANNELS = 2;

export interface OrderedChannels {
  /** Those of the step, or all of the workspace; those that the workspace does not have come last. */
  readonly channels: readonly Channel[];
  readonly by: ChannelOrder;
}

/**
 * The order in which channels are tried: the customer's explicit choice, then what she was seen to use, then that of
 * her segment, then the workspace's. The `channels` of a step choose, they do not order.
 */
export function orderChannels(
  message: Pick<PlannedMessage, 'channels'>,
  customer: DeliveryCustomer,
  policy: DeliveryPolicy,
  now: number,
): OrderedChannels {
  const { channels: known } = policy.settings;
  const wanted = message.channels;
  const { order, by } = defaultOrder(customer, policy, now);
  const own = wanted === null ? order : order.filter((channel) => wanted.includes(channel));
  const foreign = wanted === null ? [] : CHANNELS.filter((each) => wanted.includes(each) && !known.includes(each));
  const chosen = own.find((channel) => channel === choiceOf(customer));
  if (chosen === undefined) return { channels: [...own, ...foreign], by };
  return { channels: [chosen, ...own.filter((channel) => channel !== chosen), ...foreign], by: 'choice' };
}

/** The preference centre's, else the trait `preferred_channel`. */
export function choiceOf({ preferences, traits }: DeliveryCustomer): unknown {
  return preferences?.channel ?? traits['preferred_channel'];
}

function defaultOrder(
  customer: DeliveryCustomer,
  policy: DeliveryPolicy,
  now: number,
): { readonly order: readonly Channel[]; readonly by: ChannelOrder } {
  const { channels: known, channelsBySegment } = policy.settings;
  const ofSegment = channelsBySegment.find(({ segment }) => customer.inSegment(segment, now));
  const usual =
    ofSegment === undefined ? known : firstThese(ofSegment.channels, known).filter((each) => known.includes(each));
  const reached = customer.engagement.filter(({ channel, received }) => received > 0 && known.includes(channel));
  const received = reached.reduce((sum, each) => sum + each.received, 0);
  // On a channel where nobody ever answered there is nothing to measure: it keeps its usual place.
  const measured = reached.filter(({ interacted }) => interacted > 0);
  if (measured.length === 0 || reached.length < LEAST_CHANNELS || received < LEAST_RECEIVED)
    return { order: usual, by: ofSegment === undefined ? 'workspace' : 'segment' };
  measured.sort((a, b) => compareEngagement(a, b) || usual.indexOf(a.channel) - usual.indexOf(b.channel));
  return {
    order: firstThese(
      measured.map(({ channel }) => channel),
      usual,
    ),
    by: 'engagement',
  };
}

/** By the share that was answered, in whole numbers; ties to the latest. */
function compareEngagement(a: ChannelEngagement, b: ChannelEngagement): number {
  return b.interacted * a.received - a.interacted * b.received || b.latest - a.latest;
}

function firstThese(first: readonly Channel[], all: readonly Channel[]): readonly Channel[] {
  return [...first, ...all.filter((channel) => !first.includes(channel))];
}
