const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const HEIGHT = 6;

/**
 * Columns of a height of six lines, with what the highest one stands for and the names of the first and the last. Where
 * there are more values than fit, several stand in one column, and `each` says how many.
 * @param columns of the terminal
 */
export function columnChart(
  values: readonly { readonly name: string; readonly value: number }[],
  columns: number,
): { readonly lines: readonly string[]; readonly each: number } {
  const label = (value: number): string => value.toLocaleString('en');
  const widest = label(values.reduce((sum, { value }) => sum + value, 0)).length;
  const room = Math.max(10, columns - widest - 3);
  const each = Math.max(1, Math.ceil(values.length / room));
  const sums: number[] = [];
  for (let at = 0; at < values.length; at += each)
    sums.push(values.slice(at, at + each).reduce((sum, { value }) => sum + value, 0));
  const most = Math.max(...sums);
  const margin = label(most).length;
  const lines = Array.from({ length: HEIGHT }, (_, row) => {
    const side = row === 0 ? label(most) : row === HEIGHT - 1 ? '0' : '';
    return `${side.padStart(margin)} ┤${sums.map((sum) => cell(sum, most, HEIGHT - 1 - row)).join('')}`.trimEnd();
  });
  const [first, last] = [values[0]!.name, values.at(-1)!.name];
  const gap = Math.max(1, sums.length - first.length - last.length);
  const axis = `${' '.repeat(margin + 2)}${values.length === 1 ? first : `${first}${' '.repeat(gap)}${last}`}`;
  return { lines: [...lines, axis], each };
}

/** @param row from the bottom, 0 is the lowest */
function cell(value: number, most: number, row: number): string {
  if (value === 0) return ' ';
  // What is there at all is seen.
  const eighths = Math.max(1, Math.round((value / most) * HEIGHT * 8));
  return EIGHTHS[Math.min(8, Math.max(0, eighths - row * 8))]!;
}
