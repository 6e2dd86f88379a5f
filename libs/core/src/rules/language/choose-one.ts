import { mapStart, unknownField } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import { closestName } from '../reading/closest-name.js';
import type { YamlMap } from '../yaml/yaml-node.js';

type Words = { readonly [word: string]: object };

/**
 * The one word of a map that says of which kind it is. Reports none and several.
 * @param known all keys that may stand there, for "did you mean".
 */
export function chooseOne<W extends Words>(
  map: YamlMap,
  reading: Reading,
  words: W,
  what: string,
  known: readonly string[],
): (keyof W & string) | undefined {
  const found = map.entries.filter((entry) => Object.hasOwn(words, entry.key));
  const [first, second] = found;
  if (first === undefined) return noWord(map, reading, words, what, known);
  if (second !== undefined) {
    return reading.shape(
      second.keySpan,
      'one-of',
      `"${first.key}" and "${second.key}" cannot stand together in ${what}`,
    );
  }
  return first.key;
}

function noWord(map: YamlMap, reading: Reading, words: Words, what: string, known: readonly string[]): undefined {
  const all = [...new Set([...Object.keys(words), ...known])];
  const misspelt = map.entries.find((entry) => !known.includes(entry.key) && closestName(entry.key, all) !== null);
  if (misspelt !== undefined) {
    unknownField(misspelt, reading, all);
    return;
  }
  const unless = map.entries.find((entry) => entry.key === 'unless');
  if (unless !== undefined && Object.hasOwn(words, 'if'))
    return reading.shape(unless.keySpan, 'one-of', 'there is no `unless`; write `if: { not: … }`', 'if');
  const available = Object.keys(words);
  return reading.shape(
    mapStart(map),
    'one-of',
    `${what} needs ${available.length === 1 ? '' : 'one of '}${available.map((word) => `"${word}"`).join(', ')}`,
  );
}
