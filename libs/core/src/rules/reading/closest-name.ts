/**
 * The candidate that was probably meant, or null. Spelling in another case, with `_`, `-` or nothing instead of a blank
 * counts as the same; otherwise at most a third of the letters may be wrong (Damerau-Levenshtein distance, adjacent
 * letters swapped count once).
 */
export function closestName(word: string, candidates: Iterable<string>): string | null {
  if (word.length > 100) return null;
  const plain = lookalikesReplaced(word);
  const small = plain.toLowerCase();
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const candidate of candidates) {
    if (squeezed(candidate) === squeezed(plain)) return candidate;
    const distance = editDistance(small, candidate.toLowerCase());
    if (distance < bestDistance && distance < candidate.length) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function squeezed(text: string): string {
  return text.toLowerCase().replace(/[ _-]/g, '');
}

/** Letters of other scripts that look like Latin ones, the blanks and the dashes that look like the plain ones. */
const LOOKALIKES: { readonly [sign: string]: string } = Object.fromEntries(
  [
    'аa',
    'еe',
    'оo',
    'рp',
    'сc',
    'уy',
    'хx',
    'іi',
    'јj',
    'ѕs',
    'ԁd',
    'һh',
    'АA',
    'ВB',
    'ЕE',
    'КK',
    'МM',
    'НH',
    'ОO',
    'РP',
    'СC',
    'ТT',
    'ХX',
    'кk',
    'мm',
    'тt',
    'вb',
    'нh',
    'οo',
    'αa',
    'ιi',
    'ѵv',
    'ԛq',
    'ԝw',
  ].map((pair) => [pair.charAt(0), pair.charAt(1)]),
);

const ODD_SIGNS = /[^\p{ASCII}]/gu;

export function lookalikesReplaced(text: string): string {
  return text.replace(ODD_SIGNS, (sign) => {
    if (/[\p{Zs}]/u.test(sign)) return ' ';
    if (/[\u200b-\u200d\ufeff\u00ad]/u.test(sign)) return '';
    if (/[\p{Pd}\u2212]/u.test(sign)) return '-';
    return LOOKALIKES[sign] ?? sign;
  });
}

/** Names the first sign that only looks like a plain one, for a sentence; null when there is none. */
export function lookalikeIn(text: string): string | null {
  for (const sign of text.match(ODD_SIGNS) ?? []) {
    const plain = lookalikesReplaced(sign);
    if (plain === sign) continue;
    if (plain === ' ') return 'a blank of another kind (a non-breaking space)';
    if (plain === '') return 'an invisible sign';
    if (plain === '-') return 'a typographic dash instead of a hyphen';
    return `the letter "${sign}" of another alphabet, which only looks like "${plain}"`;
  }
  return null;
}

export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      row.push(least);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
