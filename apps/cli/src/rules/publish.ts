import { userInfo } from 'node:os';
import { publishWorkspace } from '#engine';
import { formatPretty, runRuleTests } from '#rule-testing';
import { commandSettings, shownPath } from '../installation/command-settings.js';
import { withTables } from '../installation/with-installation.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { loadValidWorkspace, loadWorkspace, withTemplateFindings } from './load-workspace.js';
import { counted, showDiagnostics } from './show-diagnostics.js';
import type { ValidWorkspace } from './load-workspace.js';

/** `kairos rules publish`: validates, tests, stores a version. */
export async function publish(terminal: Terminal): Promise<ExitStatus> {
  const config = commandSettings(terminal);
  const loaded = await loadValidWorkspace(terminal, config.workspace, async (folder) =>
    withTemplateFindings(await loadWorkspace(folder)),
  );
  if (loaded === null || !testsPass(terminal, loaded)) {
    terminal.err.line(`${shownPath(terminal, config.workspace)} was not published`);
    return EXIT.findings;
  }
  const { number, unchanged } = await withTables(terminal, config, true, ({ rulesets }) =>
    publishWorkspace(rulesets, loaded.files, userInfo().username),
  );
  const rules = counted(loaded.workspace.rules.length, 'rule');
  if (unchanged) terminal.out.line(`ruleset ${number} (${rules}) is published already: nothing has changed`);
  else
    terminal.out.line(
      `published ${shownPath(terminal, config.workspace)} as ruleset ${number} (${rules}); processes that run take it when they are started again`,
    );
  return EXIT.fine;
}

function testsPass(terminal: Terminal, { files, workspace }: ValidWorkspace): boolean {
  const tests = files.filter(({ path }) => path.endsWith('.test.yaml'));
  if (tests.length === 0) terminal.err.line('the workspace has no tests (rules/NAME.test.yaml)');
  const results = runRuleTests(workspace, tests, { only: null });
  for (const { diagnostics } of results.files) showDiagnostics(terminal.err, diagnostics, tests);
  if (results.failed > 0) terminal.err.line(formatPretty(results));
  return results.failed === 0;
}
