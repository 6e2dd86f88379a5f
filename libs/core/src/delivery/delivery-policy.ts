import type { Cap, Category, Channel, Settings, Workspace } from '../rules/model.js';
import { longestPeriodMs } from '../time/calendar.js';
import { findZone, type Zone } from '../time/zone.js';

export interface PolicyOptions {
  /** Customers without a recorded consent have given it, those without an address have one; refusals still hold. */
  readonly assumeConsent?: boolean;
}

/** What a decision needs of the workspace, looked up once. */
export interface DeliveryPolicy {
  readonly settings: Settings;
  readonly zone: Zone;
  /** Channels on which each template can leave. */
  readonly templateChannels: ReadonlyMap<string, ReadonlySet<Channel>>;
  readonly assumeConsent: boolean;
  /** ms: a slot that ended longer ago than this no cap can see. */
  readonly capReachMs: number;
  /** ms: content that was sent longer ago than this no check can see. */
  readonly contentReachMs: number;
}

/** Throws RangeError where the workspace's own time zone is unknown: reading the workspace refuses it. */
export function deliveryPolicy(workspace: Workspace, options: PolicyOptions = {}): DeliveryPolicy {
  const { settings } = workspace;
  const zone = findZone(settings.timeZone);
  if (zone === null) throw new RangeError(`unknown time zone "${settings.timeZone}"`);
  const templates = Object.values(workspace.templates);
  return {
    settings,
    zone,
    templateChannels: new Map(templates.map((template) => [template.name, new Set(template.channels)])),
    assumeConsent: options.assumeConsent ?? false,
    capReachMs: Math.max(0, ...settings.caps.map(reachOf)),
    contentReachMs: Math.max(
      FORGOTTEN.sameContentMs ?? 0,
      ...Object.values(settings.categories).map((category) => category.sameContentMs ?? 0),
    ),
  };
}

function reachOf(cap: Cap): number {
  return cap.window.kind === 'rolling' ? cap.window.durationMs : longestPeriodMs(cap.window.unit);
}

/**
 * A category that kairos.yaml no longer has, while messages planned before are still open: the strictest reading, so
 * that removing a name never lets more through.
 */
const FORGOTTEN: Category = {
  name: '',
  consent: 'opt-in',
  countsTowardCaps: true,
  ignoresCaps: false,
  ignoresQuietHours: false,
  whenUnknown: 'hold',
  sameContentMs: 18 * 3_600_000,
};

export function categoryOf(policy: DeliveryPolicy, name: string): Category {
  return Object.hasOwn(policy.settings.categories, name) ? (policy.settings.categories[name] ?? FORGOTTEN) : FORGOTTEN;
}
