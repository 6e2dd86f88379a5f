import { code, page, table } from './markdown.mjs';

const intro = `Every key this version reads, place by place, with what stands behind it. What it means: [the rule language](rule-language.md) and
[kairos.yaml](kairos-yaml.md). A key in **bold** must be there.

DURATION, MOMENT, PERCENT, PATH, CONDITION and OCCASION are explained in [the rule language](rule-language.md). "A or list of As" means: any of these.`;

const places = {
  rule: 'A rule (`rules/NAME.yaml`)',
  active: '`active`',
  start: '`start` with `event`',
  'inactive start': '`start` with `inactive`',
  'date start': '`start` with `date`',
  'every start': '`start` with `every`',
  'item event start': '`start` with `item event`',
  occasion: 'OCCASION: an event, in `stop`, `goal` (which also has `within`), `wait: { for: … }`',
  'segment occasion': 'OCCASION: a segment, there and in `start`',
  'message occasion': 'OCCASION: a message, there and in `start`',
  step: 'A step (`steps`)',
  'wait for': '`wait: { for: … }`',
  'beside wait for': 'Beside `wait: { for: … }`',
  'wait until': '`wait: { until: … }`',
  'beside wait until': 'Beside `wait: { until: … }`',
  'beside if': 'Beside `if: CONDITION`',
  send: '`send: { … }`',
  fallback: '`fallback` of a `send`',
  'split branch': 'A branch of a `split`',
  repeat: '`repeat: { … }`',
  emit: '`emit: { … }`',
  'webhook step': '`webhook: { … }`',
  pause: '`pause: { … }`',
  unsubscribe: '`unsubscribe: { … }`',
  condition: 'Words of a CONDITION',
  operators: 'Operators of a CONDITION',
  'has done': '`has done`, `has not done`',
  'has received': '`has received`, `has opened`, `has clicked`, each also with `not`',
  segments: '`segments.yaml`',
  computed: 'A computed attribute (`computed`)',
  settings: '`kairos.yaml`',
  category: 'A category (`categories`)',
  cap: 'A cap (`caps`)',
  'quiet hours': '`quiet hours`',
  tracking: '`tracking`',
  dkim: '`dkim` of an smtp provider',
  webhook: 'A webhook (`webhooks`)',
  'provider smtp': '`providers`: `kind: smtp`',
  'provider webhook': '`providers`: `kind: webhook`',
  'provider twilio': '`providers`: `kind: twilio`',
  'provider telegram': '`providers`: `kind: telegram`',
  'provider whatsapp': '`providers`: `kind: whatsapp`',
  'provider viber': '`providers`: `kind: viber`',
  'provider fcm': '`providers`: `kind: fcm`',
  'provider web-push': '`providers`: `kind: web-push`',
  'provider inbox': '`providers`: `kind: inbox`',
  'provider file': '`providers`: `kind: file`',
  events: '`events.yaml`',
};

/** Words, not keys of a map with defaults. */
const words = { step: 'step', condition: 'word', operators: 'operator' };

export function keysPage(keys) {
  const missing = Object.keys(keys).filter((place) => !(place in places));
  if (missing.length > 0) throw new Error(`keys-page.mjs has no heading for ${missing.join(', ')}`);
  const sections = Object.entries(places).map(([place, heading]) => `## ${heading}\n\n${keyTable(place, keys[place])}`);
  return page('Every key', 'the tables in libs/core/src/rules/language', intro, ...sections);
}

function keyTable(place, keys) {
  if (place in words)
    return table(
      [words[place], 'takes', 'meaning'],
      keys.map(({ key, takes, doc }) => [code(key), typed(takes), doc]),
    );
  const rows = keys.map(({ key, takes, required, default: written, doc }) => [
    required ? `**${code(key)}**` : code(key),
    typed(takes),
    written === null ? '' : code(written),
    doc,
  ]);
  return table(['key', 'takes', 'default', 'what'], rows);
}

const typed = (takes) => takes.replaceAll('<', '&lt;');
