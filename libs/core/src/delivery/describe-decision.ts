import { localTime } from '../time/calendar.js';
import { findZone } from '../time/zone.js';
import { WEEKDAYS } from '../rules/model.js';
import type { CapLook, ChannelCandidate, ChannelOrder, Reason } from './decision.js';
import type { DecisionRecord } from './decision-codec.js';

export const CHECKS = ['still wanted', 'same content', 'channel', 'caps', 'quiet hours'] as const;

export interface DescribedCheck {
  readonly check: (typeof CHECKS)[number];
  readonly outcome: 'passed' | 'refused' | 'not asked';
  /** With all inputs of the check; the first is the summary. */
  readonly sentences: readonly string[];
}

export interface DescribedDecision {
  /** One sentence without jargon. */
  readonly verdict: string;
  /** In the order in which they ran. */
  readonly checks: readonly DescribedCheck[];
}

/** A decision in sentences, for the CLI and the console. Instants are shown on the customer's wall clock. */
export function describeDecision(record: DecisionRecord, locale: 'en'): DescribedDecision {
  switch (locale) {
    case 'en': {
      const reason = record.verdict.kind === 'send' ? null : record.verdict.reason;
      const refusing =
        reason === null ? CHECKS.length : CHECKS.findIndex((check) => REFUSED_BY[check].includes(reason));
      const checks = CHECKS.map((check, index) => ({
        check,
        outcome:
          index < refusing ? ('passed' as const) : index === refusing ? ('refused' as const) : ('not asked' as const),
        sentences: index > refusing ? ['It was refused before.'] : SENTENCES[check](record),
      }));
      return { verdict: verdictOf(record), checks };
    }
  }
}

const REFUSED_BY: { readonly [check in DescribedCheck['check']]: readonly Reason[] } = {
  'still wanted': [
    'run_stopped',
    'goal_reached',
    'expired',
    'too_late',
    'holdout',
    'control_group',
    'paused',
    'condition_false',
  ],
  'same content': ['same_content'],
  channel: ['no_consent', 'no_address', 'address_suppressed', 'channel_off', 'no_channel'],
  caps: ['frequency_cap', 'outranked'],
  'quiet hours': ['quiet_hours'],
};

const SENTENCES: { readonly [check in DescribedCheck['check']]: (record: DecisionRecord) => readonly string[] } = {
  'still wanted': stillWanted,
  'same content': sameContent,
  channel: channels,
  caps,
  'quiet hours': quietHours,
};

function verdictOf({ verdict, template, inputs }: DecisionRecord): string {
  switch (verdict.kind) {
    case 'send':
      return verdict.channel === 'webhook'
        ? `${template.replace(/^webhook:/, '')} is called.`
        : `${template} leaves by ${verdict.channel}.`;
    case 'defer':
      return `${template} waits until ${when(verdict.until, inputs.timeZone)}: ${BECAUSE[verdict.reason]}.`;
    case 'suppress':
      return `${template} is not sent: ${BECAUSE[verdict.reason]}.`;
  }
}

/** Why a message is not sent or waits, as the end of a sentence: `it was due too long ago`. */
export function reasonInWords(reason: Reason, locale: 'en'): string {
  switch (locale) {
    case 'en':
      return BECAUSE[reason];
  }
}

const BECAUSE: { readonly [reason in Reason]: string } = {
  run_stopped: 'what the rule calls its end (stop) has happened',
  goal_reached: 'the goal of the rule was reached',
  expired: 'it was of use only until it expired',
  too_late: 'it was due too long ago',
  holdout: 'this customer is in the holdout of the rule and is never sent anything by it',
  control_group: 'this customer is in the control group',
  paused: 'this category is paused for the customer',
  condition_false: 'the condition `who` of the rule no longer holds',
  same_content: 'the same content was sent to this customer a short while before',
  no_consent: 'the customer has not agreed to this category on any channel that it could leave on',
  no_address: 'there is no address to send it to',
  address_suppressed: 'the address must not be used any more',
  channel_off: 'the customer has switched the channel off',
  no_channel: 'there is no channel on which this template could leave',
  frequency_cap: 'the customer has had as many messages as the caps allow',
  outranked: 'a more important message takes the place that the caps leave',
  quiet_hours: 'it is in the quiet hours of the customer',
  template_error: 'the template could not be rendered',
  provider_rejected: 'the provider refused it',
  unknown_outcome: 'nobody knows whether it was accepted',
};

