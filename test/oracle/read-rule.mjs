// Reads a rule of a valid workspace: durations in milliseconds, percentages as shares, one-or-list as lists.
import { duration, readDuration } from './durations.mjs';
import { daysNamed, readMoment } from './moments.mjs';
import { timeOfDay } from './wall-clock.mjs';

export const percent = (text) => (text === undefined ? 0 : parseFloat(text) / 100);
export const asList = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);
const optional = (value, read) => (value === undefined ? undefined : read(value));

/** What the oracle does not know must not pass as agreement. */
export function refuseOthers(raw, known, what) {
  for (const key of Object.keys(raw)) if (!known.includes(key)) throw new Error(`${what} out of scope: ${key}`);
}

const MESSAGE_VERBS = ['sent', 'delivered', 'opened', 'clicked', 'replied', 'failed'];

function readOccasion(raw) {
  const { event, enters, leaves, inactive, date, every } = raw;
  const verb = MESSAGE_VERBS.find((each) => raw[each] !== undefined);
  if (event !== undefined) return { kind: 'event', names: asList(event), where: raw.where, key: raw.key };
  if (enters !== undefined) return { kind: 'enters', segments: asList(enters) };
  if (leaves !== undefined) return { kind: 'leaves', segments: asList(leaves) };
  if (verb !== undefined) return { kind: 'message', verb, templates: asList(raw[verb]) };
  if (inactive !== undefined)
    return { kind: 'inactive', silence: readDuration(inactive), since: asList(raw.since), where: raw.where };
  if (date !== undefined) return { kind: 'date', moment: readMoment(date, raw.at), every };
  if (every !== undefined) return { kind: 'every', days: daysNamed(every), at: optional(raw.at, timeOfDay) };
  if (raw['item event'] !== undefined)
    return { kind: 'item', names: asList(raw['item event']), list: raw.in, where: raw.where };
  throw new Error(`occasion out of scope: ${JSON.stringify(raw)}`);
}

export function readOnCapped(text) {
  if (text === undefined) return undefined;
  if (text.startsWith('defer up to ')) return { kind: 'defer', upTo: duration(text.slice('defer up to '.length)) };
  return { kind: text };
}

const SEND_KEYS = [
  'template',
  'variants',
  'with',
  'channels',
  'fallback',
  'category',
  'priority',
  'on capped',
  'ignores quiet hours',
  'expires',
  'style',
];

/** Branches with their shares, in the order of the file. */
const readShares = (raw) => Object.entries(raw).map(([name, share]) => ({ name, share: percent(share) }));

function readSend(raw) {
  const send = typeof raw === 'string' ? { template: raw } : raw;
  refuseOthers(send, SEND_KEYS, 'send');
  return {
    kind: 'send',
    template: send.template,
    variants: optional(send.variants, readShares),
    with: send.with,
    channels: optional(send.channels, asList),
    fallback: optional(send.fallback, ({ after, unless }) => ({ after: duration(after), unless })),
    priority: send.priority,
    category: send.category,
    expires: optional(send.expires, duration),
    onCapped: readOnCapped(send['on capped']),
    ignoresQuietHours: send['ignores quiet hours'] === true,
  };
}

function readWait(raw) {
  refuseOthers(raw, ['wait', 'then', 'on timeout', 'on past'], 'step');
  const { wait } = raw;
  if (typeof wait === 'string') return { kind: 'wait', length: readDuration(wait) };
  refuseOthers(wait, ['for', 'up to', 'until', 'at', 'as'], 'wait');
  const until = optional(wait.until, (moment) => readMoment(moment, wait.at));
  if (wait.for === undefined)
    return { kind: 'wait until', until, then: readSteps(raw.then), onPast: readSteps(raw['on past']) };
  return {
    kind: 'wait for',
    occasions: asList(wait.for).map(readOccasion),
    length: optional(wait['up to'], readDuration),
    until,
    as: wait.as,
    then: readSteps(raw.then),
    onTimeout: readSteps(raw['on timeout']),
  };
}

const READERS = {
  send: (raw) => readSend(raw.send),
  if: (raw) => ({ kind: 'if', condition: raw.if, then: readSteps(raw.then), else: readSteps(raw.else) }),
  wait: readWait,
  split: (raw) => ({
    kind: 'split',
    branches: Object.entries(raw.split).map(([name, branch]) => ({
      name,
      share: percent(branch.share),
      steps: readSteps(branch.steps),
    })),
  }),
  repeat: ({ repeat }) => ({
    kind: 'repeat',
    atMost: repeat['at most'],
    while: repeat.while,
    steps: readSteps(repeat.steps),
  }),
  set: ({ set }) => ({ kind: 'set', values: set }),
  emit: ({ emit }) => ({ kind: 'emit', event: emit.event, properties: emit.properties ?? {} }),
  webhook: ({ webhook }) => ({ kind: 'webhook', to: webhook.to }),
  pause: ({ pause }) => ({
    kind: 'pause',
    category: pause.category,
    length: optional(pause['up to'], readDuration),
    until: optional(pause.until, (moment) => readMoment(moment, pause.at)),
  }),
  resume: ({ resume }) => ({ kind: 'resume', category: resume }),
  unsubscribe: ({ unsubscribe }) => ({
    kind: 'unsubscribe',
    category: unsubscribe.category,
    channels: optional(unsubscribe.channels, asList),
  }),
  stop: () => ({ kind: 'stop' }),
};

function readStep(raw) {
  if (raw === 'stop') return { kind: 'stop' };
  const kind = Object.keys(READERS).find((each) => each in raw);
  if (kind === undefined) throw new Error(`step out of scope: ${JSON.stringify(raw)}`);
  return READERS[kind](raw);
}

const readSteps = (raw) => asList(raw).map(readStep);

/** Names given by `as`, anywhere in the steps. */
function namesIn(steps) {
  return steps.flatMap((step) => [
    ...(step.as === undefined ? [] : [step.as]),
    ...[step.then, step.else, step.onTimeout, step.onPast, step.steps].flatMap((inner) => namesIn(inner ?? [])),
    ...(step.branches ?? []).flatMap((branch) => namesIn(branch.steps)),
  ]);
}

function readAgain(text = 'always') {
  const match = /^after (.*?)( per customer)?$/.exec(text);
  if (!match) return { kind: text };
  return { kind: 'after', length: duration(match[1]), perCustomer: match[2] !== undefined };
}

const RULE_KEYS = [
  'rule',
  'description',
  'category',
  'priority',
  'active',
  'start',
  'who',
  'stop',
  'goal',
  'again',
  'while running',
  'holdout',
  'too late after',
  'steps',
];

export function readRule(raw) {
  refuseOthers(raw, RULE_KEYS, 'rule');
  const steps = readSteps(raw.steps);
  return {
    name: raw.rule,
    category: raw.category,
    priority: raw.priority ?? 50,
    active: raw.active,
    starts: asList(raw.start).map(readOccasion),
    who: raw.who,
    stops: asList(raw.stop).map(readOccasion),
    goal: raw.goal && { ...readOccasion(raw.goal), within: duration(raw.goal.within ?? '3 days') },
    again: readAgain(raw.again),
    whileRunning: raw['while running'] ?? 'ignore',
    holdout: percent(raw.holdout),
    tooLateAfter: duration(raw['too late after'] ?? '24 hours'),
    names: namesIn(steps),
    watchesSegments: /"(enters|leaves)":/.test(JSON.stringify(raw)),
    steps,
  };
}
