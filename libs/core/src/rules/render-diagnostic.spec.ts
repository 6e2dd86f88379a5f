import type { Diagnostic } from './diagnostic.js';
import { renderDiagnostic } from './render-diagnostic.js';

const at = (line: number, column: number, endColumn: number, message: string, endLine = line): Diagnostic => ({
  file: 'rules/abandoned-cart.yaml',
  line,
  column,
  endLine,
  endColumn,
  severity: 'error',
  code: 'rule/unknown-field',
  message,
});

describe('renderDiagnostic', () => {
  it('shows place, code, sentence and the line with its caret', () => {
    const source = `${'\n'.repeat(10)}    chanel: email\n`;
    expect(renderDiagnostic(at(11, 5, 11, 'unknown field "chanel" (did you mean "channels"?)'), source)).toBe(
      [
        'rules/abandoned-cart.yaml:11:5 error[rule/unknown-field] unknown field "chanel" (did you mean "channels"?)',
        '   11 |     chanel: email',
        '      |     ^^^^^^',
      ].join('\n'),
    );
  });

  it('is one line where there is no text to show', () => {
    expect(renderDiagnostic(at(1, 1, 1, 'gone'), null)).toBe(
      'rules/abandoned-cart.yaml:1:1 error[rule/unknown-field] gone',
    );
    expect(renderDiagnostic(at(1, 1, 1, 'gone'), '')).not.toContain('\n');
  });

  it('marks at least one character, and the first line of several', () => {
    expect(renderDiagnostic(at(1, 3, 3, 'x'), 'abcdef')).toMatch(/\| {3}\^$/);
    expect(renderDiagnostic(at(1, 3, 2, 'x', 2), 'abcdef\ng')).toMatch(/\| {3}\^{4}$/);
  });

  it('cuts long lines around the place and counts characters, not units', () => {
    const long = `${'🛒'.repeat(1_000)}x${'y'.repeat(1_000)}`;
    const [, line = '', caret = ''] = renderDiagnostic(at(1, 1_001, 1_002, 'x'), long).split('\n');
    expect([...line].length).toBeLessThan(200);
    expect([...line].indexOf('x')).toBe(caret.indexOf('^'));
  });

  it('does not let a file steer the terminal', () => {
    const shown = renderDiagnostic(at(1, 1, 2, 'bad \u001b[31m'), 'a\u001b[2J\u0007\u202eb');

    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('colours only when asked', () => {
    expect(renderDiagnostic(at(1, 1, 2, 'x'), 'abc', { color: true }).replace(/\u001b\[\d+m/g, '')).toBe(
      renderDiagnostic(at(1, 1, 2, 'x'), 'abc'),
    );
  });
});
