// The decision about a message: still wanted, same content, channel, caps, quiet hours.
import { holds, resolve } from './conditions.mjs';
import { asSent, hasSameContent, judgeCaps } from './caps.mjs';
import { byClaim } from './claim-order.mjs';
import { asSeenBy, asSeenByDelivery, consentOf, isPaused, scopeOf, traitOf, zoneOf } from './customer.mjs';
import { draw } from './draw.mjs';
import { channelsByEngagement } from './messages.mjs';
import { quietHoursAt } from './quiet-hours.mjs';

/** Judges everything that is due at context.clock and writes down the decisions; returns those that are final. */
export function deliver(context) {
  const { customer, clock } = context;
  const due = customer.open.filter((message) => message.notBefore <= clock).sort(byClaim);
  const closed = [];
  for (const message of due) {
    const decision = decide(context, message);
    message.isFirstLook = false;
    message.waitsForFallback = false;
    if (decision.channel) message.channel = decision.channel;
    if (decision.outcome === 'deferred') message.notBefore = decision.until;
    else customer.open.splice(customer.open.indexOf(message), 1);
    if (decision.outcome === undefined) continue;
    const line = { at: clock, customer: customer.id, message, channel: message.channel, ...pick(decision) };
    customer.decisions.push(line);
    if (decision.outcome !== 'deferred') closed.push(line);
    if (decision.outcome === 'sent') noteSent(context, message);
    else if (decision.outcome === 'suppressed' && message.status === 'open') message.status = 'suppressed';
  }
  return closed;
}

/** A message with a fallback stays open for the next channel; only `opened` and `clicked` are followed. */
function noteSent({ customer, clock }, message) {
  message.status = 'sent';
  if (message.isWebhook) return;
  customer.sent.push(asSent(message, message.channel, clock));
  message.tried.push(message.channel);
  if (message.fallback === undefined || message.fallback.unless === 'delivered') return;
  message.notBefore = clock + message.fallback.after;
  message.waitsForFallback = true;
  customer.open.push(message);
}

const pick = ({ outcome, reason, until }) => ({ outcome, reason: reason ?? null, until });
/** No channel is left for a fallback: the message was sent, nothing more is decided. */
const CLOSED = {};
const suppressed = (reason, channel) => ({ outcome: 'suppressed', reason, channel });

function decide(context, message) {
  const { workspace, clock: now } = context;
  const customer = asSeenByDelivery(context.customer);
  const look = { customer, workspace, now, zone: zoneOf(customer, workspace) };
  const unwanted = unwantedBecause(context, message);
  if (unwanted) return suppressed(unwanted);
  if (message.isWebhook) return { outcome: 'sent' };
  if (hasSameContent(workspace, message, customer.sent, now)) return suppressed('same_content');

  const { channels, reason } = candidates(look, message, context.assumeConsent);
  if (reason) return message.tried.length > 0 ? CLOSED : suppressed(reason);
  const { channel, refusal } = chooseByCaps(look, message, channels);
  if (refusal?.until !== undefined) return { outcome: 'deferred', channel, ...refusal };
  if (refusal) return suppressed(refusal.reason, channel);

  const quiet = quietHoursAt(workspace, message, channel, now, look.zone);
  if (quiet?.onQuiet === 'skip') return suppressed('quiet_hours', channel);
  if (quiet) return { outcome: 'deferred', reason: 'quiet_hours', until: quiet.until, channel };
  return { outcome: 'sent', channel };
}

/** A webhook is no message to the customer: only what ends its run, and lateness, holds it back. */
function unwantedBecause({ customer, workspace, clock: now }, message) {
  if (message.withdrawn) return message.withdrawn;
  if (now >= message.expiresAt) return 'expired';
  if (message.isFirstLook && now - message.due > message.tooLateAfter) return 'too_late';
  if (message.isWebhook) return undefined;
  if (message.heldOut) return 'holdout';
  if (message.category === 'promotional' && draw(workspace, 'control group', '', customer.id) < workspace.controlGroup)
    return 'control_group';
  if (isPaused(customer, message.category, now)) return 'paused';
  if (!holds(message.who, scopeOf(asSeenBy(customer, message.run), workspace, now, message.known)))
    return 'condition_false';
  return undefined;
}

const TRAIT_OF_CHANNEL = {
  email: 'email',
  sms: 'phone',
  'web push': 'web_push',
  telegram: 'telegram',
  whatsapp: 'whatsapp',
  viber: 'viber',
};

function hasAddress(customer, channel) {
  if (channel === 'inbox') return true;
  if (channel === 'push') return customer.hasToken;
  const address = traitOf(customer, TRAIT_OF_CHANNEL[channel]);
  return address !== undefined && address !== '';
}

function hasConsent(customer, workspace, category, channel, assumeConsent) {
  const { consent } = workspace.categories[category];
  if (consent === 'none') return true;
  const preference = consentOf(customer, category, channel);
  if (preference === undefined) return consent === 'opt-out' || assumeConsent;
  return preference === true || (Array.isArray(preference) && preference.includes(channel));
}

/** Channels in the order in which they are tried, or the reason why there is none. */
function candidates({ customer, workspace, now }, message, assumeConsent) {
  const named = resolve(message.channels, scopeOf(customer, workspace, now, message.known));
  const left = workspace.channels.filter((channel) => !message.tried.includes(channel));
  const possible = left.filter((channel) =>
    named === undefined ? workspace.templates[message.template]?.has(channel) : named.includes(channel),
  );
  if (possible.length === 0) return { reason: 'no_channel' };
  const allowed = possible.filter((channel) =>
    hasConsent(customer, workspace, message.category, channel, assumeConsent),
  );
  if (allowed.length === 0) return { reason: 'no_consent' };
  const reachable = allowed.filter((channel) => assumeConsent || hasAddress(customer, channel));
  if (reachable.length === 0) return { reason: 'no_address' };
  const order = [
    traitOf(customer, 'preferred_channel'),
    ...channelsByEngagement(customer, now),
    ...channelsOfSegment(customer, workspace, now),
    ...workspace.channels,
  ];
  return { channels: [...new Set(order)].filter((channel) => reachable.includes(channel)) };
}

/** Of the first segment that holds. */
function channelsOfSegment(customer, workspace, now) {
  const scope = scopeOf(customer, workspace, now);
  const entry = workspace.channelsBySegment.find(([segment]) => holds({ segment }, scope));
  return entry?.[1] ?? [];
}

/** The first channel whose caps let it pass; without `next channel` only the first is asked. */
function chooseByCaps(look, message, channels) {
  const asked = message.onCapped.kind === 'next channel' ? channels : channels.slice(0, 1);
  let first;
  for (const channel of asked) {
    const verdict = judgeCaps(look, message, channel);
    if (verdict.passes) return { channel };
    if (verdict.until !== undefined) return { channel, refusal: verdict };
    first ??= { channel, refusal: verdict };
  }
  return first;
}
