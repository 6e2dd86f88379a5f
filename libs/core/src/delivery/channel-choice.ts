import type { Category, Channel } from '../rules/model.js';
import { CHANNELS } from '../rules/model.js';
import type { PlannedMessage } from '../trigger/effects.js';
import { addressOf, sameAddress } from './address.js';
import type { ChannelCandidate, DeliveryCustomer, Reason } from './decision.js';
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
  /** Why there is none; null where there is one. */
  readonly reason: Extract<Reason, 'no_channel' | 'no_consent' | 'no_address' | 'address_suppressed'> | null;
}

/**
 * Check 3 of delivery.md: the step's channels (or all of the workspace that the template has), minus those without
 * consent, without an address, suppressed; the customer's `preferred_channel` first, then the workspace's order.
 * Candidates are taken away in that order, and the one that takes the last gives the reason.
 */
export function chooseChannel(
  message: PlannedMessage,
  customer: DeliveryCustomer,
  category: Category,
  policy: DeliveryPolicy,
): ChannelChoice {
  const templateHas = policy.templateChannels.get(message.template);
  const usable: UsableChannel[] = [];
  const candidates: ChannelCandidate[] = [];
  let furthest = 0;
  for (const channel of inOrderOfPreference(message, customer, policy)) {
    const address = addressOf(channel, customer.id, customer.traits) ?? (policy.assumeConsent ? '' : null);
    const outcome = !policy.settings.channels.includes(channel)
      ? 'not_in_workspace'
      : templateHas?.has(channel) !== true
        ? 'template_lacks_it'
        : !hasConsent(customer, message.category, category, channel, policy.assumeConsent)
          ? 'no_consent'
          : address === null
            ? 'no_address'
            : customer.suppressed.some((one) => one.channel === channel && sameAddress(channel, one.address, address))
              ? 'address_suppressed'
              : usable.push({ channel, address }) === 1
                ? 'chosen'
                : 'possible';
    // Without `channels` a channel that the template does not have was never a candidate: not worth a line in "why".
    if (outcome === 'template_lacks_it' && message.channels === null) continue;
    candidates.push({ channel, outcome });
    furthest = Math.max(furthest, STAGES.indexOf(outcome));
  }
  return { usable, candidates, reason: usable.length > 0 ? null : (REASON_OF_STAGE[furthest] ?? 'no_channel') };
}

/** How far a channel came. */
const STAGES: readonly ChannelCandidate['outcome'][] = [
  'not_in_workspace',
  'template_lacks_it',
  'no_consent',
  'no_address',
  'address_suppressed',
];
const REASON_OF_STAGE = ['no_channel', 'no_channel', 'no_consent', 'no_address', 'address_suppressed'] as const;

function inOrderOfPreference(
  message: PlannedMessage,
  customer: DeliveryCustomer,
  policy: DeliveryPolicy,
): readonly Channel[] {
  const known = policy.settings.channels;
  const foreign =
    message.channels === null
      ? []
      : CHANNELS.filter((channel) => message.channels?.includes(channel) && !known.includes(channel));
  const own = message.channels === null ? known : known.filter((channel) => message.channels?.includes(channel));
  const preferred = own.find((channel) => channel === customer.traits['preferred_channel']);
  const ordered = preferred === undefined ? own : [preferred, ...own.filter((channel) => channel !== preferred)];
  return foreign.length === 0 ? ordered : [...ordered, ...foreign];
}

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
