// Reads a valid workspace into plain objects: kairos.yaml, segments.yaml, events.yaml, rules, and which templates exist on which channels.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { duration } from './durations.mjs';
import { asList, percent, readOnCapped, readRule } from './read-rule.mjs';

const sameContent = (value) => (value === 'off' ? 0 : duration(value));

function readSettings(raw) {
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
    controlGroup: percent(raw['control group']),
    channelsBySegment: Object.entries(raw['channels by segment'] ?? {}),
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

const FUNCTIONS = [
  'count',
  'first time',
  'last time',
  'average gap',
  'sum',
  'average',
  'min',
  'max',
  'first',
  'last',
  'list',
];

/** { kind, events, path (of a property), where, within, until, keep, atMost } */
function readComputed(raw) {
  const kind = FUNCTIONS.find((each) => raw[each] !== undefined);
  if (kind === undefined) throw new Error(`computed out of scope: ${JSON.stringify(raw)}`);
  const isOfProperty = raw.of !== undefined;
  return {
    kind,
    events: asList(isOfProperty ? raw.of : raw[kind]),
    path: isOfProperty ? raw[kind] : undefined,
    where: raw.where,
    within: raw.within === undefined ? undefined : duration(raw.within),
    until: asList(raw.until),
    keep: asList(raw.keep),
    atMost: raw['at most'] ?? 50,
  };
}

/** Segments as they stand; computed attributes by their name without `customer.`. */
function readSegments(raw) {
  const computed = Object.entries(raw.computed ?? {});
  return {
    segments: raw.segments ?? {},
    computed: Object.fromEntries(computed.map(([path, each]) => [path.slice('customer.'.length), readComputed(each)])),
  };
}

/** Reads all files that say what Kairos does, and the names of those under templates/. */
export function readWorkspace(folder) {
  const yamlAt = (...path) => parse(readFileSync(join(folder, ...path), 'utf8'));
  const optionalYaml = (name) => (existsSync(join(folder, name)) ? (yamlAt(name) ?? {}) : {});
  const rules = readdirSync(join(folder, 'rules'))
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'))
    .map((file) => readRule(yamlAt('rules', file)));
  const templates = {};
  if (existsSync(join(folder, 'templates'))) {
    for (const name of readdirSync(join(folder, 'templates')))
      templates[name] = channelsOfTemplate(join(folder, 'templates', name));
  }
  return {
    ...readSettings(yamlAt('kairos.yaml')),
    ...readSegments(optionalYaml('segments.yaml')),
    items: optionalYaml('events.yaml').items ?? {},
    rules,
    templates,
  };
}
