// What a statement of SQL is called, and whether it writes.

const WRITE = /\b(insert into|update|delete from) ([a-z_]+)/i;
/** Functions of ours that make tables. */
const MAKES_DAYS = /\bensure_days\(/;

const textOf = (asked) => (typeof asked === 'string' ? asked : asked.text);

export function writes(asked) {
  const text = textOf(asked).replace(/\bfor (no key )?update\b|\bdo update\b/gi, '');
  return WRITE.test(text) || MAKES_DAYS.test(text);
}

/** Its name, or what it writes first. */
export function labelOf(asked) {
  if (typeof asked !== 'string' && asked.name !== undefined) return asked.name;
  const text = textOf(asked).replace(/\bfor (no key )?update\b|\bdo update\b/gi, '');
  if (MAKES_DAYS.test(text)) return 'ensure_days';
  const found = WRITE.exec(text);
  return found === null ? text.trim().slice(0, 40) : `${found[1].toLowerCase()} ${found[2]}`;
}

/**
 * Labels of the statements of a source text that write.
 * @param {string} source TypeScript
 */
export function writingStatementsIn(source) {
  const labels = new Set();
  const named = /name: '([a-z_-]+)',\s*text: (?:`([^`]*)`|'([^']*)')/g;
  const rest = source.replace(named, (_, name, long, short) => {
    if (writes(long ?? short)) labels.add(name);
    return '';
  });
  for (const [literal] of rest.matchAll(/`[^`]*`|'[^'\n]*'/g))
    if (writes(literal)) labels.add(labelOf(literal.slice(1)));
  return labels;
}
