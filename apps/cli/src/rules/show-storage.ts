import Table from 'cli-table3';
import type { KeptThing, StorageReport } from '#core';
import type { Output } from '../terminal/terminal.js';

/** Narrower than that, columns are of no use. */
const NARROWEST = 100;
const SIZES = 10;
const EVERYTHING = 'everything';

/** For people: what is kept of each customer, for whom, how long, and how much it is. */
export function showStorage({ columns, color, line }: Output, { kept, total, textLength }: StorageReport): void {
  const owners = kept.flatMap((thing) => thing.for);
  const widest = Math.max(...owners.map((owner) => owner.length), EVERYTHING.length) + 2;
  const left = Math.max(columns, NARROWEST) - 2 * SIZES - 6 - widest;
  const what = Math.max(Math.floor(left / 2), 20);
  const table = new Table({
    head: ['kept of each customer', 'for', 'how long', 'first', 'full'],
    colWidths: [what, widest, Math.max(left - what, 20), SIZES, SIZES],
    colAligns: ['left', 'left', 'left', 'right', 'right'],
    wordWrap: true,
    style: color ? { head: ['bold'], border: ['gray'] } : { head: [], border: [] },
  });
  for (const thing of kept)
    table.push([whatOf(thing), thing.for.join('\n') || EVERYTHING, thing.until, bytes(thing.first), bytes(thing.full)]);
  table.push(['one of each', '', '', bytes(total.first), bytes(total.full)]);
  line(table.toString());
  line(
    `\nIn the state of a customer who does such things; who does none of them is not kept. *first*: after one event; *full*: with as many\n` +
      `as are ever kept at once. Measured with texts of ${textLength} characters and the properties of events.yaml (5 where it says nothing):\n` +
      `typical sizes, longer values take more. A value longer than 2,000 characters is not kept, and a list ends at 16,000.`,
  );
}

function whatOf({ what, each }: KeptThing): string {
  return each === null ? what : `${what}, one for each ${each}`;
}

function bytes(count: number): string {
  return count < 10_000 ? `${count.toLocaleString('en')} B` : `${(count / 1_000).toFixed(1)} kB`;
}
