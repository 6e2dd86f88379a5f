import { readers, type Reader, type Reading, type YamlEntry, type YamlNode, type YamlScalar } from '#core';
import type { TestPlaces } from './places.js';

/** `chance: { RULE: holdout }`: the holdouts in which every customer of the test is. */
export function chance(places: TestPlaces): Reader<ReadonlySet<string>> {
  return {
    type: 'map RULE: holdout',
    read(node, reading) {
      const map = readers.readMap(node, reading, 'what chance gives, such as { win-back: holdout }');
      if (map === undefined) return undefined;
      const names = map.entries.map((entry) => readEntry(entry, places, reading));
      return names.includes(undefined) ? undefined : new Set(names as string[]);
    },
  };
}

function readEntry(entry: YamlEntry, { rule, rules }: TestPlaces, reading: Reading): string | undefined {
  const name = rule.read(keyAsText(entry), reading);
  const isHoldout = readHoldout(entry.value, reading);
  if (name === undefined || !isHoldout) return undefined;
  if (rules === null || rules.some((each) => each.name === name && each.holdout > 0)) return name;
  return reading.error(entry.value.span, 'test/no-holdout', `the rule ${name} has no \`holdout\``);
}

function readHoldout(node: YamlNode, reading: Reading): boolean {
  const scalar = readers.readScalar(node, reading, 'holdout');
  if (scalar === undefined || scalar.value === 'holdout') return scalar !== undefined;
  readers.notAllowed(scalar, reading, ['holdout']);
  return false;
}

function keyAsText({ key, keySpan }: YamlEntry): YamlScalar {
  return { kind: 'scalar', value: key, written: key, quoted: true, empty: false, cutOff: null, span: keySpan };
}
