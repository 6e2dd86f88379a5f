import type { Cap, Category } from '../rules/model.js';
import type { ContactPreferences, DeliveryCustomer } from './decision.js';
import type { DeliveryPolicy } from './delivery-policy.js';

const DAY_MS = 86_400_000;

/** Nothing chosen. */
export const NO_PREFERENCES: ContactPreferences = {
  channel: null,
  only: false,
  off: [],
  quiet: null,
  pausedUntil: null,
  cap: null,
  endedPauses: {},
};

/** "Fewer messages" as a cap like those of kairos.yaml: categories that ignore caps, or do not count, are outside of it. */
export function personalCap({ atMost, days }: NonNullable<ContactPreferences['cap']>): Cap {
  return {
    atMost,
    window: { kind: 'rolling', durationMs: days * DAY_MS },
    category: null,
    channel: null,
    label: `${atMost} per ${days} days, as the customer wishes`,
  };
}

/** The workspace's policy with the customer's own cap; the same object where she has none. */
export function policyOfCustomer(policy: DeliveryPolicy, preferences: ContactPreferences | null): DeliveryPolicy {
  if (preferences?.cap == null) return policy;
  const { settings } = policy;
  return {
    ...policy,
    settings: { ...settings, caps: [...settings.caps, personalCap(preferences.cap)] },
    capReachMs: Math.max(policy.capReachMs, preferences.cap.days * DAY_MS),
  };
}

/**
 * Until when a category is paused, ms; null: it is not. Her own pause holds for everything that asks for consent, and no
 * rule ends it; she ends those of rules. The later one holds.
 */
export function pauseOf(
  { preferences, pausedUntil }: Pick<DeliveryCustomer, 'preferences' | 'pausedUntil'>,
  category: Pick<Category, 'consent'>,
  name: string,
  now: number,
): number | null {
  const own = preferences?.pausedUntil ?? null;
  const holds = own !== null && own > now && category.consent !== 'none' ? own : null;
  const byRules = pausedUntil(name, now);
  const ended = preferences !== null && Object.hasOwn(preferences.endedPauses, name);
  const stands = byRules !== null && !(ended && byRules <= (preferences.endedPauses[name] ?? 0)) ? byRules : null;
  return holds === null || stands === null ? (holds ?? stands) : Math.max(holds, stands);
}
