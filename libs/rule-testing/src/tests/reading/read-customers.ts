import { CHANNELS, readers, type ConsentPreferences, type Reader, type Reading, type YamlNode } from '#core';
import type { TestCustomer } from '../test-file.js';
import { jsonMap, readEntries } from './json-value.js';

const APART = ['consents', 'traits'];
const traits = jsonMap('traits');

/** `ann: { email: …, consents: { promotional: [email] } }`: all names but `consents` and `traits` are traits. */
export const customers: Reader<readonly TestCustomer[]> = {
  type: 'map of customers',
  read(node, reading) {
    const map = readers.readMap(node, reading, 'customers by name');
    if (map === undefined) return undefined;
    const read = map.entries.map(({ key, value }) => readCustomer(key, value, reading));
    return read.includes(undefined) ? undefined : (read as TestCustomer[]);
  },
};

function readCustomer(name: string, node: YamlNode, reading: Reading): TestCustomer | undefined {
  const map = readers.readMap(node, reading, 'the traits of a customer, such as { email: ann@shop.test }');
  if (map === undefined) return undefined;
  const named = readEntries(
    map.entries.filter(({ key }) => !APART.includes(key)),
    reading,
  );
  const reserved = readers.findEntry(map, 'traits');
  const more = reserved === undefined ? {} : traits.read(reserved.value, reading);
  const written = readers.findEntry(map, 'consents');
  const consents = written === undefined ? null : readConsents(written.value, reading);
  // Not known, it would be the workspace's: the test would prove something of another hour.
  const zone = readers.findEntry(map, 'timezone')?.value;
  const isRightZone = zone?.kind !== 'scalar' || readers.timeZone.read(zone, reading) !== undefined;
  if (named === undefined || more === undefined || consents === undefined || !isRightZone) return undefined;
  return { name, traits: { ...named, ...more }, consents };
}

function readConsents(node: YamlNode, reading: Reading): ConsentPreferences | undefined {
  const map = readers.readMap(node, reading, 'consents, such as { promotional: [email] }');
  if (map === undefined) return undefined;
  const read = map.entries.map((entry) => {
    const isKnown = checkCategory(entry.key, entry.keySpan, reading);
    const value = readConsent(entry.value, reading);
    return isKnown && value !== undefined ? ([entry.key, value] as const) : undefined;
  });
  return read.includes(undefined) ? undefined : Object.fromEntries(read as (readonly [string, boolean | string[]])[]);
}

const channels = readers.listOf(readers.oneOf(CHANNELS), { min: 0, unique: true });

function readConsent(node: YamlNode, reading: Reading): boolean | readonly string[] | undefined {
  return node.kind === 'list' ? channels.read(node, reading) : readers.truth.read(node, reading);
}

function checkCategory(name: string, span: YamlNode['span'], reading: Reading): boolean {
  const known = reading.names.categories;
  if (known === null || known.has(name)) return true;
  const closest = readers.closestName(name, known);
  const hint = closest === null ? `kairos.yaml has: ${[...known].join(', ')}` : `did you mean "${closest}"?`;
  reading.error(
    span,
    'rule/unknown-category',
    `there is no category "${name.slice(0, 80)}" (${hint})`,
    closest ?? undefined,
  );
  return false;
}
