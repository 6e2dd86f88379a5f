// Caps, and who outranks whom. A sent message is { at, category, channel, priority, template, key }.
import { isSameKey, isSameWith } from './compare.mjs';
import { calendarPeriod, DAY, MINUTE } from './wall-clock.mjs';
import { byClaim } from './claim-order.mjs';

const SOON = 5 * MINUTE;

export function capsFor(workspace, message, channel) {
  if (workspace.categories[message.category].ignoresCaps) return [];
  return workspace.caps.filter(
    (cap) =>
      (cap.category === undefined || cap.category === message.category) &&
      (cap.channel === undefined || cap.channel === channel),
  );
}

function isInWindow(cap, at, now, zone) {
  if (cap.calendar === undefined) return at > now - cap.length && at <= now;
  const { from, to } = calendarPeriod(cap.calendar, now, zone);
  return at >= from && at < to;
}

/** The sent messages that use a slot of this cap at an instant. */
function slotsOf(workspace, cap, sent, now, zone) {
  return sent.filter(
    (each) =>
      workspace.categories[each.category].counts &&
      isInWindow(cap, each.at, now, zone) &&
      each.at <= now &&
      (cap.category === undefined || cap.category === each.category) &&
      (cap.channel === undefined || cap.channel === each.channel),
  );
}

function isFull(workspace, caps, sent, now, zone) {
  return caps.some((cap) => slotsOf(workspace, cap, sent, now, zone).length >= cap.atMost);
}

/** The first instant after now at which every cap has room, given these sent messages. */
function roomAt(workspace, caps, sent, now, zone) {
  const ends = caps.flatMap((cap) =>
    cap.calendar === undefined
      ? slotsOf(workspace, cap, sent, now, zone).map((each) => each.at + cap.length)
      : [calendarPeriod(cap.calendar, now, zone).to],
  );
  return Math.min(...ends.filter((end) => end > now && !isFull(workspace, caps, sent, end, zone)));
}

/** A fallback is the same message on another channel, and exempt. */
export function hasSameContent(workspace, message, sent, now) {
  if (message.tried.length > 0) return false;
  const length = workspace.categories[message.category].sameContent;
  return sent.some(
    (each) =>
      each.template === message.template &&
      isSameKey(each.key, message.key) &&
      isSameWith(each.with, message.with) &&
      now - each.at < length,
  );
}

export const asSent = (message, channel, at) => ({
  at,
  channel,
  category: message.category,
  priority: message.priority,
  template: message.template,
  key: message.key,
  with: message.with,
});

/** The open messages that are planned ahead, in the order of the walk. */
function plannedAhead(look, message) {
  const { workspace, customer, now, zone } = look;
  return customer.open
    .filter(
      (other) =>
        other !== message &&
        !other.waitsForFallback &&
        other.notBefore > now &&
        other.notBefore <= now + DAY &&
        capsFor(workspace, other, other.channel).some((cap) => isInWindow(cap, now, other.notBefore, zone)),
    )
    .sort((a, b) => a.notBefore - b.notBefore || byClaim(a, b));
}

/** Which of the planned ones could be sent, each at its own not-before, given what was sent and those before it. */
function walk(look, planned, sent) {
  const { workspace, zone } = look;
  const passed = [];
  let known = sent;
  for (const other of planned) {
    const at = other.notBefore;
    const stays =
      other.withdrawn ||
      other.heldOut ||
      hasSameContent(workspace, other, known, at) ||
      isFull(workspace, capsFor(workspace, other, other.channel), known, at, zone);
    if (stays) continue;
    passed.push(other);
    known = [...known, asSent(other, other.channel, at)];
  }
  return passed;
}

function isNeededByPlanned(look, message, channel, sent) {
  const planned = plannedAhead(look, message);
  const without = walk(look, planned, sent);
  const withIt = walk(look, planned, [...sent, asSent(message, channel, look.now)]);
  return without.some((other) => other.priority > message.priority && !withIt.includes(other));
}

/**
 * For a message that only a planned one outranks: the first later instant at which it would pass, when the planned ones that could be
 * sent have been sent at their not-before.
 */
function passesAt(look, message, channel) {
  const { workspace, customer, now, zone } = look;
  const caps = capsFor(workspace, message, channel);
  const planned = walk(look, plannedAhead(look, message), customer.sent);
  const future = [...customer.sent, ...planned.map((other) => asSent(other, other.channel, other.notBefore))];
  const instants = future.flatMap((each) => [
    each.at,
    ...caps.filter((cap) => cap.length).map((cap) => each.at + cap.length),
  ]);
  for (const cap of caps.filter((each) => each.calendar)) {
    for (const from of [now, ...planned.map((other) => other.notBefore)])
      instants.push(calendarPeriod(cap.calendar, from, zone).to);
  }
  for (const at of instants.filter((each) => each > now).sort((a, b) => a - b)) {
    const sent = future.filter((each) => each.at <= at);
    if (!isFull(workspace, caps, sent, at, zone) && !isNeededByPlanned({ ...look, now: at }, message, channel, sent))
      return at;
  }
  return Infinity;
}

/** { passes: true } or { passes: false, reason, until? } (until: deferred to). */
export function judgeCaps(look, message, channel) {
  const { workspace, customer, now, zone } = look;
  const caps = capsFor(workspace, message, channel);
  if (workspace.categories[message.category].ignoresCaps) return { passes: true };
  const higherAtThisInstant = (each) => each.at === now && each.priority > message.priority;
  const isFilled = isFull(workspace, caps, customer.sent, now, zone);
  let reason;
  if (
    isFull(
      workspace,
      caps,
      customer.sent.filter((each) => !higherAtThisInstant(each)),
      now,
      zone,
    )
  )
    reason = 'frequency_cap';
  else if (isFilled || isNeededByPlanned(look, message, channel, customer.sent)) reason = 'outranked';
  else return { passes: true };

  const until = isFilled ? roomAt(workspace, caps, customer.sent, now, zone) : passesAt(look, message, channel);
  if (isFilled && until - now <= SOON) return { passes: false, reason, until };
  if (message.onCapped.kind === 'defer' && until - message.due <= message.onCapped.upTo)
    return { passes: false, reason, until };
  return { passes: false, reason };
}
