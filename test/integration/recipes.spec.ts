import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderDiagnostic, type Diagnostic } from '#core';
import { runRuleTests, type TestResult } from '#rule-testing';
import { loadWorkspace, withTemplateFindings, type LoadedWorkspace } from '../../apps/cli/src/rules/load-workspace.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'examples/recipes');
const recipes = readdirSync(folder);
const page = readFileSync(join(root, 'docs/recipes.md'), 'utf8');

/** Who tries a recipe has no provider yet; all else that is found would be copied with it. */
function findings({ diagnostics, files }: Pick<LoadedWorkspace, 'diagnostics' | 'files'>): readonly string[] {
  return diagnostics
    .filter(({ code }) => code !== 'settings/no-provider')
    .map((diagnostic) => renderDiagnostic(diagnostic, sourceOf(diagnostic, files), { color: false }));
}

function sourceOf({ file }: Diagnostic, files: LoadedWorkspace['files']): string | null {
  const found = files.find(({ path }) => path === file);
  return found === undefined ? null : new TextDecoder().decode(found.bytes);
}

const provesSilence = ({ messages, explanations }: TestResult): boolean =>
  explanations.length > 0 || messages.some(({ expected }) => expected?.includes('suppressed:'));

function whyFailed({ file, line, name, messages, explanations }: TestResult): string {
  const wrong = messages
    .filter(({ matches }) => !matches)
    .map(({ expected, actual, why }) => [`expected ${expected}, was ${actual}`, ...why].join('\n    '));
  const unexplained = explanations
    .filter(({ holds }) => !holds)
    .map(({ expected, why }) => [expected, ...why].join('\n    '));
  return [`${file}:${line} ${name}`, ...wrong, ...unexplained].join('\n  ');
}

describe('the recipes', () => {
  it('are at least thirty', () => {
    expect(recipes.length).toBeGreaterThanOrEqual(30);
  });

  it('are all listed in docs/recipes.md, and nothing else is', () => {
    const listed = [...page.matchAll(/\]\(\.\.\/examples\/recipes\/([a-z0-9-]+)\)/g)].map(([, name]) => name);
    expect(listed.sort()).toEqual([...recipes].sort());
  });
});

describe.each(recipes)('the recipe %s', (name) => {
  let loaded: LoadedWorkspace;
  beforeAll(async () => (loaded = await withTemplateFindings(await loadWorkspace(join(folder, name)))));

  it('tells its story in a README', () => {
    const file = join(folder, name, 'README.md');
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toMatch(/^# .+\n\n(?:- \*\*.+\n){4,5}$/);
  });

  it('has neither errors nor warnings', () => {
    expect(findings(loaded)).toEqual([]);
  });

  it('has at least two tests for each rule, one of them of silence, and all pass', () => {
    if (loaded.workspace === null) throw new Error(`${name} has errors`);
    const tests = loaded.files.filter(({ path }) => path.endsWith('.test.yaml'));
    const results = runRuleTests(loaded.workspace, tests, { only: null });
    expect(results.files.flatMap(({ diagnostics }) => findings({ diagnostics, files: tests }))).toEqual([]);
    for (const rule of loaded.workspace.rules) {
      const own = results.files.find(({ path }) => path === `rules/${rule.name}.test.yaml`)?.tests ?? [];
      expect([rule.name, own.length >= 2, own.some(provesSilence)]).toEqual([rule.name, true, true]);
    }
    const all = results.files.flatMap((file) => file.tests);
    expect(all.filter(({ passed }) => !passed).map(whyFailed)).toEqual([]);
    expect(results.failed).toBe(0);
  });
});
