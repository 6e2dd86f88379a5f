import { html, type Html } from './html.js';
import { n } from '../report-words.js';

/** Something that is counted in each column, in the colour of its place. */
export interface Series {
  readonly name: string;
  /** Class of its colour: s0 … s5, held. */
  readonly colour: string;
}

export interface Column {
  readonly name: string;
  /** As many as there are series. */
  readonly values: readonly number[];
}

const WIDTH = 1000;
const HEIGHT = 200;
/** Columns are no wider than where there are so many. */
const FEWEST = 8;

/**
 * Columns whose parts stand upon each other. The drawing is stretched to the width of the page, so all writing stands
 * beside it: letters keep their size on a phone.
 */
export function stackedColumns(label: string, series: readonly Series[], columns: readonly Column[]): Html {
  const most = Math.max(1, ...columns.map(({ values }) => values.reduce((sum, value) => sum + value, 0)));
  const step = WIDTH / Math.max(columns.length, FEWEST);
  const used = Math.min(100, (columns.length / FEWEST) * 100);
  return html`<ul class="legend">
      ${series.map((each) => html`<li>${swatch(each.colour)}${each.name}</li>`)}
    </ul>
    <div class="chart">
      <div class="scale faint"><span>${n(most)}</span><span>0</span></div>
      <svg class="columns" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">
        ${columns.map((column, index) => stack(column, series, { x: index * step, width: step, most }))}
      </svg>
      <div class="ends faint" style="width: ${used}%">
        <span>${columns[0]?.name ?? ''}</span><span>${columns.length > 1 ? columns.at(-1)!.name : ''}</span>
      </div>
    </div>`;
}

function stack(
  { name, values }: Column,
  series: readonly Series[],
  at: { readonly x: number; readonly width: number; readonly most: number },
): Html {
  const parts: Html[] = [];
  let top = HEIGHT;
  values.forEach((value, index) => {
    if (value === 0) return;
    const height = (value / at.most) * HEIGHT;
    top -= height;
    parts.push(rectangle(series[index]!.colour, at.x + at.width * 0.08, top, at.width * 0.84, height));
  });
  const said = values.flatMap((value, index) => (value === 0 ? [] : [`${series[index]!.name} ${n(value)}`]));
  return html`<g><title>${name}: ${said.join(', ') || 'nothing'}</title>${parts}</g>`;
}

/** One bar of several parts, as wide as the page lets it be where `most` is reached. */
export function strip(
  label: string,
  parts: readonly { readonly value: number; readonly colour: string }[],
  most: number,
): Html {
  const drawn: Html[] = [];
  let x = 0;
  for (const { value, colour } of parts) {
    const width = most === 0 ? 0 : (value / most) * WIDTH;
    if (width > 0) drawn.push(rectangle(colour, x, 0, width, 10));
    x += width;
  }
  return html`<svg class="strip" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" role="img" aria-label="${label}">
    ${drawn}
  </svg>`;
}

function swatch(colour: string): Html {
  return html`<svg viewBox="0 0 10 10" aria-hidden="true">${rectangle(colour, 0, 0, 10, 10)}</svg>`;
}

function rectangle(colour: string, x: number, y: number, width: number, height: number): Html {
  const short = (value: number): string => String(Math.round(value * 100) / 100);
  return html`<rect
    class="${colour}"
    x="${short(x)}"
    y="${short(y)}"
    width="${short(width)}"
    height="${short(height)}"
  />`;
}
