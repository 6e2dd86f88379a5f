import {
  clickToken,
  customerIdOf,
  customerValues,
  decodeState,
  devicesOf,
  feedbackToken,
  newCustomerState,
  openToken,
  preferencesToken,
  sameAddress,
  unsubscribeToken,
  type Channel,
  type Device,
  type Workspace,
} from '#core';
import type { Clock } from '../ports/clock.js';
import type { OutgoingMessage } from '../ports/channel-provider.js';
import type { ReservedMessage } from '../ports/message-ledger.js';
import {
  templateEvent,
  type TemplateContext,
  type TemplateRenderer,
  type Tracking,
} from '../ports/template-renderer.js';
import type { LoadedRulesets } from '../rulesets/load-rulesets.js';
import { decodeSuppressed } from './suppressed-addresses.js';

export interface PrepareOptions {
  readonly loaded: LoadedRulesets;
  readonly renderer: TemplateRenderer;
  readonly clock: Clock;
  /** Base of links, without a slash at its end. */
  readonly publicUrl: string;
  /** Signs links. */
  readonly secret: string;
}

/**
 * Renders a reserved message (not a call) for the channel it was claimed for, as the customer is now. Throws TemplateError, also
 * where the template is gone.
 */
export function messagePreparer(use: PrepareOptions): (message: ReservedMessage) => Promise<OutgoingMessage> {
  return async (message) => {
    const { plan } = message;
    const channel = message.channel as Channel;
    const { ruleset, workspace } = templateHome(use.loaded, plan.template);
    const { settings } = workspace;
    const state = message.state === null ? newCustomerState(plan.customer) : decodeState(message.state);
    const traits = customerValues(use.loaded.rulesets, state, use.clock.now());
    const needsConsent = (settings.categories[plan.category]?.consent ?? 'opt-in') !== 'none';
    const links = linksOf(message, channel, use);
    const unsubscribeUrl = needsConsent ? links.unsubscribe : null;
    const context = contextOf(plan, channel, traits, settings.shop);
    const locale = typeof traits['locale'] === 'string' ? traits['locale'] : settings.locale;
    const timeZone = typeof traits['timezone'] === 'string' ? traits['timezone'] : settings.timeZone;
    const rendered = await use.renderer.render({
      ruleset,
      template: plan.template,
      channel,
      locale,
      style: plan.style,
      timeZone,
      context,
      unsubscribeUrl,
      preferencesUrl: links.preferences,
      tracking: trackingOf(plan.id, traits, settings.tracking, use),
    });
    const { id, customer, rule, template, category, plannedAt } = plan;
    const devices = usableDevices(message, channel, traits);
    return {
      id,
      channel,
      address: devices[0]?.address ?? '',
      devices,
      customer,
      rule,
      template,
      category,
      plannedAt,
      rendered,
      unsubscribeUrl,
      feedbackToken: feedbackToken(plan.id, use.secret, use.clock.now()),
    };
  };
}

/** Without those that are known to be gone. */
function usableDevices(
  { plan, suppressed }: ReservedMessage,
  channel: Channel,
  traits: { readonly [name: string]: unknown },
): readonly Device[] {
  const gone = decodeSuppressed(suppressed).filter((one) => one.channel === channel);
  return devicesOf(channel, plan.customer, traits).filter(
    ({ address }) => !gone.some((one) => sameAddress(channel, one.address, address)),
  );
}

function contextOf(
  plan: ReservedMessage['plan'],
  channel: Channel,
  traits: { readonly [name: string]: unknown },
  shop: TemplateContext['shop'],
): TemplateContext {
  return {
    ...namedEvents(plan),
    with: plan.with ?? {},
    customer: { ...traits, id: plan.customer },
    start: templateEvent(plan.start),
    starts: (plan.starts ?? [plan.start]).map(templateEvent),
    shop,
    message: {
      id: plan.id,
      rule: plan.rule,
      step: plan.step,
      key: plan.key,
      category: plan.category,
      channel,
      planned_at: new Date(plan.plannedAt).toISOString(),
      start_id: plan.occurrence,
    },
  };
}

/** What `as` has named in the run, each as `start` is. */
function namedEvents({ named }: ReservedMessage['plan']): { readonly [name: string]: unknown } {
  return Object.fromEntries(Object.entries(named ?? {}).map(([name, event]) => [name, templateEvent(event)]));
}

/** The newest ruleset that has the template: words are corrected for everybody, what was removed is kept for its runs. */
function templateHome(loaded: LoadedRulesets, template: string): { ruleset: number; workspace: Workspace } {
  const current = { ruleset: loaded.rulesets.current.number, workspace: loaded.workspace };
  if (Object.hasOwn(current.workspace.templates, template)) return current;
  const older = [...loaded.workspaces]
    .filter(([, workspace]) => Object.hasOwn(workspace.templates, template))
    .sort((a, b) => b[0] - a[0])[0];
  return older === undefined ? current : { ruleset: older[0], workspace: older[1] };
}

/** As the workspace says, unless the customer does not want it: the trait `tracking` is false. */
function trackingOf(
  messageId: string,
  traits: { readonly [name: string]: unknown },
  { opens, clicks }: Workspace['settings']['tracking'],
  { publicUrl, secret, clock }: PrepareOptions,
): Tracking | null {
  if (traits['tracking'] === false || (!opens && !clicks)) return null;
  const now = clock.now();
  return {
    click: clicks ? (target) => `${publicUrl}/c/${clickToken({ messageId, target }, secret, now)}` : null,
    openPixel: opens ? `${publicUrl}/o/${openToken(messageId, secret, now)}` : null,
  };
}

/** Each its own right: to withdraw one category on one channel, and to see and change all that was chosen. */
function linksOf(
  { plan }: ReservedMessage,
  channel: Channel,
  { publicUrl, secret, clock }: PrepareOptions,
): { readonly unsubscribe: string; readonly preferences: string } {
  const access = { customerId: customerIdOf(plan.customer), messageId: plan.id };
  const now = clock.now();
  const unsubscribe = unsubscribeToken({ ...access, category: plan.category, channel }, secret, now);
  return {
    unsubscribe: `${publicUrl}/u/${unsubscribe}`,
    preferences: `${publicUrl}/u/p/${preferencesToken(access, secret, now)}`,
  };
}
