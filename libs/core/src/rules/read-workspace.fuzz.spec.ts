import fc from 'fast-check';
import { diagnosticCodes } from './diagnostic-codes.js';
import { KAIROS, RULE, TEXTS, workspaceWith } from './fixtures/valid-workspace.js';
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

/** Whatever was done to the text: a workspace, or findings that lie inside their file, in order, with known codes. */
function holds(path: string, content: string | Uint8Array): void {
  const { workspace, diagnostics } = readWorkspace(workspaceWith({ [path]: content }));
  const codes = diagnosticCodes();
  expect(workspace === null).toBe(diagnostics.some((d) => d.severity === 'error'));
  for (const d of diagnostics) {
    expect(codes.has(d.code as never)).toBe(true);
    const text = d.file === path ? (typeof content === 'string' ? content : null) : (TEXTS[d.file] ?? '');
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

describe('any text at all', () => {
  it('is a workspace or has located findings, after edits of a rule', () => {
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.array(lineMove, { maxLength: 2 }),
        (edits, moves) => holds('rules/cart.yaml', edited(moved(RULE, moves), edits)),
      ),
      { numRuns: 300 },
    );
  });

  it('is a workspace or has located findings, after edits of kairos.yaml', () => {
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.array(lineMove, { maxLength: 2 }),
        (edits, moves) => holds('kairos.yaml', edited(moved(KAIROS, moves), edits)),
      ),
      { numRuns: 200 },
    );
  });

  it('is a workspace or has located findings, for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => holds('rules/cart.yaml', bytes)),
      { numRuns: 200 },
    );
  });
});
