import { readers, type Reader, type Reading, type Rule, type YamlEntry, type YamlNode, type YamlScalar } from '#core';
import type { ChosenChance } from '../test-file.js';
import { drawnNames } from './drawn-names.js';
import type { TestPlaces } from './places.js';

const HOLDOUT = 'holdout';

/** `chance: { RULE: holdout | BRANCH }`, or a list of them: what everybody of the test draws in that rule. */
export function chance(places: TestPlaces): Reader<ReadonlyMap<string, ChosenChance>> {
  return {
    type: 'map RULE: holdout, or the name of a branch or variant',
    read(node, reading) {
      const map = readers.readMap(node, reading, 'what chance gives, such as { win-back: holdout }');
      if (map === undefined) return undefined;
      const read = map.entries.map((entry) => readEntry(entry, places, reading));
      return read.includes(undefined) ? undefined : new Map(read as (readonly [string, ChosenChance])[]);
    },
  };
}

function readEntry(
  entry: YamlEntry,
  { rule, workspace }: TestPlaces,
  reading: Reading,
): readonly [string, ChosenChance] | undefined {
  const name = rule.read(keyAsText(entry), reading);
  const found = name === undefined ? undefined : workspace?.rules.find((each) => each.name === name);
  const drawn = readers.oneOrList(outcome(found)).read(entry.value, reading);
  if (name === undefined || drawn === undefined) return undefined;
  return [name, { heldOut: drawn.includes(HOLDOUT), branches: drawn.filter((each) => each !== HOLDOUT) }];
}

/** @param rule undefined: not known, since the workspace has errors */
function outcome(rule: Rule | undefined): Reader<string> {
  return {
    type: 'holdout, or the name of a branch or variant',
    read(node, reading) {
      const scalar = readers.readScalar(node, reading, 'holdout, or the name of a branch or variant');
      if (scalar === undefined) return undefined;
      const written = String(scalar.value);
      return rule === undefined || isDrawn(written, rule, node, reading) ? written : undefined;
    },
  };
}

function isDrawn(written: string, rule: Rule, node: YamlNode, reading: Reading): boolean {
  const names = drawnNames(rule.steps);
  if (names.includes(written) || (written === HOLDOUT && rule.holdout > 0)) return true;
  if (written === HOLDOUT) {
    reading.error(node.span, 'test/no-holdout', `the rule ${rule.name} has no \`holdout\``);
    return false;
  }
  const all = rule.holdout > 0 ? [HOLDOUT, ...names] : names;
  const closest = readers.closestName(written, all);
  const hint =
    closest !== null
      ? `did you mean "${closest}"?`
      : all.length === 0
        ? 'nothing in it is drawn'
        : `there are: ${all.join(', ')}`;
  reading.error(
    node.span,
    'test/unknown-branch',
    `the rule ${rule.name} has no branch or variant "${written.slice(0, 80)}" (${hint})`,
    closest ?? undefined,
  );
  return false;
}

function keyAsText({ key, keySpan }: YamlEntry): YamlScalar {
  return { kind: 'scalar', value: key, written: key, quoted: true, empty: false, cutOff: null, span: keySpan };
}
