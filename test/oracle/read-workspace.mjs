// Reads a valid workspace into plain objects: durations in milliseconds, percentages as shares, one-or-list as lists.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DAY, HOUR, MINUTE } from './wall-clock.mjs';

const UNITS = { second: 1000, minute: MINUTE, hour: HOUR, day: DAY, week: 7 * DAY };

export function duration(text) {
  let sum = 0;
  for (const [, amount, unit] of String(text).matchAll(/(\d+) (second|minute|hour|day|week)s?/g))
    sum += Number(amount) * UNITS[unit];
  if (sum === 0) throw new Error(`not a duration: ${text}`);
  return sum;
}

const percent = (text) => (text === undefined ? 0 : parseFloat(text) / 100);
export const asList = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);

/** What the oracle does not know must not pass as agreement. */
function refuseOthers(raw, known, what) {
  for (const key of Object.keys(raw)) if (!known.includes(key)) throw new Error(`${what} out of scope: ${key}`);
}

function readOccasion(raw) {
  refuseOthers(raw, ['event', 'where', 'key', 'inactive', 'since', 'within'], 'occasion');
  if (raw.inactive !== undefined) {
    return { kind: 'inactive', silence: duration(raw.inactive), since: asList(raw.since), where: raw.where };
  }
  return { kind: 'event', names: asList(raw.event), where: raw.where, key: raw.key };
}

function readOnCapped(text) {
  if (text === undefined) return undefined;
  if (text.startsWith('defer up to ')) return { kind: 'defer', upTo: duration(text.slice('defer up to '.length)) };
  return { kind: text };
}

function readSend(raw) {
  const send = typeof raw === 'string' ? { template: raw } : raw;
  refuseOthers(
    send,
    ['template', 'channels', 'priority', 'category', 'expires', 'on capped', 'ignores quiet hours'],
    'send',
  );
  return {
    kind: 'send',
    template: send.template,
    channels: send.channels,
    priority: send.priority,
    category: send.category,
    expires: send.expires === undefined ? undefined : duration(send.expires),
    onCapped: readOnCapped(send['on capped']),
    ignoresQuietHours: send['ignores quiet hours'] === true,
  };
}

function readStep(raw) {
  if (raw === 'stop' || (typeof raw === 'object' && 'stop' in raw)) return { kind: 'stop' };
  if (raw.send !== undefined) return readSend(raw.send);
  if (raw.if !== undefined)
    return { kind: 'if', condition: raw.if, then: readSteps(raw.then), else: readSteps(raw.else) };
  if (raw.wait === undefined) throw new Error(`step out of scope: ${JSON.stringify(raw)}`);
  refuseOthers(raw, ['wait', 'then', 'on timeout'], 'step');
  if (typeof raw.wait === 'string') return { kind: 'wait', length: duration(raw.wait) };
  refuseOthers(raw.wait, ['for', 'up to'], 'wait');
  return {
    kind: 'wait for',
    occasions: asList(raw.wait.for).map(readOccasion),
    length: duration(raw.wait['up to']),
    then: readSteps(raw.then),
    onTimeout: readSteps(raw['on timeout']),
  };
}

const readSteps = (raw) => asList(raw).map(readStep);

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

function readRule(raw) {
  refuseOthers(raw, RULE_KEYS, 'rule');
  if (raw['while running'] === 'collect') throw new Error('while running out of scope: collect');
  return {
    name: raw.rule,
    category: raw.category,
    priority: raw.priority ?? 50,
    starts: asList(raw.start).map(readOccasion),
    who: raw.who,
    stops: asList(raw.stop).map(readOccasion),
    goal: raw.goal && { ...readOccasion(raw.goal), within: duration(raw.goal.within ?? '3 days') },
    again: readAgain(raw.again),
    whileRunning: raw['while running'] ?? 'ignore',
    holdout: percent(raw.holdout),
    tooLateAfter: duration(raw['too late after'] ?? '24 hours'),
    steps: readSteps(raw.steps),
  };
}

const sameContent = (value) => (value === 'off' ? 0 : duration(value));

function readSettings(raw) {
  for (const key of ['control group', 'channels by segment'])
    if (raw[key] !== undefined) throw new Error(`setting out of scope: ${key}`);
  const workspaceSameContent = sameContent(raw['same content'] ?? '18 hours');
  const categories = {};
  for (const [name, settings] of Object.entries(raw.categories)) {
    categories[name] = {
      consent: settings.consent,
      counts: settings['counts toward caps'] ?? true,
      ignoresCaps: settings['ignores caps'] ?? false,
      ignoresQuietHours: settings['ignores quiet hours'] ?? false,
      sameContent:
        settings['same content'] === undefined ? workspaceSameContent : sameContent(settings['same content']),
    };
  }
  const caps = asList(raw.caps).map((cap) => ({
    atMost: cap['at most'],
    category: cap.category,
    channel: cap.channel,
    ...(cap.per.startsWith('calendar ')
      ? { calendar: cap.per.slice('calendar '.length) }
      : { length: duration(cap.per) }),
  }));
  const quietHours = asList(raw['quiet hours']).map((quiet) => ({
    from: quiet.from,
    to: quiet.to,
    channels: quiet.channels,
    categories: quiet.categories,
    days: quiet.days && asList(quiet.days),
    onQuiet: quiet['on quiet'] ?? 'hold',
  }));
  return {
    zone: raw['time zone'],
    defaultTime: raw['default time'] ?? '10:00',
    salt: String(raw.salt ?? ''),
    channels: raw.channels,
    categories,
    caps,
    onCapped: readOnCapped(raw['on capped']) ?? { kind: 'drop' },
    quietHours,
  };
}

/** Channels for which templates/NAME has a file: `email.de.hbs` is one for email, `email.txt.hbs` is not. */
function channelsOfTemplate(folder) {
  const channels = new Set();
  for (const file of readdirSync(folder)) {
    const [base, second] = file.split('.');
    if (base === 'subject' || (base === 'email' && second === 'txt')) continue;
    if (/\.(hbs|mjml)$/.test(file)) channels.add(base.replace('-', ' '));
  }
  return channels;
}

/** Reads kairos.yaml, rules/*.yaml and the names of the files under templates/. */
export function readWorkspace(folder) {
  if (existsSync(join(folder, 'segments.yaml'))) throw new Error('out of scope: segments.yaml');
  const yamlAt = (...path) => parse(readFileSync(join(folder, ...path), 'utf8'));
  const rules = readdirSync(join(folder, 'rules'))
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'))
    .map((file) => readRule(yamlAt('rules', file)));
  const templates = {};
  if (existsSync(join(folder, 'templates'))) {
    for (const name of readdirSync(join(folder, 'templates')))
      templates[name] = channelsOfTemplate(join(folder, 'templates', name));
  }
  return { ...readSettings(yamlAt('kairos.yaml')), rules, templates };
}
