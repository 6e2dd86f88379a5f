// Orders: texts by code points, absent before present, lists entry by entry.

export function compareTexts(left, right) {
  const a = [...left],
    b = [...right];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i].codePointAt(0) - b[i].codePointAt(0);
  }
  return a.length - b.length;
}

/** Keys of runs: null, a text, or a list of texts. */
export function compareKeys(left, right) {
  if (left === null || right === null) return (left === null ? 0 : 1) - (right === null ? 0 : 1);
  const a = [left].flat(),
    b = [right].flat();
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareTexts(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

export const isSameKey = (left, right) => JSON.stringify(left) === JSON.stringify(right);

const sorted = (value) =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareTexts(a, b)));

/** Whether two `with` are the same, in whatever order their names stand. */
export const isSameWith = (left, right) =>
  JSON.stringify(left, (_, value) => sorted(value)) === JSON.stringify(right, (_, value) => sorted(value));
