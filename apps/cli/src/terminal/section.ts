import type { Output } from './terminal.js';

/** A title and its lines, apart from what stands before; nothing where there are none. */
export function section(out: Output, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  out.line(`\n${bold(out, title)}`);
  for (const line of lines) out.line(`  ${line}`);
}

export function bold({ color }: Output, text: string): string {
  return color ? `\u001b[1m${text}\u001b[0m` : text;
}

export function faint({ color }: Output, text: string): string {
  return color ? `\u001b[2m${text}\u001b[0m` : text;
}