function stillWanted({ at, verdict, inputs }: DecisionRecord): readonly string[] {
  const { due, expiresAt, tooLateAfter, heldOut, controlGroup, pausedUntil, whoHolds } = inputs.wanted;
  const zone = inputs.timeZone;
  const withdrawn =
    verdict.kind === 'suppress' && (verdict.reason === 'run_stopped' || verdict.reason === 'goal_reached');
  return [
    withdrawn ? sentence(BECAUSE[verdict.reason]) : 'Its run has neither stopped nor reached its goal.',
    `It came due ${when(due, zone)} and was judged ${when(at, zone)}.`,
    expiresAt === null
      ? 'It does not expire.'
      : `It ${at >= expiresAt ? 'expired' : 'expires'} ${when(expiresAt, zone)}.`,
    ...(tooLateAfter === null
      ? []
      : [`It ${at > tooLateAfter ? 'was' : 'would be'} too late after ${when(tooLateAfter, zone)}.`]),
    heldOut ? 'The customer was drawn into the holdout.' : 'The customer is not in the holdout.',
    ...(controlGroup ? ['The customer is in the control group.'] : []),
    ...(pausedUntil === null ? [] : [`The category is paused until ${when(pausedUntil, zone)}.`]),
    ...(whoHolds === null ? [] : [`\`who\` ${whoHolds ? 'holds' : 'does not hold any more'}.`]),
  ];
}

function sameContent({ inputs }: DecisionRecord): readonly string[] {
  const look = inputs.sameContent;
  if (look === null || look.windowMs === null) return ['This category may repeat itself (same content: off).'];
  if (look.of === null || look.at === null)
    return [`Nothing with the same template and key was sent in ${duration(look.windowMs)}.`];
  return [
    `Message ${look.of} with the same template and key was sent ${when(look.at, inputs.timeZone)}, less than ${duration(look.windowMs)} before.`,
  ];
}

function channels({ inputs }: DecisionRecord): readonly string[] {
  const possible = inputs.candidates.filter(({ outcome }) => outcome === 'chosen' || outcome === 'possible').length;
  const summary = `${possible} of ${inputs.candidates.length} ${inputs.candidates.length === 1 ? 'channel' : 'channels'} can be used.`;
  const order = inputs.channelOrder === null ? [] : ORDERED[inputs.channelOrder];
  return [summary, ...order, ...inputs.candidates.map(({ channel, outcome }) => `${channel}: ${FATE[outcome]}.`)];
}

const FATE: { readonly [outcome in ChannelCandidate['outcome']]: string } = {
  chosen: 'chosen',
  possible: 'possible, but not first',
  no_consent: 'no consent for this category (no_consent)',
  no_address: 'no usable address (no_address)',
  address_suppressed: 'the address bounced, complained or unsubscribed (address_suppressed)',
  channel_off: 'the customer has switched it off (channel_off)',
  sent_before: 'it left there already',
  failed_before: 'it failed there for good',
  not_in_workspace: 'the shop does not use this channel',
  template_lacks_it: 'the template has no file for it',
};

const ORDERED: { readonly [order in ChannelOrder]: readonly string[] } = {
  choice: ['The one that the customer has chosen comes first.'],
  engagement: ['They are in the order in which the customer answers on them.'],
  segment: ["They are in the order of the customer's segment."],
  workspace: [],
};

function caps(record: DecisionRecord): readonly string[] {
  const { inputs, priority } = record;
  const by = inputs.outrankedBy;
  const looks = inputs.caps.map((look) => capSentence(look, inputs.timeZone));
  if (by === null) return looks.length === 0 ? ['No cap applies to it.'] : looks;
  const how =
    by.at > record.at
      ? `is planned for ${when(by.at, inputs.timeZone)} and needs the place`
      : 'took the place at the same instant';
  return [`Message ${by.messageId} of priority ${by.priority} ${how}; this one has ${priority}.`, ...looks];
}

function capSentence({ cap, channel, seen, from, to, usedBy, freeAt }: CapLook, zone: string): string {
  const window =
    cap.window.kind === 'rolling' ? `after ${when(from, zone)}` : `from ${when(from, zone)} to ${when(to, zone)}`;
  const users = usedBy.length === 0 ? '' : ` by ${usedBy.join(', ')}`;
  return `${cap.label} (${channel}): ${seen} of ${cap.atMost} used ${window}${users}${freeAt === null ? '' : `, room again ${when(freeAt, zone)}`}.`;
}

function quietHours({ at, inputs }: DecisionRecord): readonly string[] {
  if (inputs.quiet === null) return ['This category ignores quiet hours.'];
  const { until } = inputs.quiet;
  const clock = when(at, inputs.timeZone);
  return [
    until === null
      ? `${clock} is outside the quiet hours.`
      : `${clock} is in the quiet hours, which end ${when(until, inputs.timeZone)}.`,
  ];
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `Sunday 22 November 2026, 14:06:40 (Europe/Berlin)` */
function when(instant: number, zoneName: string): string {
  const zone = findZone(zoneName) ?? findZone('UTC');
  if (zone === null) return `${instant} ms`;
  const { year, month, day, weekday, minute, second } = localTime(zone, instant);
  const name = WEEKDAYS[weekday] ?? '';
  const clock = [Math.floor(minute / 60), minute % 60, second].map((part) => String(part).padStart(2, '0')).join(':');
  return `${sentence(name).slice(0, -1)} ${day} ${MONTHS[month - 1]} ${year}, ${clock} (${zone.name})`;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** `18 hours`, `1 day 12 hours` */
function duration(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return parts.join(' ');
}
