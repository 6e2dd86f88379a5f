import { jest } from '@jest/globals';
import fc from 'fast-check';
import { diagnosticCodes } from './diagnostic-codes.js';
import { RULE, TEXTS, workspaceWith } from './fixtures/valid-workspace.js';
import { WHOLE } from './fixtures/whole-workspace.js';
import { readWorkspace } from './read-workspace.js';
import { renderDiagnostic } from './render-diagnostic.js';

const SNIPPETS = [
  '{',
  '}',
  '[',
  ']',
  ': ',
  '- ',
  '\n',
  '\n  ',
  '"',
  "'",
  '#',
  ', ',
  '&a ',
  '*a',
  '!!x ',
  '|\n',
  '? ',
  '\t',
  '\u00a0',
  '“',
  '–',
  'а',
  '🛒',
  '%',
  '0',
  '-1',
  '1e999',
  'null',
  'yes',
  'event.',
  'customer.x',
  'segment: x',
  'start.',
  'answer.score',
  ' x customer.order_gap',
  ' before ',
  '100%',
  'wait: ',
  'as: a',
  '__proto__',
  'constructor: 1',
  'any item: ',
  'text: ',
  'x'.repeat(300),
];

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(12),
  insert: fc.oneof(fc.constantFrom('', ...SNIPPETS), fc.string({ unit: 'grapheme', maxLength: 5 })),
});
const lineMove = fc.record({ from: fc.nat(60), to: fc.nat(60) });

function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce((current, { at, remove, insert }) => {
    const start = Math.floor(at * current.length);
    return current.slice(0, start) + insert + current.slice(start + remove);
  }, text);
}

function moved(text: string, moves: readonly { from: number; to: number }[]): string {
  const lines = text.split('\n');
  for (const { from, to } of moves) lines.splice(to % lines.length, 0, lines[from % lines.length] ?? '');
  return lines.join('\n');
}

type Changes = { readonly [path: string]: string | null };

/** Whatever was done to the text: a workspace, or findings that lie inside their file, in order, with known codes. */
function holds(path: string, content: string | Uint8Array, others: Changes): void {
  const { workspace, diagnostics } = readWorkspace(workspaceWith({ ...others, [path]: content }));
  const codes = diagnosticCodes();
  expect(workspace === null).toBe(diagnostics.some((d) => d.severity === 'error'));
  for (const d of diagnostics) {
    expect(codes.has(d.code as never)).toBe(true);
    const text =
      d.file === path ? (typeof content === 'string' ? content : null) : (others[d.file] ?? TEXTS[d.file] ?? '');
    if (text === null) continue;
    const lines = text.replace(/^\ufeff/, '').split('\n');
    expect(d.line).toBeLessThanOrEqual(lines.length);
    expect(d.column).toBeLessThanOrEqual([...(lines[d.line - 1] ?? '')].length + 1);
    expect([d.endLine, d.endColumn >= (d.endLine === d.line ? d.column : 1)]).toEqual([expect.any(Number), true]);
    renderDiagnostic(d, text, { color: true });
  }
  const ofFile = diagnostics.filter((d) => d.file === path).map((d) => d.line * 1_000_000 + d.column);
  expect(ofFile).toEqual([...ofFile].sort((a, b) => a - b));
}

const WHOLE_FILES = ['kairos.yaml', 'segments.yaml', 'events.yaml', 'rules/everything.yaml'] as const;

/** Words and values of the language, to stand where others stood. */
const WORDS = [...new Set(WHOLE_FILES.flatMap((path) => WHOLE[path]?.match(/[\p{L}\d][\p{L}\d ._%-]*/gu) ?? []))];

interface Swap {
  readonly at: number;
  readonly by: string;
}

const swap = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  by: fc.oneof(
    fc.constantFrom(...WORDS),
    fc.constantFrom('{}', '[]', 'null', '""', '{ text: x }', '[[1]]', '{ a: { b: c } }', '-1', '1e400', '""', '~'),
  ),
});

/** Other words and values in place of some: the shape stays, the meaning goes. */
function swapped(text: string, swaps: readonly Swap[]): string {
  return swaps.reduce((current, { at, by }) => {
    const words = [...current.matchAll(/[\p{L}\d][\p{L}\d ._%-]*/gu)];
    const word = words[Math.floor(at * words.length)];
    if (word === undefined) return current;
    return current.slice(0, word.index) + by + current.slice(word.index + word[0].length);
  }, text);
}

/** `FUZZ_CASES=20000` looks as long as one likes; without it as long as every run of the tests may take. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 100);
/** A case takes some milliseconds, shrinking what fails many; no more than that one case hangs is to be found by it. */
const PATIENCE_MS = 120_000 + CASES * 100;

jest.setTimeout(PATIENCE_MS);

describe('any text at all', () => {
  it.each(WHOLE_FILES)('is a workspace or has located findings, after edits of a whole %s', (path) => {
    const text = WHOLE[path] ?? '';
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 4 }),
        fc.array(lineMove, { maxLength: 2 }),
        fc.array(swap, { maxLength: 3 }),
        (edits, moves, swaps) => holds(path, edited(moved(swapped(text, swaps), moves), edits), WHOLE),
      ),
      { numRuns: CASES },
    );
  });

  it('is a workspace or has located findings, where one file stands in the place of another', () => {
    for (const from of WHOLE_FILES) for (const to of WHOLE_FILES) if (from !== to) holds(to, WHOLE[from] ?? '', WHOLE);
  });

  it('is a workspace or has located findings, after edits of a small rule', () => {
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.array(lineMove, { maxLength: 2 }),
        (edits, moves) => holds('rules/cart.yaml', edited(moved(RULE, moves), edits), {}),
      ),
      { numRuns: CASES },
    );
  });

  it.each(WHOLE_FILES)('is a workspace or has located findings, for arbitrary bytes as %s', (path) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => holds(path, bytes, WHOLE)),
      { numRuns: Math.ceil(CASES / 4) },
    );
  });
});
