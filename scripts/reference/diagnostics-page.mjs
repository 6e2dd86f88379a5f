import { code, page, table } from './markdown.mjs';

const intro = `What \`kairos rules validate\` (and the start of every process) can find in a workspace. Each finding is printed with its place,
the line itself, and, where there is an obvious one, the correction:

\`\`\`
rules/abandoned-cart.yaml:11:5 error[rule/unknown-field] unknown field "chanel" (did you mean "channels"?)
   11 |     chanel: email
      |     ^^^^^^
\`\`\`

Codes are stable: filter by them. With an **error** nothing is published or started; a **warning** is worth a look. The same code can be
either, depending on what is found. \`--format json\` prints \`[{ file, line, column, endLine, endColumn, severity, code, message,
suggestion? }]\`, line and column from 1, columns in characters; \`--format github\` prints annotations for pull requests.
At most 20 findings a file are shown.

Below each table stands an example of every code, as it is printed (test/fixtures/diagnostics).`;

const groups = {
  file: 'Files',
  yaml: 'YAML',
  value: 'Values',
  path: 'Paths',
  condition: 'Conditions',
  rule: 'Rules',
  settings: 'kairos.yaml',
  template: 'Templates',
  test: 'Rule tests',
  mapping: 'Mappings of tables',
};

/**
 * @param examples one finding of each code as it is printed
 * @param codes maps of code to sentence; a code that two of them hold is shown once
 */
export function diagnosticsPage(examples, ...codes) {
  const all = new Map(codes.flatMap((map) => [...map]));
  const groupOf = (name) => name.split('/')[0];
  const names = [...new Set([...Object.keys(groups), ...[...all.keys()].map(groupOf)])];
  const sections = names.flatMap((group) => {
    const rows = [...all].filter(([name]) => groupOf(name) === group).sort(([a], [b]) => (a < b ? -1 : 1));
    if (rows.length === 0) return [];
    return [
      `## ${groups[group] ?? group}\n\n${table(
        ['code', 'meaning'],
        rows.map(([name, text]) => [code(name), text]),
      )}\n\n\`\`\`text\n${rows.map(([name]) => examples.get(name)).join('\n\n')}\n\`\`\``,
    ];
  });
  return page('Diagnostics', 'libs/core/src/rules/diagnostic-codes.ts and libs/templates', intro, ...sections);
}
