/** A table of GitHub's Markdown; cells are Markdown themselves, a bar in them is escaped. */
export function table(headings, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text) => `\`${text}\``;

/** Notice at the top of every generated page, so that nobody corrects the page instead of its source. */
export function page(title, source, ...parts) {
  const notice = `<!-- Made by scripts/generate-reference.mjs from ${source}: change that, then run \`node scripts/generate-reference.mjs\`. -->`;
  return `${[`# ${title}`, notice, ...parts].join('\n\n')}\n`;
}
