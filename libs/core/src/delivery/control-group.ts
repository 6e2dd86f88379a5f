import { drawChance } from '../trigger/chance.js';
import type { PlannedMessage } from '../trigger/effects.js';
import type { DeliveryPolicy } from './delivery-policy.js';

/** The category that `control group` is about (rule-language.md, kairos.yaml). */
const PROMOTIONAL = 'promotional';

/**
 * Whether this customer is among those who never get anything promotional. Drawn like a holdout, for no rule in
 * particular, so a larger share keeps its members.
 */
export function isInControlGroup(
  message: Pick<PlannedMessage, 'category' | 'customer'>,
  { settings }: Pick<DeliveryPolicy, 'settings'>,
): boolean {
  if (settings.controlGroup === 0 || message.category !== PROMOTIONAL) return false;
  return drawChance(settings.salt, 'control group', '', message.customer) < settings.controlGroup;
}
