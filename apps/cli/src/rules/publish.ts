import { userInfo } from 'node:os';
import { publishWorkspace, warmingRules } from '#engine';
import { formatPretty, runRuleTests } from '#rule-testing';
import { commandSettings, shownPath } from '../installation/command-settings.js';
import { withTables } from '../installation/with-installation.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { loadValidWorkspace, loadWholeWorkspace } from './load-workspace.js';
import { counted, showDiagnostics } from './show-diagnostics.js';
import { countRuns, previewLines, previewPublication } from './preview-publication.js';
import type { ValidWorkspace } from './load-workspace.js';

export interface PublishOptions {
  readonly removed: 'finish' | 'stop';
  readonly dryRun?: boolean;
}

/** `kairos rules publish`: validates, tests, shows what changes, stores a version and tells every partition. */
export async function publish(terminal: Terminal, { removed, dryRun }: PublishOptions): Promise<ExitStatus> {
  const config = commandSettings(terminal);
  const loaded = await loadValidWorkspace(terminal, config.workspace, loadWholeWorkspace);
  const shown = shownPath(terminal, config.workspace);
  if (loaded === null || !testsPass(terminal, loaded)) {
    terminal.err.line(`${shown} was not published`);
    return EXIT.findings;
  }
  const rules = counted(loaded.workspace.rules.length, 'rule');
  await withTables(terminal, config, true, async ({ rulesets, visitStates }) => {
    const { runs, visit } = countRuns();
    const latest = await rulesets.latest();
    await visitStates(visit);
    const preview = previewPublication(latest, loaded.files, runs);
    for (const line of previewLines(preview, removed)) terminal.out.line(line);
    const warming = warmingRules(latest, loaded.workspace);
    if (warming.length > 0)
      terminal.out.line(
        `  … ${warming.join(', ')}: nothing starts until what is counted anew is filled from the history of events`,
      );
    if (dryRun === true) return terminal.out.line('nothing was published (--dry-run)');
    const { number, unchanged } = await publishWorkspace(rulesets, loaded.files, userInfo().username, removed);
    if (unchanged) terminal.out.line(`ruleset ${number} (${rules}) is published already: nothing has changed`);
    else
      terminal.out.line(
        `published ${shown} as ruleset ${number} (${rules}); engines that run take it within seconds, each partition at its own place in the stream`,
      );
  });
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
