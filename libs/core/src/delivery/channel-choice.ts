import type { Category, Channel } from '../rules/model.js';
import type { PlannedMessage } from '../trigger/effects.js';
import { devicesOf, sameAddress } from './address.js';
import { orderChannels } from './channel-order.js';
import type { ChannelCandidate, ChannelOrder, DeliveryCustomer, Reason } from './decision.js';
import type { DeliveryPolicy } from './delivery-policy.js';

export interface UsableChannel {
  readonly channel: Channel;
  readonly address: string;
}

export interface ChannelChoice {
  /** Those on which it may leave, best first. */
  readonly usable: readonly UsableChannel[];
  /** Every channel that was looked at, in the order of preference, and why it fell out. */
  readonly candidates: readonly ChannelCandidate[];
  readonly by: ChannelOrder;
  /** Why there is none; null where there is one. */
  readonly reason: Extract<
    Reason,
    'no_channel' | 'no_consent' | 'no_address' | 'address_suppressed' | 'channel_off'
  > | null;
}

export interface ChannelQuestion {
  readonly message: PlannedMessage;
  /** Where it left already: a fallback goes to another channel. */
  readonly sentOn: readonly Channel[];
  /** Where it failed for good. */
  readonly failedOn: readonly Channel[];
  readonly customer: DeliveryCustomer;
  readonly category: Category;
  readonly policy: DeliveryPolicy;
  /** ms. */
  readonly now: number;
}

/**
 * Check 3 of delivery.md: the step's channels (or all of the workspace that the template has), minus those without
 * consent, without an address, suppressed, switched off by the customer. Candidates are taken away in that order, and
 * the one that takes the last gives the reason.
 */
export function chooseChannel(question: ChannelQuestion): ChannelChoice {
  const { message, customer, policy, now } = question;
  const { channels, by } = orderChannels(message, customer, policy, now);
  const usable: UsableChannel[] = [];
  const candidates: ChannelCandidate[] = [];
  let furthest = 0;
  for (const channel of channels) {
    const address = bestAddress(customer, channel) ?? (policy.assumeConsent ? '' : null);
    const refusal = refuse(question, channel, address);
    const outcome = refusal ?? (usable.push({ channel, address: address! }) === 1 ? 'chosen' : 'possible');
    // Without `channels` a channel that the template does not have was never a candidate: not worth a line in "why".
    if (outcome === 'template_lacks_it' && message.channels === null) continue;
    candidates.push({ channel, outcome });
    if (!isBesideOnly(customer, channel)) furthest = Math.max(furthest, STAGES.indexOf(outcome));
  }
  if (candidates.length > 0 && candidates.every(({ channel }) => isBesideOnly(customer, channel)))
    furthest = STAGES.indexOf('channel_off');
  return { usable, candidates, by, reason: usable.length > 0 ? null : (REASON_OF_STAGE[furthest] ?? 'no_channel') };
}

function refuse(
  { message, sentOn, failedOn, customer, category, policy }: ChannelQuestion,
  channel: Channel,
  address: string | null,
): Exclude<ChannelCandidate['outcome'], 'chosen' | 'possible'> | null {
  const { preferences } = customer;
  if (!policy.settings.channels.includes(channel)) return 'not_in_workspace';
  if (policy.templateChannels.get(message.template)?.has(channel) !== true) return 'template_lacks_it';
  if (sentOn.includes(channel)) return 'sent_before';
  if (failedOn.includes(channel)) return 'failed_before';
  if (isBesideOnly(customer, channel)) return 'channel_off';
  if (!hasConsent(customer, message.category, category, channel, policy.assumeConsent)) return 'no_consent';
  if (address === null) return 'no_address';
  if (isSuppressed(customer, channel, address)) return 'address_suppressed';
  return preferences?.off.includes(channel) === true ? 'channel_off' : null;
}

/** The device registered last that is not suppressed; a suppressed one where all are. */
function bestAddress(customer: DeliveryCustomer, channel: Channel): string | null {
  const addresses = devicesOf(channel, customer.id, customer.traits).map(({ address }) => address);
  return addresses.find((address) => !isSuppressed(customer, channel, address)) ?? addresses[0] ?? null;
}

function isSuppressed({ suppressed }: DeliveryCustomer, channel: Channel, address: string): boolean {
  return suppressed.some((one) => one.channel === channel && sameAddress(channel, one.address, address));
}

/** Of "only this one" the others are no candidates: why nothing is sent must be that one's reason. */
function isBesideOnly({ preferences }: DeliveryCustomer, channel: Channel): boolean {
  return preferences?.only === true && preferences.channel !== null && preferences.channel !== channel;
}

/** How far a channel came. */
const STAGES: readonly ChannelCandidate['outcome'][] = [
  'not_in_workspace',
  'template_lacks_it',
  'sent_before',
  'failed_before',
  'no_consent',
  'no_address',
  'address_suppressed',
  'channel_off',
];
const REASON_OF_STAGE = [
  'no_channel',
  'no_channel',
  'no_channel',
  'no_channel',
  'no_consent',
  'no_address',
  'address_suppressed',
  'channel_off',
] as const;

function hasConsent(
  customer: DeliveryCustomer,
  name: string,
  category: Category,
  channel: Channel,
  assumed: boolean,
): boolean {
  if (category.consent === 'none') return true;
  const ofCategory = Object.hasOwn(customer.consents, name) ? customer.consents[name] : undefined;
  const recorded = ofCategory?.[channel] ?? ofCategory?.['*'];
  return recorded ?? (assumed || category.consent === 'opt-out');
}
