import { code, page, table } from './markdown.mjs';

const intro = `Every key this version reads, place by place, with what stands behind it. What it means: [the rule language](rule-language.md) and
[kairos.yaml](kairos-yaml.md). A key in **bold** must be there.

DURATION, PERCENT, PATH, CONDITION and OCCASION are explained in [the rule language](rule-language.md). "A or list of As" means: any of these.`;

const places = {
  rule: 'A rule (`rules/NAME.yaml`)',
  start: '`start` with `event`',
  'inactive start': '`start` with `inactive`',
  occasion: 'OCCASION: `stop`, `goal` (which also has `within`), `wait: { for: … }`',
  'wait for': '`wait: { for: … }`',
  'beside wait for': 'Beside `wait: { for: … }`',
  'beside if': 'Beside `if: CONDITION`',
  send: '`send: { … }`',
  operators: 'Operators of a CONDITION',
  'has done': '`has done`, `has not done`',
  settings: '`kairos.yaml`',
  category: 'A category (`categories`)',
  cap: 'A cap (`caps`)',
  'quiet hours': '`quiet hours`',
  'provider smtp': '`providers`: `kind: smtp`',
  'provider webhook': '`providers`: `kind: webhook`',
  'provider file': '`providers`: `kind: file`',
};

export function keysPage(keys) {
  const missing = Object.keys(keys).filter((place) => !(place in places));
  if (missing.length > 0) throw new Error(`keys-page.mjs has no heading for ${missing.join(', ')}`);
  const sections = Object.entries(places).map(([place, heading]) => `## ${heading}\n\n${keyTable(place, keys[place])}`);
  return page('Every key', 'the tables in libs/core/src/rules/language', intro, ...sections);
}

function keyTable(place, keys) {
  if (place === 'operators')
    return table(
      ['operator', 'takes', 'meaning'],
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
